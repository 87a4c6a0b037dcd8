"""How much is stored."""

from dataclasses import dataclass

from django.db.models import Count, Sum

from checkpoints.models import Checkpoint, CheckpointQuerySet


@dataclass(frozen=True, kw_only=True)
class Stored:
    count: int
    size_bytes: int


@dataclass(frozen=True, kw_only=True)
class CheckpointStatistics:
    total: Stored
    by_type: dict[str, Stored]
    """By checkpoint type; types of which there are none are left out."""
    quarantined: Stored


def checkpoint_statistics() -> CheckpointStatistics:
    """Over all operations, quarantined checkpoints included. Reads rows only, never the storage."""
    by_type = (
        Checkpoint.objects.order_by("checkpoint_type")
        .values("checkpoint_type")
        .annotate(count=Count("pk"), size_bytes=Sum("size_bytes"))
    )
    return CheckpointStatistics(
        total=_stored(Checkpoint.objects.all()),
        by_type={
            row["checkpoint_type"]: Stored(count=row["count"], size_bytes=row["size_bytes"])
            for row in by_type
        },
        quarantined=_stored(Checkpoint.objects.filter(quarantined_at__isnull=False)),
    )


def _stored(checkpoints: CheckpointQuerySet) -> Stored:
    sums = checkpoints.aggregate(count=Count("pk"), size_bytes=Sum("size_bytes", default=0))
    return Stored(count=sums["count"], size_bytes=sums["size_bytes"])
