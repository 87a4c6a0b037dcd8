"""Operations and their histories as JSON: the same for the API, commands and streams."""

from functools import cache
from typing import Any

from django.db.models import Model
from rest_framework import serializers

from checkpoints.models import Checkpoint, CheckpointArtifact
from operations import operation_types
from operations.models import Attempt, Event, Metric, Operation, Process
from operations.reading.attempt_logs import Log
from operations.reading.overview import Overview
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
    class Meta:
        model = Event
        fields = ["number", "event_type", "attempt", "created_at", "data"]


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


class OperationSerializer(serializers.ModelSerializer[Operation]):
    """The columns that a list shows; `present` adds what is derived from them."""

    operation_id = serializers.CharField(source="pk")
    owner = serializers.SlugRelatedField[Any](
        slug_field="username", read_only=True, allow_null=True
    )
    parent_id = serializers.CharField(allow_null=True)

    class Meta:
        model = Operation
        fields = [
            "operation_id",
            "operation_type",
            "name",
            "status",
            "owner",
            "parent_id",
            "queue",
            "created_at",
            "started_at",
            "completed_at",
            "cancel_requested_at",
            "cancel_reason",
            "attempt",
            "worker",
            "heartbeat_at",
            "restarts",
            "max_restarts",
        ]


class WorkerSerializer(serializers.ModelSerializer[Process]):
    class Meta:
        model = Process
        fields = ["name", "host", "pid", "started_at", "beat_at", "details"]


def present(overview: Overview) -> dict[str, Any]:
    """An operation as a list shows it."""
    operation, checkpoint = overview.operation, overview.latest_checkpoint
    failed = {"code": operation.error_code, "message": operation.error_message}
    return {
        **_columns(OperationSerializer, operation),
        "phase": overview.phase,
        "progress": overview.progress,
        "latest_checkpoint": checkpoint and _columns(LatestCheckpointSerializer, checkpoint),
        "resumable": overview.resumable,
        "allowed_actions": overview.allowed_actions,
        "error": failed if operation.error_code else None,
    }


def present_whole(overview: Overview, attempts: list[Attempt]) -> dict[str, Any]:
    """An operation with everything that is its own."""
    return {
        **present(overview),
        "attempts": AttemptSerializer(attempts, many=True).data,
        "request": overview.operation.request,
        "pinned": overview.operation.pinned,
        "result": overview.operation.result,
        "warnings": warnings_of(attempts),
        **operation_types.describe(overview.operation),
    }


def _columns(serializer: type[serializers.ModelSerializer[Any]], row: Model) -> dict[str, Any]:
    return dict(_serializer_of(serializer).to_representation(row))


@cache
def _serializer_of(
    serializer: type[serializers.ModelSerializer[Any]],
) -> serializers.ModelSerializer[Any]:
    """One for all rows: it derives its fields from the model anew each time it is made, which takes
    ten times as long as showing a row."""
    return serializer()
