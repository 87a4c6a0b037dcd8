"""The help of `ktrdr` on one screen of 80 x 24, its prompt included."""

from collections.abc import Iterator
from itertools import zip_longest

from ktrdr_site.command.words import SECTIONS, Word, group

LEFT, RIGHT = ("Train", "Strategies", "Models and data"), ("Operations", "The site")
WIDTH = 40
"""Of a column."""
NAME = 11
"""Of a word, with the space behind it."""
HEAD = "ktrdr COMMAND …          `ktrdr COMMAND --help` tells all that it takes"


def screen() -> str:
    pairs = zip_longest(_column(LEFT), _column(RIGHT), fillvalue="")
    return "\n".join([HEAD, "", *(f"{left:{WIDTH}}{right}".rstrip() for left, right in pairs)])


def of_group(first: str) -> str:
    """What `ktrdr data` and its like can be followed by."""
    return "\n".join(f"  {word.typed:{2 * NAME}}{word.about}" for word in group(first).values())


def _column(names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        if name != names[0]:
            yield ""
        yield name
        yield from _lines(SECTIONS[name])


def _lines(words: tuple[Word, ...]) -> Iterator[str]:
    """What shares a first word shares a line."""
    for first in dict.fromkeys(word.typed.split()[0] for word in words):
        seconds = group(first)
        about = next(word.about for word in words if word.typed.startswith(first))
        yield _line(first, ", ".join(seconds) if seconds else about)


def _line(typed: str, about: str) -> str:
    return f"  {typed:{NAME}}{about}"
