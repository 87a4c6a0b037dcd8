"""The shapes of answers that are put together from several places: for the description only."""

from rest_framework import serializers

from operations.models import Status
from operations.reading.as_json import (
    AttemptSerializer,
    LatestCheckpointSerializer,
    OperationSerializer,
    PrunedCheckpointSerializer,
    WorkerSerializer,
)
from operations.reading.overview import Action, Phase
from operations.upkeep.checkpoints import Verdict


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
    learning_rate = serializers.FloatField(allow_null=True, required=False)
    step = serializers.CharField(
        allow_null=True, help_text="The step of the preparation that is under way."
    )
    save_error = serializers.CharField(
        allow_null=True, help_text="Why the last save failed, until one succeeds."
    )


class OperationError(serializers.Serializer[None]):
    code = serializers.CharField()
    message = serializers.CharField()


class ShownOperation(OperationSerializer):
    """An operation as a list shows it."""

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

    class Meta(OperationSerializer.Meta):
        fields = [
            *OperationSerializer.Meta.fields,
            "phase",
            "progress",
            "latest_checkpoint",
            "resumable",
            "allowed_actions",
            "error",
        ]


class WholeOperation(ShownOperation):
    """With everything that is its own, and what only its type can tell."""

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


class CancelAnswered(serializers.Serializer[None]):
    operation_id = serializers.CharField()
    status = serializers.ChoiceField(
        [Status.CANCELLED, Status.RUNNING],
        help_text="cancelled: it has ended. running: its worker stops at its next batch.",
    )


class ResumedFrom(serializers.Serializer[None]):
    checkpoint_id = serializers.IntegerField()
    checkpoint_type = serializers.CharField()
    created_at = serializers.DateTimeField()
    epoch = serializers.IntegerField(help_text="The last completed one, -1 for none.")
    batch = serializers.IntegerField(help_text="Batches of the next epoch already done.")


class ResumeAnswered(serializers.Serializer[None]):
    operation_id = serializers.CharField()
    attempt = serializers.IntegerField()
    status = serializers.ChoiceField([Status.RUNNING])
    resumed_from = ResumedFrom()


class DeletedCheckpoint(serializers.Serializer[None]):
    id = serializers.IntegerField()
    operation_id = serializers.CharField()


class VerifiedCheckpoint(DeletedCheckpoint):
    verdict = serializers.ChoiceField([verdict.value for verdict in Verdict])
    reason = serializers.CharField(
        allow_blank=True, help_text="Which file is wrong, and how; empty for a whole one."
    )


class CleanedUp(serializers.Serializer[None]):
    dry_run = serializers.BooleanField()
    pruned = PrunedCheckpointSerializer(many=True)
    orphans = serializers.ListField(
        child=serializers.CharField(),
        help_text="Directories in the checkpoint storage that belonged to no checkpoint.",
    )


class Stored(serializers.Serializer[None]):
    count = serializers.IntegerField()
    size_bytes = serializers.IntegerField()


class StoredCheckpoints(serializers.Serializer[None]):
    total = Stored()
    by_type = serializers.DictField(child=Stored())
    quarantined = Stored()


class AliveWorker(WorkerSerializer):
    operation_id = serializers.CharField(
        allow_null=True, help_text="What it runs, of the operations that you may see."
    )

    class Meta(WorkerSerializer.Meta):
        fields = [*WorkerSerializer.Meta.fields, "operation_id"]
