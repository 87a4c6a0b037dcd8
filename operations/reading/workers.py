"""Whether anybody is there to train, in words: the same on pages and in commands."""

from operations import selectors
from operations.models import Process

STARTING = "A worker is starting: it compiles once, for up to a minute, and then takes what waits."
NONE = "No worker is running: what is started waits for one."


def absence() -> str:
    """Empty where a worker is there."""
    workers = selectors.alive(Process.Kind.WORKER) | selectors.starting_workers()
    details = list(workers.order_by().values_list("details", flat=True))
    if any("starting" not in told for told in details):
        return ""
    return STARTING if details else NONE
