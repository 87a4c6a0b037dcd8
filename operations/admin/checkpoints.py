from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from checkpoints.models import Checkpoint, CheckpointArtifact
from operations.admin.read_only import (
    ReadOnlyAdmin,
    ReadOnlyInline,
    act_on_each,
    operation_page,
)
from operations.bounded.visit import visit_of
from operations.upkeep import checkpoints
from operations.upkeep.checkpoints import Verdict

AGES_DAYS = (7, 30, 90, 365)
LEVELS = {
    Verdict.WHOLE: messages.SUCCESS,
    Verdict.CORRUPTED: messages.ERROR,
    Verdict.DELETED: messages.WARNING,
}


class OlderThan(admin.SimpleListFilter):
    """What an administrator looks for before pruning."""

    title = "age"
    parameter_name = "older_than_days"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(days), f"older than {days} days") for days in AGES_DAYS]

    def queryset(self, request: HttpRequest, rows: QuerySet[Checkpoint]) -> QuerySet[Checkpoint]:
        chosen = self.value()
        if chosen not in dict(self.lookup_choices):
            return rows
        return rows.filter(created_at__lt=Now() - timedelta(days=int(chosen)))


class ArtifactInline(ReadOnlyInline):
    model = CheckpointArtifact
    fields = ("name", "size_bytes", "sha256", "download")
    readonly_fields = fields
    show_change_link = False

    @admin.display(description="file")
    def download(self, artifact: CheckpointArtifact) -> str:
        address = reverse("api:artifact", args=[artifact.checkpoint_id, artifact.name])
        return format_html('<a href="{}">Download</a>', address)


@admin.register(Checkpoint)
class CheckpointAdmin(ReadOnlyAdmin):
    list_display = (
        "operation",
        "checkpoint_type",
        "attempt",
        "epoch",
        "batch",
        "size_bytes",
        "created_at",
        "verified_at",
        "quarantined_at",
    )
    list_filter = ("checkpoint_type", OlderThan, ("quarantined_at", admin.EmptyFieldListFilter))
    list_select_related = ("operation",)
    search_fields = ("operation__id__startswith",)
    ordering = ("-id",)
    inlines = (ArtifactInline,)
    actions = ("verify_selected", "prune_selected")

    def view_on_site(self, checkpoint: Checkpoint) -> str:
        return operation_page(checkpoint.operation_id)

    @admin.action(description="Verify selected", permissions=["manage_checkpoints"])
    def verify_selected(self, request: HttpRequest, selected: QuerySet[Checkpoint]) -> None:
        act_on_each(self, request, selected, partial(_verify, request))

    @admin.action(
        description="Prune selected, except for what a resume needs",
        permissions=["manage_checkpoints"],
    )
    def prune_selected(self, request: HttpRequest, selected: QuerySet[Checkpoint]) -> None:
        oldest_first = selected.order_by("attempt", "epoch", "batch", "pk")  # the newest may stay
        act_on_each(self, request, oldest_first, _prune)


def _verify(request: HttpRequest, checkpoint: Checkpoint) -> tuple[int, str]:
    found = checkpoints.verify_asked(checkpoint, user=request.user.pk, visit=visit_of(request))
    words = f"The {checkpoint} is {found.verdict.value}. {found.reason}".rstrip()
    return LEVELS[found.verdict], words


def _prune(checkpoint: Checkpoint) -> tuple[int, str]:
    words = f"Deleted: {checkpoint}."
    checkpoints.delete(checkpoint)
    return messages.SUCCESS, words
