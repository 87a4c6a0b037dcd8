"""What a text may hold."""

import re

UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""PostgreSQL has no NUL; UTF-8, and so an answer, has no half of a surrogate pair."""


def unstorable(text: str) -> str:
    """The first character that cannot be stored, as `U+0000`; empty where there is none."""
    found = UNSTORABLE.search(text)
    return f"U+{ord(found[0]):04X}" if found else ""


def as_storable(text: str) -> str:
    """For what is ours to keep and may quote anything, such as an error of a library."""
    return text.replace("\0", "\N{SYMBOL FOR NULL}").encode("utf-8", "replace").decode()
