"""Kinds of value that several commands take."""

from argparse import ArgumentParser, ArgumentTypeError
from zoneinfo import available_timezones

from training.launch.resume_options import ACCEPT_SEEN_TEST


def timezone(name: str) -> str:
    """An IANA name. Raises `ArgumentTypeError`."""
    if name not in available_timezones():
        raise ArgumentTypeError(f"{name!r} is no time zone, like UTC or America/New_York")
    return name


def add_accept_seen_test_argument(parser: ArgumentParser) -> None:
    parser.add_argument("--accept-seen-test", action="store_true", help=ACCEPT_SEEN_TEST)
