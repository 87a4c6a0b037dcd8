"""Why a model decided as it did on one bar, and which of its inputs matter over many. Free of
torch."""
