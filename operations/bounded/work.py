"""What can be done in the room: a function, and what it may take."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Tell = Callable[[str], None]
"""Called with each step that begins, in words."""

Function = Callable[[Mapping[str, Any], Tell], Any]
"""Of its arguments, plain JSON; its answer is, too. Raises domain errors."""


@dataclass(frozen=True, kw_only=True)
class Work:
    """One kind of work."""

    name: str
    """A noun, for messages."""
    function: str
    """Dotted path of a `Function`, which runs in the child."""
    seconds: float
    """From when it begins."""
    memory_mb: int
    """Beyond what the child begins with."""
    newest_counts: bool
    """Whether a newer one of the same user ends the older; else it waits for that."""
    writes: bool = False
    """Whether it may change the database."""
