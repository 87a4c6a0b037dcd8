"""How the pages of trainings write things."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from training.evaluation import definitions
from training.views.metrics import Number, shown

register = template.Library()


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One class's piece of a bar that is 100 wide."""

    name: str
    count: int
    percent: float
    begin: float


@register.filter
def bars(balance: Mapping[str, int]) -> list[Bar]:
    """The number of samples of each class as bars, side by side."""
    total, begin, found = sum(balance.values()), 0.0, []
    for name, count in balance.items():
        percent = 100 * count / total
        found.append(Bar(name=name, count=count, percent=percent, begin=begin))
        begin += percent
    return found


@register.filter
def metric_of(values: Mapping[str, Number], name: str) -> str:
    """One metric with its unit."""
    return shown(name, values.get(name))


@register.simple_tag
def defined(name: str, label: str) -> SafeString:
    """A label that leads to its definition, and shows it to who points at it."""
    told = definitions.definition_of(name) or definitions.BESIDE.get(name)
    told = told or definitions.FIELDS.get(name)
    address = f"{reverse('evaluation')}#{definitions.metric_key(name)}"
    return format_html('<a class="defined" href="{}" title="{}">{}</a>', address, told or "", label)


@register.filter
def day(seconds: float) -> str:
    """`2016-05-04`, of Unix seconds."""
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
