"""Saying what is being done, so that a long preparation is not taken for a dead one."""

from collections.abc import Callable

Progress = Callable[[str], None]


def no_progress(_: str) -> None:
    """Say nothing."""
