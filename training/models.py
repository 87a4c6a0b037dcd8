"""What a training starts from, and what it leaves behind."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models.functions import Now

from checkpoints.models import Checkpoint
from checkpoints.storage import checkpoint_storage
from operations.models import ACTOR_NAME_MAX_LENGTH, LIVE, NAME_MAX_LENGTH, ActorKind
from operations.places import FIGURES

if TYPE_CHECKING:
    from training.trained.looks import Looks

MODELS = "models"
"""The directory in the checkpoint storage that holds trained models."""

FINAL_STATE = "final-state."
"""Begins the names of a model's files that are not its bundle's: the whole last state."""


SORTED_BY = (
    *("net_return", "sharpe", "max_drawdown", "accuracy", "val_loss", "best_epoch"),
    "test_first_time",
)
"""Columns of a model that lists are sorted by, beside when it was made."""
PLACES = dict(zip((*SORTED_BY, "created_at"), FIGURES, strict=True))
"""Where the lists' own rows have each: a number, and of when it was made microseconds."""


class Score(models.Model):
    """That a test range was looked at: one line of the ledger. It outlives whatever was scored.

    What has the same returns on the same bars is one look, whoever trained it however often.
    """

    identity = models.CharField(max_length=64, primary_key=True)
    """SHA-256 of symbols, timeframe, range and returns; see `training/trained/ledger.py`."""
    look = models.CharField(max_length=64)
    """What counts as one: its own identity, or what the windows of a family share."""
    operation_id = models.CharField(max_length=64)
    """Whose result it was first, as its id: that may be gone by now."""
    owner_name = models.CharField(max_length=ACTOR_NAME_MAX_LENGTH, blank=True, default="")
    symbols = models.JSONField()
    """Sorted."""
    timeframe = models.CharField(max_length=3)
    """The base one: of the bars that were traded."""
    first_time = models.BigIntegerField()
    """Open of the first test sample's bar, Unix seconds."""
    end_time = models.BigIntegerField()
    """When the last test sample's bar had ended, Unix seconds."""
    # Moments of the returns: null without variance, and of what version 0.1.0 scored.
    sharpe = models.FloatField(null=True)
    """Of one return, not annual."""
    num_returns = models.PositiveIntegerField(null=True)
    skewness = models.FloatField(null=True)
    kurtosis = models.FloatField(null=True)
    scored_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["scored_at", "identity"]

    def __str__(self) -> str:
        return f"{', '.join(self.symbols)} {self.timeframe}: {self.identity[:12]}"


class ScoredSymbol(models.Model):
    """A score is found by each of its symbols; with a copy of its range and look, for one index."""

    score = models.ForeignKey(
        Score,
        on_delete=models.CASCADE,
        related_name="by_symbol",
        db_index=False,  # `scored_symbol_once` begins with it
    )
    symbol = models.CharField(max_length=32)
    timeframe = models.CharField(max_length=3)
    first_time = models.BigIntegerField()
    end_time = models.BigIntegerField()
    seconds = models.BigIntegerField()
    """From one to the other: the longest tells how far back one may begin that meets another."""
    look = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["score", "symbol"], name="scored_symbol_once")
        ]
        indexes = [
            models.Index(
                fields=["symbol", "timeframe", "first_time", "end_time", "look"],
                name="score_by_range",
            ),
            models.Index(fields=["symbol", "timeframe", "seconds"], name="score_by_length"),
        ]

    def __str__(self) -> str:
        return f"{self.symbol} {self.timeframe}"


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
    score = models.ForeignKey(
        Score, null=True, on_delete=models.PROTECT, related_name="models", db_index=False
    )
    """Its line of the ledger; null of a result of version 0.1.0 that did not tell its range."""
    test_first_time = models.BigIntegerField(null=True)
    """Open of the first test sample's bar, Unix seconds."""

    # What lists are sorted and chosen by (`PLACES`), from evaluation and strategy: see
    # `training/trained/columns.py`. Null where it is not defined, or was not kept.
    net_return = models.FloatField(null=True)
    sharpe = models.FloatField(null=True)
    max_drawdown = models.FloatField(null=True)
    accuracy = models.FloatField(null=True)
    val_loss = models.FloatField(null=True)
    """Of the best epoch."""
    best_epoch = models.PositiveIntegerField(null=True)
    """Whose network the model is; epochs count from 0."""
    strategy_name = models.CharField(max_length=NAME_MAX_LENGTH, blank=True, default="")
    network = models.CharField(max_length=32, blank=True, default="")
    seed = models.BigIntegerField(null=True)

    state_digest: str | None
    """SHA-256 of the whole last state, from the operation's result; `stored_models` reads it."""
    looks: "Looks"
    """At these bars by now, and what its Sharpe ratio is worth then; `looks.count` sets it."""
    epochs_trained: int | None
    """With the next one of the operation's result; `stored_models.visible_to` sets them."""
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


