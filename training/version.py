"""KTRDR's version: part of every fingerprint and every bundle."""

VERSION = "0.1.0"
