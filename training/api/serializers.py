"""The shapes of the training endpoints."""

from collections.abc import Iterator
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from checkpoints.policy import KEEP_AT_LEAST
from operations.api.base import StrictSerializer
from operations.labels import LABEL_MAX_LENGTH
from operations.models import LARGEST_INTEGER, NAME_MAX_LENGTH
from operations.reading.choosing import NEWEST_FIRST
from training.api.files import format_field
from training.devices import DEVICES
from training.evaluation import definitions
from training.launch.priority import QUEUE_BY_PRIORITY
from training.launch.start import CheckpointSettings, StartRequest
from training.market_data import CatalogEntry
from training.models import FINAL_STATE, ModelArtifact, TrainedModel
from training.strategy import Fault, StrategyFile
from training.strategy.limits import MAX_ENTRIES
from training.strategy.values import CLASSES, SYMBOL
from training.trained import looks
from training.trained.choosing import ORDERINGS
from training.trained.facts import TrainingFacts, training_facts
from training.trained.ledger_lines import MOST_LINES


class CheckpointBody(StrictSerializer):
    every_epochs = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_INTEGER)
    every_seconds = serializers.FloatField(required=False)
    keep = serializers.IntegerField(
        required=False, min_value=KEEP_AT_LEAST, max_value=LARGEST_INTEGER
    )


class StartBody(StrictSerializer):
    """Shapes and sizes only: what makes sense is for `start_training` to say, all of it at once."""

    strategy = serializers.CharField(
        required=False,
        max_length=NAME_MAX_LENGTH,
        error_messages={
            "max_length": "A name has at most {max_length} characters; a strategy's text is "
            "`strategy_yaml`."
        },
    )
    strategy_yaml = serializers.CharField(required=False, trim_whitespace=False)
    symbols = serializers.ListField(
        child=serializers.CharField(max_length=NAME_MAX_LENGTH),
        required=False,
        max_length=MAX_ENTRIES,
    )
    timeframes = serializers.ListField(
        child=serializers.CharField(max_length=NAME_MAX_LENGTH),
        required=False,
        max_length=MAX_ENTRIES,
    )
    start_date = serializers.CharField(required=False, max_length=40)
    end_date = serializers.CharField(required=False, max_length=40)
    epochs = serializers.IntegerField(required=False)
    seed = serializers.IntegerField(required=False)
    name = serializers.CharField(required=False, allow_blank=True, max_length=NAME_MAX_LENGTH)
    device = serializers.ChoiceField(list(DEVICES), required=False)
    priority = serializers.ChoiceField(list(QUEUE_BY_PRIORITY), required=False)
    max_restarts = serializers.IntegerField(required=False, min_value=0)
    checkpoint = CheckpointBody(required=False)


class ExtendBody(StrictSerializer):
    epochs = serializers.IntegerField()


class ForkBody(StrictSerializer):
    checkpoint = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    set = serializers.DictField(child=serializers.JSONField(), default=dict)
    accept_seen_test = serializers.BooleanField(default=False)


def start_request(given: dict[str, Any]) -> StartRequest:
    """The request of a validated `StartBody`."""
    fields = {**given, "checkpoint": CheckpointSettings(**given.get("checkpoint", {}))}
    for names in ("symbols", "timeframes"):
        if names in fields:
            fields[names] = tuple(fields[names])
    return StartRequest(**fields)


class ValidateBody(StrictSerializer):
    strategy_yaml = serializers.CharField(trim_whitespace=False)
    lenient = serializers.BooleanField(default=False)
    convert = serializers.BooleanField(
        default=False,
        help_text="It is a strategy of the original KTRDR: answer with one of this grammar, too.",
    )


class LedgerQuery(StrictSerializer):
    symbol = serializers.CharField(max_length=32, help_text="As `GET data` has it.")
    timeframe = serializers.CharField(
        required=False, max_length=3, help_text="Only of bars of this length."
    )
    limit = serializers.IntegerField(
        default=50, min_value=1, max_value=MOST_LINES, help_text="The newest so many."
    )


