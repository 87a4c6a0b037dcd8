"""Lines of events as they come; of saves that follow each other the first and the last."""

from collections.abc import Callable

from operations.models import Event, EventType


class Folding:
    """A training saves every few seconds, and nothing else may happen for hours."""

    def __init__(self, line: Callable[[Event], str]) -> None:
        self._line = line
        self._follows_a_save = False
        self._last: Event | None = None
        self._num_held = 0

    @property
    def held(self) -> str:
        """The newest save that has no line of its own yet; empty where each has one."""
        if self._last is None:
            return ""
        more = self._num_held - 1
        return self._line(self._last) + (f"  and {more} before it" if more else "")

    def lines(self, event: Event) -> list[str]:
        """What is to be written now."""
        is_save = event.event_type == EventType.CHECKPOINT_SAVED
        if is_save and self._follows_a_save:
            self._last, self._num_held = event, self._num_held + 1
            return []
        self._follows_a_save = is_save
        return [*self.rest(), self._line(event)]

    def rest(self) -> list[str]:
        """What is held, which is held no longer."""
        held, self._last, self._num_held = self.held, None, 0
        return [held] if held else []
