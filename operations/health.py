"""Whether this site can do its work: for load balancers, orchestrators and people."""

from dataclasses import asdict, dataclass
from typing import Any

from operations import dispatch, selectors
from operations.models import Process
from operations.outage import DATABASE_FAULT


@dataclass(frozen=True, kw_only=True)
class Health:
    database: bool
    redis: bool
    sweepers: int
    """Alive ones."""
    workers: int

    @property
    def missing(self) -> list[str]:
        return [name for name, is_there in asdict(self).items() if not is_there]

    def as_json(self) -> dict[str, Any]:
        up = "degraded" if self.missing else "ok"
        status = up if self.database else "down"
        return {"status": status, "missing": self.missing, **asdict(self)}


def look() -> Health:
    try:
        sweepers = selectors.alive(Process.Kind.SWEEPER).count()
        workers = selectors.alive(Process.Kind.WORKER).count()
    except DATABASE_FAULT:
        return Health(database=False, redis=dispatch.answers(), sweepers=0, workers=0)
    return Health(database=True, redis=dispatch.answers(), sweepers=sweepers, workers=workers)