class ModelsQuery(StrictSerializer):
    search = serializers.CharField(
        required=False,
        max_length=200,
        help_text="A part of a name, or the beginning or end of an id.",
    )
    strategy = serializers.CharField(required=False, max_length=200, help_text="By its name.")
    network = serializers.CharField(
        required=False, max_length=32, help_text="Its type, such as `mlp`."
    )
    seed = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=LARGEST_INTEGER,
        help_text="Of the training.",
    )
    symbol = serializers.CharField(
        required=False, max_length=100, help_text="Among those it was trained on."
    )
    timeframe = serializers.CharField(
        required=False, max_length=8, help_text="Among those of its inputs."
    )
    tag = serializers.CharField(
        required=False, max_length=LABEL_MAX_LENGTH, help_text="Among those of its operation."
    )
    owner = serializers.CharField(
        required=False, max_length=150, help_text="A username; others' models are for staff."
    )
    since = serializers.DateTimeField(required=False, help_text="Trained then or later.")
    until = serializers.DateTimeField(required=False, help_text="Trained before then.")
    ordering = serializers.ChoiceField(
        ORDERINGS,
        default=NEWEST_FIRST,
        help_text="With `-` the largest first. By a figure, models without it are left out.",
    )
    cursor = serializers.CharField(required=False, max_length=500)
    page_size = serializers.IntegerField(default=50, min_value=1, max_value=200)


class PredictQuery(StrictSerializer):
    symbol = serializers.RegexField(SYMBOL, required=False)
    since = serializers.CharField(required=False, max_length=40)
    any_symbol = serializers.BooleanField(
        default=False,
        help_text="Let a model that scales nothing decide on a symbol it was not trained on.",
    )
    format = format_field()


class ModelArtifactSerializer(serializers.ModelSerializer[ModelArtifact]):
    class Meta:
        model = ModelArtifact
        fields = ["name", "size_bytes", "sha256"]


class TrainingFactsSerializer(serializers.Serializer[TrainingFacts]):
    best_epoch = serializers.IntegerField(
        allow_null=True, help_text="Whose network the model is; epochs count from 0."
    )
    epochs_trained = serializers.IntegerField(allow_null=True)
    seed = serializers.IntegerField(allow_null=True)
    learning_rate = serializers.FloatField(allow_null=True)
    data_from = serializers.CharField(
        allow_null=True, help_text="Time of the first bar that was used, warm-up included, UTC."
    )
    data_to = serializers.CharField(allow_null=True, help_text="Time of the last bar, UTC.")
    warning = serializers.CharField(
        allow_null=True, help_text="From 50 epochs on, where the best is among the first 2 %."
    )


class Metrics(serializers.Serializer[None]):
    """Metrics of a test part by name, as docs/EVALUATION.md defines them; null where undefined.
    A classification and a regression have some each."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {name: _described_metric(name) for name in _metric_names()}


def _metric_names() -> Iterator[str]:
    for name in definitions.metric_names():
        if name in definitions.OF_A_CLASS:
            yield from (f"{name}_{of_class}" for of_class in CLASSES)
        else:
            yield name


def _described_metric(name: str) -> serializers.FloatField:
    told = str(definitions.definition_of(name))
    return serializers.FloatField(required=False, allow_null=True, help_text=told)


def _described(name: str, **options: Any) -> dict[str, Any]:
    """The schema of an evaluation's field; what an earlier version stored may lack some."""
    return {"required": False, "help_text": str(definitions.FIELDS[name]), **options}


