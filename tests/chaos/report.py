"""What is left when the chaos is over: a table whose every count but the first two is 0."""

from collections import Counter
from dataclasses import dataclass

from operations.models import LIVE, Operation, Status
from tests.acceptance import trainings
from tests.chaos.invariants import broken_rules
from tests.chaos.site import Site


@dataclass(frozen=True, kw_only=True)
class Report:
    seed: str
    seconds: float
    faults: Counter[str]
    operations: Counter[str]
    """By status."""
    lost: list[str]
    """Operations that failed, or whose row is gone."""
    doubled: list[str]
    """Rules of happening once that an operation broke, in words."""
    stuck: list[str]
    unequal: list[str]
    """Completed with other bytes than their undisturbed twin."""

    @property
    def broken(self) -> list[str]:
        return [*self.lost, *self.doubled, *self.stuck, *self.unequal]

    def table(self) -> str:
        rows = [
            *((kind, count) for kind, count in sorted(self.faults.items())),
            ("faults", self.faults.total()),
            *((f"operations {status}", count) for status, count in sorted(self.operations.items())),
            *((name, len(getattr(self, name))) for name in ("lost", "doubled", "stuck", "unequal")),
        ]
        lines = [f"{name:32}{count:6}" for name, count in rows]
        return "\n".join([f"chaos for {self.seconds:.0f} s, seed {self.seed}", *lines])


def examine(site: Site, faults: Counter[str], *, seed: str, seconds: float) -> Report:
    rows = {row.pk: row for row in Operation.objects.filter(pk__in=site.operations)}
    missing = [f"{pk}: its row is gone" for pk in site.operations if pk not in rows]
    missing += [f"order {key}: never answered" for key in site.front.unanswered]
    twice = [f"{pk}: started by no order of its own" for pk in site.started_behind_the_back()]
    failed = [
        f"{row.pk}: failed with {row.error_code}"
        for row in rows.values()
        if row.status == Status.FAILED
    ]
    return Report(
        seed=seed,
        seconds=seconds,
        faults=faults,
        operations=Counter(row.status for row in rows.values()),
        lost=missing + failed,
        doubled=twice + [fault for row in rows.values() for fault in broken_rules(row)],
        stuck=[trainings.story(row) for row in rows.values() if row.status in LIVE],
        unequal=[
            f"{row.pk}: not the model of its twin"
            for row in rows.values()
            if row.status == Status.COMPLETED
            and trainings.digests(row) != site.twins[site.operations[row.pk]]
        ],
    )
