"""Kinds of value that several commands take."""

from argparse import ArgumentTypeError
from zoneinfo import available_timezones


def timezone(name: str) -> str:
    """An IANA name. Raises `ArgumentTypeError`."""
    if name not in available_timezones():
        raise ArgumentTypeError(f"{name!r} is no time zone, like UTC or America/New_York")
    return name
