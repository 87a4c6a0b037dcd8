"""The devices a caller can ask for; what a worker has of them, it finds out itself."""

DEVICES = ("auto", "cpu", "cuda")
"""`auto`: the best that the worker has."""
