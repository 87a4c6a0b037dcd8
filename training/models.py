"""What a training starts from, and what it leaves behind."""

from django.db import models
from django.db.models.functions import Now

from checkpoints.storage import checkpoint_storage
from operations.models import NAME_MAX_LENGTH

MODELS = "models"
"""The directory in the checkpoint storage that holds trained models."""

FINAL_STATE = "final-state."
"""Begins the names of a model's files that are not its bundle's: the whole last state."""


class TrainedModel(models.Model):
    """The best epoch's network of a completed training, as a bundle of files, and its metrics."""

    operation = models.OneToOneField(
        "operations.Operation", on_delete=models.CASCADE, related_name="trained_model"
    )
    name = models.CharField(max_length=NAME_MAX_LENGTH)
    created_at = models.DateTimeField(db_default=Now())
    size_bytes = models.PositiveBigIntegerField()
    weights_sha256 = models.CharField(max_length=64)
    """SHA-256 of model.safetensors, the best epoch's weights: equal trainings have equal bytes, but
    equal bytes prove nothing about what came after that epoch. The state digest does."""
    evaluation = models.JSONField()
    """Scores of the test part, beside its baselines: see training/evaluation."""
    strategy = models.JSONField()
    """The snapshot it was trained with."""
    test_symbols = models.JSONField(null=True)
    """Symbols of the test part, sorted; `training/trained/looks.py` reads these three."""
    test_first_time = models.BigIntegerField(null=True)
    """Open of the first test sample's bar, Unix seconds."""
    test_end_time = models.BigIntegerField(null=True)
    """When the last test sample's bar had ended, Unix seconds."""

    state_digest: str | None
    """SHA-256 of the whole last state, from the operation's result; `stored_models` reads it."""
    times_scored: int
    """How many models were scored on these bars by now; `looks.count` sets it."""
    best_epoch: int | None
    """With the next two of the operation's result; `stored_models.visible_to` sets them."""
    epochs_trained: int | None
    data_ranges: dict[str, dict[str, int]] | None
    """First and last bar by `SYMBOL/timeframe`; version 0.1.0 kept none."""

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["-created_at", "-id"], name="model_newest_first")]

    def __str__(self) -> str:
        return f"{self.name} ({self.operation_id})"


class ModelArtifact(models.Model):
    """One file of a trained model: of its bundle, or of the state that `extend` goes on from."""

    trained_model = models.ForeignKey(
        TrainedModel, on_delete=models.CASCADE, related_name="artifacts"
    )
    name = models.CharField(max_length=100)
    file = models.FileField(storage=checkpoint_storage, max_length=255)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["trained_model", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["trained_model", "name"], name="model_artifact_name_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class MarketDataQuerySet(models.QuerySet["MarketData"]):
    def newest_first(self) -> "MarketDataQuerySet":
        """By import; of each symbol and timeframe the first is the current one."""
        return self.order_by("-imported_at", "-id")


class MarketData(models.Model):
    """One import of a symbol's bars at one timeframe. The file never changes."""

    symbol = models.CharField(max_length=32)
    timeframe = models.CharField(max_length=3)
    fingerprint = models.CharField(max_length=64)
    """SHA-256 over the normalised rows."""
    file = models.CharField(max_length=255)
    """Name in the checkpoint storage; imports with the same bars share it."""
    num_rows = models.PositiveBigIntegerField()
    first_time = models.BigIntegerField()
    """Open of the first bar, Unix seconds, UTC."""
    last_time = models.BigIntegerField()
    """Open of the last bar."""
    report = models.JSONField()
    """`training.market_data.DataReport`."""
    imported_at = models.DateTimeField(db_default=Now())

    objects = MarketDataQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "market data"
        constraints = [
            models.UniqueConstraint(
                fields=["symbol", "timeframe", "fingerprint"], name="market_data_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.symbol} {self.timeframe} ({self.num_rows} rows)"
