"""What a family decides about its parts: `lifecycle.park` writes it, in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class NewPart:
    """A part that a family makes. It belongs to the family's owner."""

    operation_id: str
    """From `new_operation_id`."""
    number: int
    """In the family, from 1: the lowest one that waits is taken first."""
    operation_type: str
    request: Mapping[str, Any]
    queue: str
    name: str = ""
    max_restarts: int | None = None
    hold_at: int | None = None
    """The step at which it waits for the family; None: it runs to its end."""


@dataclass(frozen=True, kw_only=True)
class StoppedPart:
    """A part that ended without a result, and goes on."""

    operation_id: str
    attempt: int
    """The one that ended."""
    request: Mapping[str, Any]
    queue: str
    resumed_from: Mapping[str, Any] | None
    """The checkpoint, as `restore_point.describe` tells of it; None: from the beginning."""
    hold_at: int | None


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What a family makes of its parts before it waits for those that run."""

    new: Sequence[NewPart] = ()
    released: Sequence[str] = ()
    """Ids of held parts that go on."""
    hold_at: int | None = None
    """Where those hold next; None: they run to their end."""
    out: Sequence[str] = ()
    """Ids of held parts that end."""
    resumed: Sequence[StoppedPart] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    """For the event `waiting`: what was decided, and on what."""
