"""How the dashboard writes things: icons, statuses, sizes, durations and metrics."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from checkpoints.models import Checkpoint
from operations.models import Attempt, Operation, Outcome, Status
from operations.overview import position_words, replay_words
from operations.summaries import COUNT_AT_MOST
from operations.views.sparkline import draw

register = template.Library()

NOTHING = "—"  # where there is no value

PAGES = (
    ("operations", "Operations"),
    ("start", "Start"),
    ("models", "Models"),
    ("compare", "Compare"),
    ("workers", "Workers"),
)
"""URL name and title. A page that this site does not have is left out."""


@dataclass(frozen=True, kw_only=True)
class NavigationItem:
    title: str
    url: str
    is_current: bool


@register.simple_tag
def icon(name: str) -> SafeString:
    """One of icons.svg, for decoration: the words beside it say the same."""
    sprite = static("operations/icons.svg")
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', sprite, name
    )


@register.simple_tag
def status(operation: Operation) -> SafeString:
    """Icon and word; an operation that was asked to stop says so."""
    is_stopping = operation.status == Status.RUNNING and operation.cancel_requested_at
    name = "stopping" if is_stopping else operation.status
    return format_html('<span class="status {}">{}{}</span>', name, icon(name), name)


OUTCOME_ICONS = {
    Outcome.COMPLETED: "completed",
    Outcome.FAILED: "failed",
    Outcome.CANCELLED: "cancelled",
    Outcome.INTERRUPTED: "stopping",
    Outcome.LOST: "warning",
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


@register.inclusion_tag("operations/copy.html")
def copy(text: str) -> dict[str, str]:
    """A button that copies; not there where no script runs."""
    return {"text": text}


@register.filter
def place(checkpoint: Checkpoint | dict[str, Any]) -> str:
    """Where a checkpoint stands, or where one stood that an attempt began with."""
    if isinstance(checkpoint, Checkpoint):
        return position_words(checkpoint.epoch, checkpoint.batch)
    return position_words(checkpoint["epoch"], checkpoint["batch"])


@register.filter
def replay(attempt: Attempt) -> str:
    return replay_words(attempt)


@register.filter
def grouped(number: object) -> str:
    return f"{number:,.0f}" if isinstance(number, int | float) else NOTHING


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
def size(num_bytes: float | None) -> str:
    """`2.1 MB`, in powers of ten, as disks and file managers count."""
    if num_bytes is None:
        return NOTHING
    value = float(num_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


@register.filter
def duration(length: timedelta | float | None) -> str:
    """`4.2 s`, `3 min 07 s`, `2 h 05 min`, `3 d 04 h`. Seconds, or a timedelta."""
    if length is None:
        return NOTHING
    seconds = length.total_seconds() if isinstance(length, timedelta) else float(length)
    if seconds < 10:
        return f"{max(seconds, 0):.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, hours, days = int(seconds // 60), int(seconds // 3600), int(seconds // 86400)
    if hours == 0:
        return f"{minutes} min {int(seconds % 60):02} s"
    if days == 0:
        return f"{hours} h {minutes % 60:02} min"
    return f"{days} d {hours % 24:02} h"


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


@register.filter
def capped(number: int) -> str:
    return f"{COUNT_AT_MOST:,}+" if number > COUNT_AT_MOST else f"{number:,}"


@register.filter
def epochs_done(epoch: int | None) -> int:
    """Of the last completed epoch, counted from 0."""
    return 0 if epoch is None else epoch + 1


@register.filter
def metric(value: object) -> str:
    """Four significant digits: more says nothing that a person can compare.

    What its worker never reported is no number: templates give a missing key as an empty string.
    """
    return f"{value:#.4g}" if isinstance(value, int | float) else NOTHING


@register.inclusion_tag("operations/sparkline.html")
def sparkline(values: list[float]) -> dict[str, Any]:
    return {"drawn": draw(values) if len(values) > 1 else None}
