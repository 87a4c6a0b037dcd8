"""Every failpoint of a family's life, by who reaches it."""

REQUEST = ("dismiss.updated", "dismiss.asked")
WORKER = (
    *(f"park.{step}" for step in ("updated", "inserted", "resumed", "written")),
    *(f"hold.{step}" for step in ("updated", "written")),
    *("release.updated", "retire.updated"),
    *(f"settle.{step}" for step in ("updated", "woken")),
    "wake.taken",
    *(f"parts.{step}" for step in ("next", "begin", "rung")),
)
AROUND_A_RUNG = (
    "claim.end",
    *(f"checkpoint.stage.{step}" for step in ("begin", "end")),
    *(f"checkpoint.commit.{step}" for step in ("begin", "inserted", "end")),
    *(f"end.held.{step}" for step in ("begin", "committed")),
    *(f"hold.{step}" for step in ("updated", "written")),
    *(
        "parts.next",
        "checkpoint.read",
        "park.written",
        "settle.woken",
        "release.updated",
        "retire.updated",
    ),
    *("model.commit.row", "end.complete.written"),
)
"""Reached by a training that is a part."""
