import json
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from checkpoints.models import Checkpoint
from operations import operation_types
from operations.admin.read_only import (
    ReadOnlyAdmin,
    ReadOnlyInline,
    act_on_each,
    operation_page,
)
from operations.cancel import cancel_operation
from operations.models import FAMILY, Attempt, Event, Operation
from operations.reading.overview import overview, phase_of
from operations.reading.words import cancel_words, resume_words, warnings_of
from operations.resume import resume_operation
from operations.selectors import attempts


class AttemptInline(ReadOnlyInline):
    model = Attempt
    fields = (
        "number",
        "worker",
        "device",
        "claimed_at",
        "ended_at",
        "outcome",
        "exact",
        "replay_verified",
    )
    readonly_fields = fields


class CheckpointInline(ReadOnlyInline):
    model = Checkpoint
    fields = (
        "checkpoint_type",
        "attempt",
        "epoch",
        "batch",
        "size_bytes",
        "created_at",
        "verified_at",
        "quarantined_at",
    )
    readonly_fields = fields


class EventInline(ReadOnlyInline):
    model = Event
    fields = ("number", "event_type", "attempt", "created_at", "data")
    readonly_fields = fields


class PartsFilter(admin.SimpleListFilter):
    """Lists are of families, here, too."""

    title = "parts of others"
    parameter_name = "parts"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("all", "shown, too")]

    def queryset(self, request: HttpRequest, operations: QuerySet[Operation]) -> Any:
        return operations if self.value() == "all" else operations.filter(FAMILY)


@admin.register(Operation)
class OperationAdmin(ReadOnlyAdmin):
    list_display = ("id", "name", "status", "phase", "attempt", "worker", "owner", "created_at")
    list_filter = ("status", "created_at", PartsFilter)
    list_select_related = ("owner",)
    search_fields = ("id__startswith", "name")  # both indexed: a third would read every row
    inlines = (AttemptInline, CheckpointInline, EventInline)
    exclude = ("result",)  # `more` has it, with what its type knows by now
    readonly_fields = ("phase", "actions_allowed", "warnings", "more")
    actions = ("resume_selected", "cancel_selected")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Operation]:
        """A list needs none of the large columns; a page reads them when it shows them."""
        rows: QuerySet[Operation] = super().get_queryset(request)
        return rows.defer("request", "pinned", "result")

    def view_on_site(self, operation: Operation) -> str:
        return operation_page(operation.pk)

    @admin.display(description="phase")
    def phase(self, operation: Operation) -> str:
        return phase_of(operation) or ""

    @admin.display(description="can be")
    def actions_allowed(self, operation: Operation) -> str:
        return ", ".join(overview(operation).allowed_actions)

    @admin.display(description="warnings")
    def warnings(self, operation: Operation) -> str:
        return "; ".join(warnings_of(attempts(operation.pk)))

    @admin.display(description="more")
    def more(self, operation: Operation) -> str:
        """Its result, and what only its type knows, such as the spread over several seeds."""
        described = {"result": operation.result, **operation_types.describe(operation)}
        return json.dumps({name: told for name, told in described.items() if told})

    @admin.action(description="Resume selected", permissions=["resume"])
    def resume_selected(self, request: HttpRequest, selected: QuerySet[Operation]) -> None:
        act_on_each(self, request, selected, _resume)

    @admin.action(description="Cancel selected", permissions=["cancel"])
    def cancel_selected(self, request: HttpRequest, selected: QuerySet[Operation]) -> None:
        act_on_each(self, request, selected, _cancel)


def _resume(operation: Operation) -> tuple[int, str]:
    return messages.SUCCESS, resume_words(resume_operation(operation.pk))


def _cancel(operation: Operation) -> tuple[int, str]:
    return messages.SUCCESS, cancel_words(cancel_operation(operation.pk))
