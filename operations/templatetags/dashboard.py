"""The dashboard's template tags: navigation, icons, statuses, times."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.forms import BoundField
from django.forms.utils import flatatt
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString

from checkpoints.models import Checkpoint
from operations.access.remote_user import name_by_proxy
from operations.models import Attempt, Operation, Outcome, Status
from operations.reading.words import (
    NOTHING,
    capped,
    done_words,
    duration,
    epochs_done,
    grouped,
    metric,
    ordinal,
    percent,
    quantity,
    replay_words,
    size,
    status_words,
    the_epoch,
)
from operations.views import theme as themes
from operations.views.sparkline import draw

register = template.Library()
register.filter(name_by_proxy)
for write in (
    capped, duration, epochs_done, grouped, metric, ordinal, percent, quantity, size, the_epoch
):  # fmt: skip
    register.filter(write)

PAGES = (
    ("operations", "Operations"),
    ("start", "Start"),
    ("market-data", "Data"),
    ("models", "Models"),
    ("compare", "Compare"),
    ("workers", "Workers"),
    ("api:docs", "API"),
)
"""URL name and title. A page that this site does not have is left out."""


@dataclass(frozen=True, kw_only=True)
class NavigationItem:
    title: str
    url: str
    is_current: bool


@register.simple_tag
def manage() -> str:
    """How a command begins that can be pasted."""
    return str(settings.MANAGE)


@register.filter
def breakable(operation_id: str) -> SafeString:
    """An id, whole; where it has no room it breaks between its parts: one types the last."""
    return SafeString("_<wbr>".join(map(escape, operation_id.split("_"))))


@register.simple_tag(takes_context=True)
def theme(context: dict[str, Any]) -> SafeString | str:
    """The attribute of a page's root that says which one was chosen."""
    chosen = themes.chosen(context.get("request"))
    return format_html(' data-theme="{}"', chosen) if chosen else ""


ICONS = Path(__file__).parent.parent / "templates" / "operations" / "icons.svg"


@cache
def _drawings() -> dict[str, str]:
    """What is inside of each symbol of icons.svg, by name."""
    return dict(re.findall(r'<symbol id="([a-z]+)"[^>]*>(.*)</symbol>', ICONS.read_text()))


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """One of icons.svg, for decoration: the words beside it say the same. Drawn in its place: one
    that is referred to is a document of its own to a browser, which the first paint waits for."""
    return format_html(
        '<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">{}</svg>',
        SafeString(_drawings()[name]),
    )


@register.simple_tag
def status(operation: Operation) -> SafeString:
    """Icon and word; an operation that was asked to stop says so."""
    is_stopping = operation.status == Status.RUNNING and operation.cancel_requested_at
    name = "stopping" if is_stopping else operation.status
    words = name if is_stopping else status_words(operation)
    return format_html('<span class="status {}">{}{}</span>', name, icon(name), words)


OUTCOME_ICONS = {
    Outcome.COMPLETED: "completed",
    Outcome.FAILED: "failed",
    Outcome.CANCELLED: "cancelled",
    Outcome.INTERRUPTED: "stopping",
    Outcome.LOST: "warning",
    Outcome.HELD: "pending",
    Outcome.WAITING: "pending",
}


@register.simple_tag
def outcome(attempt: Attempt) -> SafeString:
    """How an attempt ended, or that it has not."""
    if not attempt.outcome:
        name = "running" if attempt.claimed_at else "pending"
        return format_html('<span class="status {}">{}{}</span>', name, icon(name), name)
    drawn = icon(OUTCOME_ICONS[Outcome(attempt.outcome)])
    return format_html(
        '<span class="status {}">{}{}</span>', attempt.outcome, drawn, attempt.outcome
    )


@register.simple_tag
def filter_input(field: BoundField) -> SafeString:
    """Of what is typed, as the field writes itself, whose templates take as long as rows do."""
    widget: Any = field.field.widget
    given = widget.format_value(field.value())
    attributes = {"type": widget.input_type, "name": field.html_name, "value": given}
    attributes |= {**widget.attrs, "id": field.auto_id}
    return format_html("<input{}>", flatatt({k: v for k, v in attributes.items() if v is not None}))


@register.inclusion_tag("operations/copy.html")
def copy(text: str) -> dict[str, str]:
    """A button that copies; not there where no script runs."""
    return {"text": text}


@register.filter
def place(checkpoint: Checkpoint | dict[str, Any]) -> str:
    """What was done at a checkpoint, or at the one that an attempt began with."""
    if isinstance(checkpoint, Checkpoint):
        return done_words(checkpoint.epoch, checkpoint.batch)
    return done_words(checkpoint["epoch"], checkpoint["batch"])


@register.filter
def replay(attempt: Attempt) -> str:
    return replay_words(attempt)


@register.inclusion_tag("operations/navigation.html", takes_context=True)
def navigation(context: dict[str, Any]) -> dict[str, Any]:
    items = [_item(context["request"], *page) for page in PAGES]
    return {"items": [item for item in items if item]}


def _item(request: HttpRequest, name: str, title: str) -> NavigationItem | None:
    try:
        url = reverse(name)
    except NoReverseMatch:
        return None
    return NavigationItem(title=title, url=url, is_current=request.path.startswith(url))


@register.filter
def moment(time: datetime | None) -> SafeString | str:
    """How long ago; the browser counts on, and shows the time itself to who points at it."""
    if time is None:
        return NOTHING
    written = f"{duration(timezone.now() - time)} ago"
    return format_html(
        '<time datetime="{}" title="{} UTC" data-ago>{}</time>',
        time.isoformat(),
        f"{time:%Y-%m-%d %H:%M:%S}",
        written,
    )


@register.filter
def clock(time: datetime | None) -> SafeString | str:
    """`2026-11-22 10:15:00`, UTC."""
    if time is None:
        return NOTHING
    written = f"{time:%Y-%m-%d %H:%M:%S}"
    return format_html('<time datetime="{}">{}</time>', time.isoformat(), written)


@register.filter
def minute(time: datetime) -> SafeString:
    """`2026-11-22 10:15`, UTC."""
    return format_html('<time datetime="{}">{}</time>', time.isoformat(), f"{time:%Y-%m-%d %H:%M}")


@register.simple_tag
def elapsed(start: datetime | None, end: datetime | None) -> SafeString | str:
    """From one to the other; without an end the browser counts on."""
    if start is None:
        return NOTHING
    if end is not None:
        return duration(end - start)
    return format_html(
        '<time datetime="{}" data-since>{}</time>',
        start.isoformat(),
        duration(timezone.now() - start),
    )


@register.inclusion_tag("operations/sparkline.html")
def sparkline(values: list[float]) -> dict[str, Any]:
    return {"drawn": draw(values) if len(values) > 1 else None}
