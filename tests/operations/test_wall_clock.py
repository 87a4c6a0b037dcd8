"""No decision about an operation asks a machine's own clock: one that is an hour off harms nothing.

Leases, ages and times of events are the database's, pauses are the monotonic clock's.
"""

import ast
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]

WALL_CLOCKS = {"time.time", "time.time_ns", "timezone.now", "datetime.now", "date.today"}

USES = {
    "operations/lifecycle.py": "new_operation_id: the time in an id is for its reader",
    "operations/access/tokens.py": "when a token expires, in days",
    "operations/webhook/signature.py": "when a message was signed, for its receiver",
    "operations/templatetags/dashboard.py": "how long ago something was, for its reader",
    "operations/views/attempts_picture.py": "how far the bar of a running attempt goes, to look at",
    "operations/reading/overview.py": "what remains of a family is an estimate, for its reader",
    "checkpoints/files.py": "files without a row go after a day by the storage's clock",
    "training/uploads/folder.py": "an upload waits for an hour, and can be sent again",
    "training/features/cache.py": "which cached features were not used for days",
    "training/launch/resuming.py": "when changed data were accepted: a record",
}
"""Every module that reads it, and why an hour more or less does not matter there."""


def test_the_wall_clock_is_read_only_where_an_hour_does_not_matter() -> None:
    assert {path for path in modules() if reads_the_clock(PROJECT / path)} == set(USES)


def test_the_worker_and_the_sweeper_never_read_it() -> None:
    deciding = ("operations/upkeep/sweeper.py", "training/worker.py", "training/jobs.py")
    attempt = [path for path in modules() if path.startswith("training/attempt/")]
    assert len(attempt) > 5
    assert not any(reads_the_clock(PROJECT / path) for path in (*deciding, *attempt))


def modules() -> list[str]:
    return [
        path.relative_to(PROJECT).as_posix()
        for package in ("operations", "checkpoints", "training")
        for path in (PROJECT / package).rglob("*.py")
        if "migrations" not in path.parts
    ]


def reads_the_clock(path: Path) -> bool:
    calls = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    return any(ast.unparse(call.func) in WALL_CLOCKS for call in calls)