class TrialReturns(models.Model):
    """What a trial of a search would have earned on the validation part, at a rung."""

    operation = models.ForeignKey(
        "operations.Operation",
        on_delete=models.CASCADE,
        related_name="validation_returns",
        db_index=False,  # `trial_returns_once` begins with it
    )
    epochs = models.PositiveIntegerField()
    """At which it held, or had ended before: of the best of these."""
    returns = models.BinaryField()
    """A row a day: see `training/trained/validation_returns.py`."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["operation", "epochs"], name="trial_returns_once")
        ]

    def __str__(self) -> str:
        return f"{self.operation_id} at {self.epochs}"


class MarketData(models.Model):
    """Bars of a symbol at one timeframe, as some import left them. They never change."""

    symbol = models.CharField(max_length=32)
    timeframe = models.CharField(max_length=3)
    fingerprint = models.CharField(max_length=64)
    """SHA-256 over the normalised rows."""
    file = models.CharField(max_length=255)
    """Name in the checkpoint storage. Its first `num_rows` bars are these."""
    num_rows = models.PositiveBigIntegerField()
    first_time = models.BigIntegerField()
    """Open of the first bar, Unix seconds, UTC."""
    last_time = models.BigIntegerField()
    """Open of the last bar."""
    report = models.JSONField()
    """`training.market_data.DataReport`."""
    imported_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "market data"
        constraints = [
            models.UniqueConstraint(
                fields=["symbol", "timeframe", "fingerprint"], name="market_data_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.symbol} {self.timeframe} ({self.num_rows} rows)"


class ImportKind(models.TextChoices):
    """What an import did to the bars before it."""

    APPEND = "append"
    """Later or earlier bars came to them; or they are the first ones."""
    REPLACE = "replace"
    """Others took their place."""
    UNDO = "undo"
    """Those before them count again."""


class ImportQuerySet(models.QuerySet["Import"]):
    def of(self, symbol: str, timeframe: str) -> "ImportQuerySet":
        """Of one series, the newest first."""
        return self.filter(symbol=symbol, timeframe=timeframe).order_by("-number")

    def current(self) -> "ImportQuerySet":
        """Of each series the newest one: its bars are those that count."""
        later = Import.objects.filter(
            symbol=models.OuterRef("symbol"),
            timeframe=models.OuterRef("timeframe"),
            number__gt=models.OuterRef("number"),
        )
        return self.filter(~models.Exists(later)).select_related("data")


class Import(models.Model):
    """What changed which bars of a series count. The row with the highest number is the current."""

    symbol = models.CharField(max_length=32)
    timeframe = models.CharField(max_length=3)
    number = models.PositiveIntegerField()
    """Counts from 1 in each series."""
    kind = models.CharField(max_length=16, choices=ImportKind)
    based_on = models.PositiveIntegerField(null=True)
    """Number of the import whose bars count again when this one is undone; None of a first one."""
    back_to = models.PositiveIntegerField(null=True)
    """Of an undo: number of the import whose bars count again."""
    data = models.ForeignKey(
        MarketData, null=True, on_delete=models.SET_NULL, related_name="imports"
    )
    """The series' bars from then on; None where they are kept no longer."""
    fingerprint = models.CharField(max_length=64)
    """Of those bars."""
    num_rows = models.PositiveBigIntegerField()
    """Of those bars."""
    report = models.JSONField(null=True)
    """`DataReport` of the file itself, its reading among it; None of an undo."""
    words = models.JSONField(default=list)
    """What it did, as sentences."""
    # Who did it, as it was called then: a copy, which outlives users and tokens. Empty of what
    # version 0.1.0 imported.
    actor_kind = models.CharField(max_length=16, choices=ActorKind, blank=True, default="")
    actor_name = models.CharField(max_length=ACTOR_NAME_MAX_LENGTH, blank=True, default="")
    imported_at = models.DateTimeField(db_default=Now())

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ["symbol", "timeframe", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["symbol", "timeframe", "number"], name="import_number_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.symbol} {self.timeframe}, import {self.number}"


class PinQuerySet(models.QuerySet["Pin"]):
    def in_use(self) -> "PinQuerySet":
        """Of operations that are live or can be resumed, and of those that have a model."""
        of_pin = {"operation": models.OuterRef("operation")}
        return self.filter(
            models.Q(operation__status__in=LIVE)
            | models.Exists(Checkpoint.objects.filter(operation_id=models.OuterRef("operation")))
            | models.Exists(TrainedModel.objects.filter(**of_pin))
        )


class Pin(models.Model):
    """That an operation stands on bars: whatever is imported later, they stay stored for it."""

    operation = models.ForeignKey(
        "operations.Operation",
        on_delete=models.CASCADE,
        related_name="pins",
        db_index=False,  # `pin_once` begins with it
    )
    data = models.ForeignKey(MarketData, on_delete=models.PROTECT, related_name="pins")

    objects = PinQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["operation", "data"], name="pin_once")]

    def __str__(self) -> str:
        return f"{self.operation_id} on {self.data_id}"
