from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from checkpoints.models import Checkpoint, CheckpointArtifact
from operations import checkpoint_upkeep
from operations.admin.read_only import ReadOnlyAdmin, ReadOnlyInline, act_on_each
from operations.checkpoint_upkeep import Verdict

LEVELS = {
    Verdict.WHOLE: messages.SUCCESS,
    Verdict.CORRUPTED: messages.ERROR,
    Verdict.DELETED: messages.WARNING,
}


class ArtifactInline(ReadOnlyInline):
    model = CheckpointArtifact
    fields = ("name", "size_bytes", "sha256")
    readonly_fields = fields
    show_change_link = False


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
    list_filter = ("checkpoint_type", ("quarantined_at", admin.EmptyFieldListFilter))
    list_select_related = ("operation",)
    search_fields = ("operation__id__startswith",)
    ordering = ("-id",)
    inlines = (ArtifactInline,)
    actions = ("verify_selected",)

    @admin.action(description="Verify selected", permissions=["manage_checkpoints"])
    def verify_selected(self, request: HttpRequest, selected: QuerySet[Checkpoint]) -> None:
        act_on_each(self, request, selected, _verify)


def _verify(checkpoint: Checkpoint) -> tuple[int, str]:
    found = checkpoint_upkeep.verify(checkpoint)
    words = f"The {checkpoint} is {found.verdict.value}. {found.reason}".rstrip()
    return LEVELS[found.verdict], words
