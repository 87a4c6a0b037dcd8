"""Trained models: bundled, stored, found again, applied to new bars."""
