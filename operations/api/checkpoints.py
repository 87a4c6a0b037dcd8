"""The endpoints of checkpoints. Each one parses, calls, presents: no rule lives here."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.http.response import HttpResponseBase
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from checkpoints.models import Checkpoint
from checkpoints.statistics import checkpoint_statistics
from operations import selectors
from operations.access.permissions import Permission
from operations.api import answers, examples
from operations.api.base import body, page_address, query, success
from operations.api.downloads import FileRenderer, file_download
from operations.api.endpoint import endpoint
from operations.api.idempotency import idempotent_without_transaction
from operations.api.serializers import CheckpointsQuery, CleanUpBody, DeleteQuery, EmptyBody
from operations.api_view import ApiView
from operations.bounded.errors import TooManyReadings
from operations.bounded.visit import visit_of
from operations.errors import (
    ArtifactNotFound,
    CheckpointDamaged,
    CheckpointInUse,
    CheckpointNotFound,
    InvalidInput,
    StorageUnavailable,
)
from operations.reading import paging
from operations.reading.as_json import CheckpointSerializer, PrunedCheckpointSerializer
from operations.upkeep import checkpoints


class CheckpointListView(ApiView):
    @endpoint(
        "list_all_checkpoints",
        "List the checkpoints of all operations, newest first",
        query=CheckpointsQuery,
        data=CheckpointSerializer(many=True),
        paged=True,
        raises=[InvalidInput],
        example=[examples.CHECKPOINT],
    )
    def get(self, request: Request) -> Response:
        wanted = query(CheckpointsQuery, request)
        rows = selectors.checkpoints_visible_to(
            request.user, older_than_days=wanted.get("older_than_days")
        )
        page = paging.page(
            rows.prefetch_related("artifacts"),
            ordering="-created_at",
            page_size=wanted["page_size"],
            cursor=wanted.get("cursor"),
        )
        return success(
            CheckpointSerializer(page.rows, many=True).data,
            next=page_address(request, page.next),
            previous=page_address(request, page.previous),
        )


class OneCheckpointView(ApiView):
    """About one checkpoint, of an operation that the user may see."""

    checkpoint: Checkpoint

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.checkpoint = selectors.get_visible_checkpoint(request.user, kwargs["checkpoint_id"])


class CheckpointView(OneCheckpointView):
    permission = Permission.MANAGE_CHECKPOINTS

    @endpoint(
        "get_checkpoint",
        "One checkpoint, with its artifacts",
        data=CheckpointSerializer(),
        raises=[CheckpointNotFound],
        example=examples.CHECKPOINT,
    )
    def get(self, request: Request, checkpoint_id: int) -> Response:
        return success(CheckpointSerializer(self.checkpoint).data)

    @endpoint(
        "delete_checkpoint",
        "Delete a checkpoint",
        description="Not while its operation is live; the last one of an operation that can "
        "resume only with `force`.",
        query=DeleteQuery,
        data=answers.DeletedCheckpoint(),
        raises=[CheckpointNotFound, CheckpointInUse],
        example={"id": 7, "operation_id": examples.ID},
    )
    def delete(self, request: Request, checkpoint_id: int) -> Response:
        force = query(DeleteQuery, request)["force"]
        checkpoints.delete(self.checkpoint, force=force)
        return success({"id": checkpoint_id, "operation_id": self.checkpoint.operation_id})


class VerifyView(OneCheckpointView):
    """A corrupted checkpoint is an answer here, and no error."""

    permission = Permission.MANAGE_CHECKPOINTS

    @endpoint(
        "verify_checkpoint",
        "Read a checkpoint back and compare every byte's digest",
        description="A corrupted one is an answer here, and no error: it is quarantined. A whole "
        "one can be resumed from, even if it was quarantined before.",
        body=EmptyBody,
        data=answers.VerifiedCheckpoint(),
        raises=[CheckpointNotFound, StorageUnavailable, TooManyReadings],
        example=examples.VERIFIED,
    )
    @idempotent_without_transaction
    def post(self, request: Request, checkpoint_id: int) -> Response:
        body(EmptyBody, request)
        found = checkpoints.verify_asked(
            self.checkpoint, user=request.user.pk, visit=visit_of(request)
        )
        return success(
            {
                "id": checkpoint_id,
                "operation_id": self.checkpoint.operation_id,
                "verdict": found.verdict.value,
                "reason": found.reason,
            }
        )


class ArtifactView(OneCheckpointView):
    renderer_classes = [JSONRenderer, FileRenderer]

    @endpoint(
        "download_artifact",
        "Download one file of a checkpoint",
        description="`Repr-Digest` (RFC 9530) has its SHA-256. A download of other bytes than "
        "were saved is broken off before its end.",
        media_types=[FileRenderer.media_type],
        raises=[CheckpointNotFound, ArtifactNotFound, CheckpointDamaged, StorageUnavailable],
    )
    def get(self, request: Request, checkpoint_id: int, name: str) -> HttpResponseBase:
        artifact, file = checkpoints.open_artifact(self.checkpoint, name)
        return file_download(
            request, file, name=name, size_bytes=artifact.size_bytes, sha256=artifact.sha256
        )


class StatisticsView(ApiView):
    staff_only = True

    @endpoint(
        "get_checkpoint_stats",
        "How much is stored, of all operations (staff)",
        data=answers.StoredCheckpoints(),
        example=examples.STORED,
    )
    def get(self, request: Request) -> Response:
        return success(asdict(checkpoint_statistics()))


class CleanUpView(ApiView):
    staff_only = True
    permission = Permission.MANAGE_CHECKPOINTS

    @endpoint(
        "clean_up_checkpoints",
        "Delete old checkpoints of stopped operations, and what interrupted saves left (staff)",
        description="Each operation keeps its newest checkpoint that verifies; live ones are not "
        "touched. `dry_run` only says what would be deleted.",
        body=CleanUpBody,
        body_example={"max_age_days": 30},
        data=answers.CleanedUp(),
        raises=[StorageUnavailable, TooManyReadings],
        example=examples.PRUNED,
    )
    @idempotent_without_transaction
    def post(self, request: Request) -> Response:
        wanted = body(CleanUpBody, request)
        cleaned = checkpoints.clean_up_asked(
            max_age=timedelta(days=wanted["max_age_days"]),
            dry_run=wanted["dry_run"],
            user=request.user.pk,
            visit=visit_of(request),
        )
        return success(
            {
                "dry_run": wanted["dry_run"],
                "pruned": PrunedCheckpointSerializer(cleaned.pruned, many=True).data,
                "orphans": cleaned.orphans,
            }
        )
