"""Every transition is in `lifecycle.py`, and every UPDATE's row count is looked at: the code itself
is what is tested here."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from operations.models import OperationQuerySet

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = ("ktrdr_site", "training", "operations", "checkpoints")
LIFECYCLE = PROJECT / "operations" / "lifecycle.py"

TRANSITIONS = {name for name in dir(OperationQuerySet) if name.startswith("try_")}

LIFECYCLE_COLUMNS = {
    "status",
    "attempt",
    "claimed_at",
    "claim_token",
    "worker",
    "lease_expires_at",
    "cancel_requested_at",
    "restarts",
    "rings",
    "last_event",
    "completed_at",
    "waiting",
    "hold_at",
    "held_at",
    "part_of",
    "part_number",
    "part_value",
    "part_end",
}

NOTHING_DEPENDS_ON = {"ApiToken"}
"""When a token was last used is only shown."""


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((PROJECT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path, ast.parse(path.read_text())


def place(path: Path, node: ast.stmt | ast.expr) -> str:
    return f"{path.relative_to(PROJECT)}:{node.lineno}"


def calls_of_transitions(tree: ast.Module) -> Iterator[ast.Attribute]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in TRANSITIONS:
            yield node


def root_name(node: ast.expr) -> str:
    """`Operation` of `Operation.objects.filter(…).update`."""
    while isinstance(node, ast.Attribute | ast.Call):
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return node.id if isinstance(node, ast.Name) else ""


def updates(tree: ast.AST) -> Iterator[ast.Call]:
    """Calls of `objects.update(…)`, `….filter(…).update(…)` and `rows.update(…)`: a dictionary's
    `update` and a progress bar's are called on another name or an attribute."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("update", "bulk_update")
            and is_queryset(node.func.value)
        ):
            yield node


def is_queryset(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) or (
        (isinstance(node, ast.Attribute) and node.attr == "objects")
        or (isinstance(node, ast.Name) and node.id == "rows")
    )


def writes_of_columns(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Attribute) and target.attr in LIFECYCLE_COLUMNS:
                    yield target


def test_there_are_updates_to_look_for() -> None:
    found = {path.name for path, tree in modules() if list(updates(tree))}
    assert {"guards.py", "recording.py", "store.py"} <= found


def test_there_are_transitions_to_look_for() -> None:
    assert {"try_resume", "try_claim", "try_end", "try_lose"} <= TRANSITIONS


def test_nothing_but_lifecycle_calls_a_transition() -> None:
    elsewhere = [
        place(path, call)
        for path, tree in modules()
        if path != LIFECYCLE
        for call in calls_of_transitions(tree)
        if call.attr not in ("try_quarantine", "try_lift_quarantine")
    ]
    assert elsewhere == []


def test_lifecycle_calls_every_transition() -> None:
    called = {
        call.attr
        for path, tree in modules()
        if path == LIFECYCLE
        for call in calls_of_transitions(tree)
    }
    assert called == TRANSITIONS


def test_operations_are_updated_by_transitions_alone() -> None:
    direct = [
        place(path, call)
        for path, tree in modules()
        for call in updates(tree)
        if "Operation" in {root_name(each) for each in (call.func, *call.args)}
    ]
    assert direct == []


def test_no_column_of_the_lifecycle_is_ever_assigned() -> None:
    """A loaded row is read, never changed and saved: that would write all of it, from the past."""
    assigned = {
        place(path, target)
        for path, tree in modules()
        if path.parent.name != "migrations"
        for target in writes_of_columns(tree)
        if root_name(target) not in ("self", "job", "args", "process")
    }
    assert assigned == set()


@pytest.mark.parametrize("package", ["operations", "checkpoints"])
def test_every_row_count_is_looked_at(package: str) -> None:
    """An UPDATE that stands alone as a statement has thrown its answer away."""
    thrown_away = [
        place(path, statement)
        for path, tree in modules()
        if path.is_relative_to(PROJECT / package)
        for statement in ast.walk(tree)
        if isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Call)
        and statement.value in list(updates(statement))
        and root_name(statement.value.func) not in NOTHING_DEPENDS_ON
    ]
    assert thrown_away == []


def test_every_transition_counts_its_rows() -> None:
    """In `lifecycle.py` no answer of a `try_*` is dropped either."""
    dropped = [
        place(path, statement)
        for path, tree in modules()
        if path == LIFECYCLE
        for statement in ast.walk(tree)
        if isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Call)
        and isinstance(statement.value.func, ast.Attribute)
        and statement.value.func.attr in TRANSITIONS
    ]
    assert dropped == []
