"""What a training leaves behind."""

from django.db import models
from django.db.models.functions import Now

from checkpoints.storage import checkpoint_storage


class TrainedModel(models.Model):
    """The best epoch's network of a completed training, as a bundle of files, and its metrics."""

    operation = models.OneToOneField(
        "operations.Operation", on_delete=models.CASCADE, related_name="trained_model"
    )
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(db_default=Now())
    weights = models.FileField(storage=checkpoint_storage, max_length=255)
    """model.safetensors, without metadata: the same weights are the same bytes."""
    manifest = models.FileField(storage=checkpoint_storage, max_length=255)
    """manifest.json: everything besides the weights that a prediction needs."""
    size_bytes = models.PositiveBigIntegerField()
    weights_sha256 = models.CharField(max_length=64)
    metrics = models.JSONField()
    """Of the test part: see training/evaluation.py."""
    strategy = models.JSONField()
    """The snapshot it was trained with."""

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.operation_id})"
