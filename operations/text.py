"""What a text may hold: anywhere at all, in a name or a reason, and on a terminal."""

import re

UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""PostgreSQL has no NUL; UTF-8, and so an answer, has no half of a surrogate pair."""

_DIRECTIONS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_CONTROLS = f"\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029{_DIRECTIONS}\ud800-\udfff"
DIRECTING = re.compile(f"[{_CONTROLS}]")
"""What moves a cursor or turns the order of what follows: a command to a terminal, to a reader a
disguise. Lines and tabs are none."""
UNSPEAKABLE = re.compile(f"[\t\n{_CONTROLS}]")

_LOGIN = re.compile(r'\b(user|role) (\\?")[^"\\]*\2')
"""In JSON, too."""


def unstorable(text: str) -> str:
    """The first character that cannot be stored, as `U+0000`; empty where there is none."""
    return _first(UNSTORABLE, text)


def as_storable(text: str) -> str:
    """For what is ours to keep and may quote anything, such as an error of a library."""
    return text.replace("\0", "\N{SYMBOL FOR NULL}").encode("utf-8", "replace").decode()


def unspeakable(text: str) -> str:
    """The first character that no name and no reason may hold, as `U+001B`; empty without one."""
    return _first(UNSPEAKABLE, text)


def printable(text: str) -> str:
    """For a terminal: what would direct it is written `\\u001b`, which JSON reads as it was."""
    return DIRECTING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def without_login(text: str) -> str:
    """What a database said, without as whom it was asked: PostgreSQL names the user of the URL."""
    return _LOGIN.sub(r"this \1", text)


def _first(forbidden: re.Pattern[str], text: str) -> str:
    found = forbidden.search(text)
    return f"U+{ord(found[0]):04X}" if found else ""
