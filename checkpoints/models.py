"""The index of what is stored. A checkpoint exists when its row is committed."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from checkpoints.storage import checkpoint_storage


class CheckpointType(models.TextChoices):
    """Why it was saved. A label: all verified checkpoints are equal."""

    PERIODIC = "periodic"
    """Every so many epochs or seconds."""
    CANCELLATION = "cancellation"
    """When a user cancelled: no batch is lost."""
    FAILURE = "failure"
    """The last good state before an error."""
    SHUTDOWN = "shutdown"
    """When its worker was told to stop."""
    HOLD = "hold"
    """Where a part waits for its family."""


class CheckpointQuerySet(models.QuerySet["Checkpoint"]):
    def usable(self) -> "CheckpointQuerySet":
        return self.filter(quarantined_at=None)

    def newest_first(self) -> "CheckpointQuerySet":
        return self.order_by("-attempt", "-epoch", "-batch", "-id")

    def try_quarantine(self, checkpoint_id: int, *, reason: str) -> int:
        """Exactly one of any number of concurrent callers gets 1; 0 also when it was deleted."""
        return (
            self.usable()
            .filter(pk=checkpoint_id)
            .update(quarantined_at=Now(), quarantine_reason=reason)
        )

    def try_lift_quarantine(self, checkpoint_id: int) -> int:
        """Exactly one of any number of concurrent callers gets 1."""
        return self.filter(pk=checkpoint_id, quarantined_at__isnull=False).update(
            quarantined_at=None, quarantine_reason=""
        )


class Checkpoint(models.Model):
    """A committed set of artifacts, and the position in the training that they hold."""

    operation = models.ForeignKey(
        "operations.Operation", on_delete=models.CASCADE, related_name="checkpoints"
    )
    attempt = models.PositiveIntegerField()
    """Number of the attempt that saved it; 0 for a copy that the operation begins with."""
    epoch = models.IntegerField()
    """The last completed epoch; -1 when none is."""
    batch = models.PositiveIntegerField()
    """How many batches of the next epoch are done."""
    checkpoint_type = models.CharField(max_length=16, choices=CheckpointType)
    directory = models.CharField(max_length=255, unique=True)
    """Where its artifacts are, as a path in the checkpoint storage."""
    size_bytes = models.PositiveBigIntegerField()
    format_version = models.PositiveIntegerField()
    metrics = models.JSONField(default=dict, blank=True)
    """For display only: what a resume needs is in the artifacts."""
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    verified_at = models.DateTimeField(null=True, blank=True)
    """When every byte was last read back and found as saved."""
    quarantined_at = models.DateTimeField(null=True, blank=True)
    """Set: nothing starts from it, until a verification finds it whole."""
    quarantine_reason = models.TextField(blank=True, default="")

    objects = CheckpointQuerySet.as_manager()

    class Meta:
        ordering = ["operation", "-attempt", "-epoch", "-batch", "-id"]
        indexes = [
            models.Index(
                fields=["operation", "-attempt", "-epoch", "-batch", "-id"],
                name="checkpoint_newest_first",
            ),
            models.Index(fields=["created_at"], name="checkpoint_by_age"),
        ]
        constraints = [
            models.CheckConstraint(name="checkpoint_position_valid", condition=Q(epoch__gte=-1)),
            models.CheckConstraint(
                name="checkpoint_type_known", condition=Q(checkpoint_type__in=CheckpointType.values)
            ),
            models.CheckConstraint(
                name="checkpoint_quarantine_has_reason",
                condition=Q(quarantined_at=None, quarantine_reason="")
                | (Q(quarantined_at__isnull=False) & ~Q(quarantine_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return (
            f"{self.checkpoint_type} checkpoint of {self.operation_id} "
            f"(attempt {self.attempt}, epoch {self.epoch}, batch {self.batch})"
        )


class CheckpointArtifact(models.Model):
    """One stored file of a checkpoint, with what it takes to recognise it."""

    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.CASCADE, related_name="artifacts")
    name = models.CharField(max_length=100)
    file = models.FileField(storage=checkpoint_storage, max_length=500)
    """`store` writes the file and gives its whole path: nothing is ever saved through the field."""
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["checkpoint", "name"]
        constraints = [
            models.UniqueConstraint(fields=["checkpoint", "name"], name="artifact_name_once")
        ]

    def __str__(self) -> str:
        return self.name
