"""The run of one attempt: kept alive beside the training, and ended once."""
