"""What every command owes the other side of its output: a terminal of any kind, or a pipe."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper

SIGPIPE_EXIT = 128 + 13
"""As a shell says it of who was ended by a closed pipe."""


@contextmanager
def plain_speech() -> Iterator[None]:
    """Say in ASCII what a terminal cannot show, and end quietly when nobody reads any more."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        _forget_output()
        sys.exit(SIGPIPE_EXIT)


def _forget_output() -> None:
    """What is left in the buffer would fail once more, when the interpreter ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
