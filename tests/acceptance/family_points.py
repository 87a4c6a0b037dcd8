"""Every failpoint of a family's life, by who reaches it."""

REQUEST = ("dismiss.updated", "dismiss.asked")
WORKER = (
    *(f"park.{step}" for step in ("updated", "inserted", "resumed", "written")),
    *(f"hold.{step}" for step in ("updated", "written")),
    *("release.updated", "retire.updated"),
    *(f"settle.{step}" for step in ("updated", "woken")),
    "wake.taken",
    *(f"parts.{step}" for step in ("begin", "rung")),
)
