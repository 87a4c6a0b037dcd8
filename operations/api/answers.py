"""The shapes of what an act answers: for the description only.

What is shown of a row is described by what shows it: `operations/reading/as_json.py`. An act
answers with a dataclass of its verb, which knows no API; the tests' client holds each answer to its
shape here, and another test the examples.
"""

from rest_framework import serializers

from operations.models import Status
from operations.reading.as_json import PrunedCheckpointSerializer, WorkerSerializer
from operations.upkeep.checkpoints import Verdict


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
    resumed_from = ResumedFrom(
        allow_null=True, help_text="Null for what goes on with what it has, or its parts have."
    )


class DescribeAnswered(serializers.Serializer[None]):
    operation_id = serializers.CharField()
    tags = serializers.ListField(
        child=serializers.CharField(), help_text="Those that it has now, sorted."
    )
    note = serializers.CharField(allow_blank=True, help_text="What its users wrote about it.")


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
