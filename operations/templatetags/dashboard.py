"""How the dashboard writes things: icons, statuses, sizes, durations and metrics."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import template
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from operations.models import Operation, Status

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
def metric(value: float | None) -> str:
    """Four significant digits: more says nothing that a person can compare."""
    return NOTHING if value is None else f"{value:#.4g}"
