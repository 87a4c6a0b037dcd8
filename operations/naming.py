"""What a child is called: as its parent, with what is different about it."""

from operations.models import NAME_MAX_LENGTH

AGAIN = "again"
SEPARATOR = ", "
MOST_CHARACTERS = 120
"""Of the changes: with more of them only their number is told."""


def child_name(parent: str, changes: tuple[str, ...]) -> str:
    """`sp500_daily, epochs 200`. Each change begins with a word for what it changes; it takes the
    place of the same change in the parent's own name. Empty of a parent without a name.
    """
    if not parent:
        return ""
    told = changes if len(SEPARATOR.join(changes)) <= MOST_CHARACTERS else (_counted(changes),)
    kept = [part for part in parent.split(SEPARATOR) if not _is_replaced(part, told)]
    ending = "".join(SEPARATOR + change for change in told)
    return SEPARATOR.join(kept or [parent])[: NAME_MAX_LENGTH - len(ending)] + ending


def name_again(parent: str) -> str:
    """`sp500_daily, again`; of that `sp500_daily, again 2`."""
    *_, last = parent.split(SEPARATOR)
    word, _, number = last.partition(" ")
    if word != AGAIN or (number and not number.isdecimal()):
        return child_name(parent, (AGAIN,))
    return child_name(parent, (f"{AGAIN} {int(number or 1) + 1}",))


def _counted(changes: tuple[str, ...]) -> str:
    return f"changes {len(changes)}"


def _is_replaced(part: str, changes: tuple[str, ...]) -> bool:
    """Whether it is a change by its form, `word` or `word value`, of what is changed anew."""
    words = part.split(" ")
    return len(words) <= 2 and any(words[0] == change.split(" ")[0] for change in changes)
