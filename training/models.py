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
