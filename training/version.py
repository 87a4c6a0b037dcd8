"""KTRDR's version, part of every fingerprint and every bundle, and that of a dataset's rows."""

VERSION = "0.2.0"

ROWS_VERSION = 1
"""Raised only when equal bars give other rows or other labels; 0.1.0, which stored none, is 0."""
