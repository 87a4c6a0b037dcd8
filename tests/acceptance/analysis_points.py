"""Every failpoint of an analysis's life, by what it takes to reach it."""

MEASURING = (
    "analysis.begin",
    *("claim.written", "analysis.claimed", "analysis.prepared"),
    *(f"analysis.group.{step}" for step in ("measured", "inserted", "kept")),
    "analysis.complete.begin",
    *(f"end.complete.{step}" for step in ("updated", "written")),
    "analysis.complete.committed",
)
FAILING = ("fail.begin", "end.failed.written", "fail.committed")
CANCELLED = ("analysis.stop.begin", "end.cancelled.written", "analysis.stop.cancelled")
INTERRUPTED = ("end.interrupt.written", "analysis.stop.interrupted")
EVERY = (*MEASURING, *FAILING, *CANCELLED, *INTERRUPTED)
