"""Operations and their histories as JSON: the same for the API, commands and streams."""

from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from rest_framework import serializers
from rest_framework.fields import Field

from checkpoints.models import Checkpoint, CheckpointArtifact
from operations import operation_types
from operations.models import ActorKind, Attempt, Event, Metric, Operation, Process
from operations.reading.attempt_logs import Log
from operations.reading.overview import Action, Overview, Phase
from operations.reading.read_at_once import ReadAtOnce
from operations.reading.words import warnings_of


class ArtifactSerializer(serializers.ModelSerializer[CheckpointArtifact]):
    class Meta:
        model = CheckpointArtifact
        fields = ["name", "size_bytes", "sha256"]


class CheckpointSerializer(serializers.ModelSerializer[Checkpoint]):
    operation_id = serializers.CharField()
    artifacts = ArtifactSerializer(many=True)

    class Meta:
        model = Checkpoint
        fields = [
            "id",
            "operation_id",
            "checkpoint_type",
            "attempt",
            "epoch",
            "batch",
            "size_bytes",
            "created_at",
            "verified_at",
            "quarantined_at",
            "quarantine_reason",
            "metrics",
            "artifacts",
        ]


class PrunedCheckpointSerializer(serializers.ModelSerializer[Checkpoint]):
    """One that was deleted, or would be."""

    operation_id = serializers.CharField()

    class Meta:
        model = Checkpoint
        fields = [
            "id",
            "operation_id",
            "checkpoint_type",
            "attempt",
            "epoch",
            "batch",
            "size_bytes",
            "created_at",
        ]


class LatestCheckpointSerializer(serializers.ModelSerializer[Checkpoint]):
    class Meta:
        model = Checkpoint
        fields = [
            "id",
            "checkpoint_type",
            "attempt",
            "epoch",
            "batch",
            "size_bytes",
            "created_at",
            "verified_at",
        ]


class AttemptSerializer(serializers.ModelSerializer[Attempt]):
    differences = serializers.ListField(
        child=serializers.CharField(), help_text="Why it is not exact, in words."
    )

    class Meta:
        model = Attempt
        fields = [
            "number",
            "worker",
            "device",
            "created_at",
            "claimed_at",
            "ended_at",
            "outcome",
            "resumed_from",
            "exact",
            "differences",
            "replayed_epochs",
            "replay_verified",
            "error",
        ]


class EventSerializer(serializers.ModelSerializer[Event]):
    actor_kind = serializers.ChoiceField(
        ActorKind.choices, allow_blank=True, help_text="Empty for what 0.1.0 recorded."
    )
    actor_name = serializers.CharField(
        help_text="A user's; with a token its hint; a command's and its account; a worker's."
    )

    class Meta:
        model = Event
        fields = [
            *("number", "event_type", "attempt", "created_at", "actor_kind", "actor_name", "data")
        ]


class LogSerializer(serializers.Serializer[Log]):
    attempt = serializers.IntegerField()
    text = serializers.CharField()
    left_out_bytes = serializers.IntegerField(help_text="From the middle, where a line says so.")
    updated_at = serializers.DateTimeField(allow_null=True, help_text="Null before its first line.")


class MetricSerializer(serializers.ModelSerializer[Metric]):
    epoch = serializers.IntegerField(source="step")

    class Meta:
        model = Metric
        fields = ["epoch", "attempt", "created_at", "values"]


class WorkerSerializer(serializers.ModelSerializer[Process]):
    class Meta:
        model = Process
        fields = ["name", "host", "pid", "started_at", "beat_at", "details"]


class Progress(serializers.Serializer[None]):
    """Each is null where the worker has not said; another kind of operation has others."""

    percent = serializers.FloatField(allow_null=True)
    epoch = serializers.IntegerField(
        allow_null=True, required=False, help_text="The last completed one, from 0."
    )
    total_epochs = serializers.IntegerField(allow_null=True, required=False)
    batch = serializers.IntegerField(allow_null=True, required=False)
    total_batches = serializers.IntegerField(allow_null=True, required=False)
    eta_seconds = serializers.FloatField(allow_null=True)
    samples_per_second = serializers.FloatField(allow_null=True, required=False)
    train_loss = serializers.FloatField(allow_null=True, required=False)
    val_loss = serializers.FloatField(allow_null=True, required=False)
    best_epoch = serializers.IntegerField(
        allow_null=True, required=False, help_text="With the lowest validation loss, from 0."
    )
    best_val_loss = serializers.FloatField(allow_null=True, required=False)
    learning_rate = serializers.FloatField(allow_null=True, required=False)
    step = serializers.CharField(
        allow_null=True, help_text="The step of the preparation that is under way."
    )
    save_error = serializers.CharField(
        allow_null=True, help_text="Why the last save failed, until one succeeds."
    )

    def to_representation(self, progress: Any) -> Any:
        """As its worker said it: a whole number stays one."""
        return progress


class OperationError(serializers.Serializer[None]):
    code = serializers.CharField()
    message = serializers.CharField()