class EvaluationSerializer(serializers.Serializer[None]):
    samples = serializers.IntegerField(**_described("samples"))
    first_time = serializers.IntegerField(**_described("first_time"))
    last_time = serializers.IntegerField(**_described("last_time"))
    metrics = Metrics(**_described("metrics"))
    buy_and_hold = Metrics(**_described("buy_and_hold"))
    baselines = serializers.DictField(child=Metrics(), **_described("baselines"))
    confusion = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField()),
        **_described("confusion", allow_null=True),
    )
    equity_curve = serializers.DictField(
        child=serializers.ListField(child=serializers.FloatField()), **_described("equity_curve")
    )
    symbol_samples = serializers.DictField(
        child=serializers.DictField(child=serializers.IntegerField()),
        **_described("symbol_samples"),
    )
    outside_range = serializers.DictField(
        child=serializers.DictField(child=serializers.DictField(child=serializers.FloatField())),
        **_described("outside_range"),
    )
    notes = serializers.ListField(child=serializers.CharField(), **_described("notes"))
    times_scored = serializers.IntegerField(**_described("times_scored"))
    seen_test = serializers.CharField(allow_blank=True, **_described("seen_test"))


@extend_schema_field(Metrics)
class MetricsField(serializers.JSONField):
    """As they are stored."""


class TrainedModelSerializer(serializers.ModelSerializer[TrainedModel]):
    weights_sha256 = serializers.CharField(
        help_text="SHA-256 of model.safetensors, the weights of the best epoch. Trainings that "
        "parted after that epoch have the same."
    )
    state_digest = serializers.CharField(
        allow_null=True,
        help_text="SHA-256 of all that the training ended with: weights, optimizer, schedule, "
        "history. Two trainings of one request with the same digest went the same way to the end.",
    )
    metrics = MetricsField(
        source="test_metrics",
        help_text="Metrics of the test part; beside its baselines, they are in `evaluation`.",
    )
    part_of = serializers.CharField(
        allow_null=True, help_text="Id of the family that its operation is a part of; null of none."
    )
    times_scored = serializers.IntegerField(
        source="looks.times_scored", help_text=str(definitions.FIELDS["times_scored"])
    )

    training = serializers.SerializerMethodField()

    seen_test = serializers.CharField(
        allow_null=True, help_text=str(definitions.FIELDS["seen_test"])
    )

    class Meta:
        model = TrainedModel
        fields = [
            "id",
            "operation_id",
            "part_of",
            "name",
            "created_at",
            "size_bytes",
            "weights_sha256",
            "state_digest",
            "metrics",
            "times_scored",
            "seen_test",
            "training",
            "strategy",
        ]

    @extend_schema_field(TrainingFactsSerializer)
    def get_training(self, model: TrainedModel) -> Any:
        """How it came about."""
        return TrainingFactsSerializer(training_facts(model)).data


class WholeModelSerializer(TrainedModelSerializer):
    evaluation = serializers.SerializerMethodField()
    artifacts = serializers.SerializerMethodField()

    class Meta(TrainedModelSerializer.Meta):
        fields = [*TrainedModelSerializer.Meta.fields, "evaluation", "artifacts"]

    @extend_schema_field(EvaluationSerializer)
    def get_evaluation(self, model: TrainedModel) -> Any:
        """The evaluation of the test part, with what holds by now."""
        return looks.as_read(model.evaluation, model.looks)

    def get_artifacts(self, model: TrainedModel) -> Any:
        """The files of its bundle."""
        bundle = model.artifacts.exclude(name__startswith=FINAL_STATE)
        return ModelArtifactSerializer(bundle, many=True).data


def present_fault(fault: Fault) -> dict[str, Any]:
    return {
        "path": fault.path,
        "pointer": fault.pointer,
        "line": fault.line,
        "message": fault.message,
    }


def present_strategy(file: StrategyFile) -> dict[str, Any]:
    """A shipped strategy as a list shows it."""
    strategy = file.load().strategy
    return {
        "name": file.name,
        "description": strategy.description,
        "symbols": strategy.symbols,
        "timeframes": strategy.timeframes,
        "model": strategy.model.type,
        "epochs": strategy.training.epochs,
    }


def present_data(entry: CatalogEntry) -> dict[str, Any]:
    return {
        "symbol": entry.symbol,
        "timeframe": entry.timeframe,
        "fingerprint": entry.fingerprint,
        "is_sample": entry.is_sample,
        "day_ends": 0,  # these unless the report has them
        "day_closes": 0,
        "first_written": None,
        "last_written": None,
        "reading": None,
        **entry.report,
    }
