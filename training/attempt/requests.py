"""What others ask of a training, on any thread, until it comes to its next step boundary."""

from enum import Enum

from training.trainer.run import Attention, Request


class StopReason(Enum):
    CANCEL = "cancellation"
    SHUTDOWN = "shutdown"
    SUPERSEDED = "superseded"


class StopRequestedError(Exception):
    """A stop was asked for before the training had a state to save."""


class Requests:
    """Asked on any thread, taken up on the training thread only."""

    def __init__(self) -> None:
        self.attention = Attention()
        self.stop_reason: StopReason | None = None
        self._report_wanted = False
        self._save_wanted = False

    def stop(self, reason: StopReason) -> None:
        """The first reason counts, except for being superseded, which overrides any other."""
        if self.stop_reason is None or reason is StopReason.SUPERSEDED:
            self.stop_reason = reason
            self.attention.call()

    def report(self) -> None:
        self._report_wanted = True
        self.attention.call()

    def save(self) -> None:
        self._save_wanted = True
        self.attention.call()

    def take_up(self) -> Request:
        """All that was asked for until now. A stop stays asked for."""
        self.attention.clear()
        requests = Request.NONE
        if self._report_wanted:
            self._report_wanted = False
            requests |= Request.REPORT
        if self._save_wanted:
            self._save_wanted = False
            requests |= Request.SAVE
        return requests | (Request.STOP if self.stop_reason else Request.NONE)

    def raise_if_stopped(self) -> None:
        """For where there is no state yet. Raises `StopRequestedError`."""
        if self.stop_reason is not None:
            raise StopRequestedError
