"""Families that score a strategy on every part of its history: walk-forward, cross-validation.

Each fold is a training on explicit runs of train, validation and test; what they decide on bars
that none of them was trained on is put together to one account, or to several.
"""
