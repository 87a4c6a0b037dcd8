"""Why the room has no answer."""

from operations.bounded.work import Work
from operations.errors import DomainError


class TooBusy(DomainError):
    """
    Other previews and predictions are being computed: nothing was done. Try again in {wait} s.
    """

    code = "too_busy"
    status = 429

    def __init__(self, *, wait: int) -> None:
        super().__init__(wait=wait)
        self.wait = wait  # seconds, for Retry-After


class TooManyReadings(TooBusy):
    """
    Other checkpoints, or another one of yours, are being read back: nothing was done. Try again in
    {wait} s.
    """


class Replaced(DomainError):
    """A newer {name} of yours took the place of this one."""

    code = "replaced_by_newer"
    status = 409


class ClientGone(DomainError):
    """Nobody waits for this answer any more: the work was ended."""

    code = "client_gone"
    status = 400


class OverLimit(Exception):
    """The work would have taken more than it may."""

    def __init__(self, work: Work, *, reason: str, step: str) -> None:
        super().__init__(f"{work.name}: {reason}, at this step: {step}")
        self.reason = reason  # a half sentence
        self.step = step


class TookTooLong(OverLimit):
    def __init__(self, work: Work, *, step: str) -> None:
        super().__init__(work, reason=f"it took longer than {work.seconds:g} s", step=step)


class TookTooMuchMemory(OverLimit):
    def __init__(self, work: Work, *, step: str) -> None:
        super().__init__(work, reason=f"it needs more than {work.memory_mb} MB", step=step)


class NoAnswer(Exception):
    """The work ended in an error of ours, which the site's log tells."""