class ShownOperation(ReadAtOnce):
    """An operation as a list shows it."""

    derived: tuple[str, ...] = (
        "owner",
        "phase",
        "progress",
        "latest_checkpoint",
        "parts",
        "open_parts",
        "resumable",
        "allowed_actions",
        "error",
        "tags",
        "labels",
        "figures",
    )
    """What the overview has; the other fields are its operation's columns."""

    operation_id = serializers.CharField(source="pk")
    owner = serializers.SlugRelatedField[Any](
        slug_field="username", read_only=True, allow_null=True
    )
    parent_id = serializers.CharField(allow_null=True)
    part_of = serializers.CharField(
        source="part_of_id", allow_null=True, help_text="The operation that this is a part of."
    )
    parts = serializers.IntegerField(
        allow_null=True, help_text="How many it has; null for a type that has none."
    )
    open_parts = serializers.IntegerField(
        allow_null=True, help_text="Parts that have neither ended nor wait for it, as of now."
    )
    part_value = serializers.CharField(
        help_text="What a part is compared by, as `float.hex`; empty for none."
    )
    part_end = serializers.CharField(
        help_text="Why a part was cancelled: by_hand, with_family or out_at_rung."
    )

    phase = serializers.ChoiceField(
        [phase.value for phase in Phase],
        allow_null=True,
        help_text="What a live operation is doing; null when it has ended.",
    )
    progress = Progress()
    latest_checkpoint = LatestCheckpointSerializer(allow_null=True)
    resumable = serializers.BooleanField()
    allowed_actions = serializers.ListField(
        child=serializers.ChoiceField([action.value for action in Action])
    )
    error = OperationError(allow_null=True)
    duration = serializers.FloatField(
        source="seconds",
        allow_null=True,
        help_text="Seconds from its start, or its last resume, to its end; null before.",
    )
    lineage = serializers.CharField(
        help_text="The id of the operation that this and all its relatives come from."
    )
    note = serializers.CharField(help_text="What its users wrote about it.")
    tags = serializers.ListField(child=serializers.CharField(), source="known.tags")
    labels = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        source="known.labels",
        help_text="What it is found by, by kind, tags among it.",
    )
    figures = serializers.DictField(
        child=serializers.FloatField(allow_null=True),
        source="known.figures",
        help_text="What lists are sorted by, of what came of it, and with that what a "
        "Sharpe ratio is worth by now. Empty before it has completed.",
    )

    class Meta:
        model = Operation
        fields = [
            "operation_id",
            "operation_type",
            "name",
            "status",
            "owner",
            "parent_id",
            "lineage",
            "note",
            "tags",
            "labels",
            "figures",
            "part_of",
            "part_number",
            "part_value",
            "part_end",
            "hold_at",
            "held_at",
            "parts",
            "open_parts",
            "queue",
            "created_at",
            "started_at",
            "completed_at",
            "duration",
            "cancel_requested_at",
            "cancel_reason",
            "attempt",
            "worker",
            "heartbeat_at",
            "restarts",
            "max_restarts",
            "phase",
            "progress",
            "latest_checkpoint",
            "resumable",
            "allowed_actions",
            "error",
        ]

    def get_fields(self) -> dict[str, Field[Any, Any, Any, Any]]:
        """Those that show an `Overview`."""
        fields: dict[str, Field[Any, Any, Any, Any]] = super().get_fields()
        for name in fields.keys() - set(self.derived):
            fields[name].source = f"operation.{fields[name].source or name}"
        return fields


class WholeOperation(ShownOperation):
    """With everything that is its own, and what only its type can tell."""

    derived = (*ShownOperation.derived, "attempts", "warnings")

    attempts = AttemptSerializer(many=True)
    request = serializers.JSONField(help_text="What was asked for, complete and frozen.")
    pinned = serializers.JSONField(
        help_text="What the first attempt fixed for all: device type, threads, engine."
    )
    result = serializers.JSONField(help_text="Null until it has completed.")
    warnings = serializers.ListField(
        child=serializers.CharField(), help_text="What to know before trusting a result."
    )

    class Meta(ShownOperation.Meta):
        fields = [
            *ShownOperation.Meta.fields,
            "attempts",
            "request",
            "pinned",
            "result",
            "warnings",
        ]


@dataclass(frozen=True, kw_only=True)
class _Whole(Overview):
    attempts: list[Attempt]

    @property
    def warnings(self) -> list[str]:
        return warnings_of(self.attempts)


def present(overview: Overview) -> dict[str, Any]:
    """An operation as a list shows it."""
    return _one_of(ShownOperation).to_representation(overview)


def present_whole(overview: Overview, attempts: list[Attempt]) -> dict[str, Any]:
    """An operation with everything that is its own."""
    shown_of_a_list = {each.name: getattr(overview, each.name) for each in fields(overview)}
    whole = _Whole(**shown_of_a_list, attempts=attempts)
    shown = _one_of(WholeOperation).to_representation(whole)
    return {**shown, **operation_types.describe(overview.operation)}


@cache
def _one_of(serializer: type[ShownOperation]) -> ShownOperation:
    """One for all rows: it derives its fields from the model anew each time it is made, which takes
    ten times as long as showing a row."""
    return serializer()
