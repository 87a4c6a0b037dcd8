"""The messages that have yet to arrive: a row is one, and goes when it was received."""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from operations.webhook import addresses

END_EVENTS = ("completed", "failed", "cancelled")


class WebhookMessageQuerySet(models.QuerySet["WebhookMessage"]):
    def due(self) -> "WebhookMessageQuerySet":
        return self.filter(due_at__lte=Now()).order_by("due_at", "pk")

    def dead(self) -> "WebhookMessageQuerySet":
        return self.filter(due_at=None)

    def try_take(self, message: "WebhookMessage", *, until: models.Expression) -> int:
        """Exactly one of any number of concurrent senders gets 1; a dead one's claim runs out."""
        mine = self.filter(pk=message.pk, tries=message.tries, due_at__lte=Now())
        return mine.update(tries=F("tries") + 1, due_at=until)


class WebhookMessage(models.Model):
    operation = models.ForeignKey(
        "operations.Operation", on_delete=models.CASCADE, related_name="webhook_messages"
    )
    receiver = models.CharField(max_length=40, blank=True, default="", db_default="")
    """Whose message it is: empty the webhook's, else by `addresses.name_of`."""
    number = models.PositiveIntegerField()
    """The number of the event that ended the operation."""
    event_type = models.CharField(max_length=32)
    attempt = models.PositiveIntegerField()
    data = models.JSONField()
    created_at = models.DateTimeField(db_default=Now())
    tries = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(null=True, db_default=Now())
    """When to try next; None: no more, its receiver has refused it for too long."""
    last_error = models.CharField(max_length=500, blank=True, default="")

    objects = WebhookMessageQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["operation", "number", "receiver"], name="webhook_message_once_an_event"
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], name="webhook_message_due", condition=~Q(due_at=None))
        ]

    def __str__(self) -> str:
        told = f"{self.event_type} of {self.operation_id}"
        return f"{told}, for {self.receiver}" if self.receiver else told


def write(
    operation_id: str, *, number: int, event_type: str, attempt: int, data: Mapping[str, Any]
) -> None:
    """Within the transaction that ends an operation: one for each receiver, if there are any."""
    if event_type not in END_EVENTS:
        return
    messages = [
        WebhookMessage(
            operation_id=operation_id,
            receiver=receiver,
            number=number,
            event_type=event_type,
            attempt=attempt,
            data=dict(data),
        )
        for receiver in addresses.names()
    ]
    WebhookMessage.objects.bulk_create(messages)
