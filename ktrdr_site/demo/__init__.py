"""The product's story in a minute of terminal, on real parts."""
