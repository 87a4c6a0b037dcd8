from django.contrib import admin

from operations.admin.read_only import ReadOnlyAdmin, operation_page
from operations.models import Attempt, Event, Process, WebhookMessage


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    list_display = ("operation", "number", "worker", "device", "claimed_at", "ended_at", "outcome")
    list_filter = ("outcome", "replay_verified", "exact")
    list_select_related = ("operation",)
    search_fields = ("operation__id__startswith",)
    ordering = ("-id",)

    def view_on_site(self, attempt: Attempt) -> str:
        return operation_page(attempt.operation_id)


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = (
        "operation",
        "number",
        "event_type",
        "attempt",
        "created_at",
        "actor_kind",
        "actor_name",
    )
    list_filter = ("event_type", "actor_kind")
    list_select_related = ("operation",)
    search_fields = ("operation__id__startswith",)
    ordering = ("-id",)

    def view_on_site(self, event: Event) -> str:
        return operation_page(event.operation_id)


@admin.register(Process)
class ProcessAdmin(ReadOnlyAdmin):
    list_display = ("name", "kind", "host", "pid", "started_at", "beat_at", "quiet_until")
    list_filter = ("kind",)
    search_fields = ("name", "host")


@admin.register(WebhookMessage)
class WebhookMessageAdmin(ReadOnlyAdmin):
    """What has not arrived; `due_at` is empty for what is given up."""

    list_display = (
        *("operation", "receiver", "event_type", "created_at"),
        *("tries", "due_at", "last_error"),
    )
    list_filter = ("event_type", "receiver", ("due_at", admin.EmptyFieldListFilter))
    list_select_related = ("operation",)
    search_fields = ("operation__id__startswith",)
    ordering = ("-id",)
