"""The list of operations, and the fragments that keep an open one current."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from operations import selectors
from operations.models import Operation, Status
from operations.reading import choosing
from operations.reading.summaries import Summary, count, status_counts, summaries
from operations.reading.workers import absence
from operations.views.base import PageView
from operations.views.columns import Cell, cells
from operations.views.list_filter import ListFilter
from operations.views.once import empty_form
from operations.views.refusals import refusals

PAGE_SIZE = 25
COUNTS_SECONDS = 1
"""How old the chips' counts may be: for so long all open pages share one look at them."""


@dataclass(frozen=True, kw_only=True)
class Chip:
    title: str
    status: str
    """Empty for all of them."""
    count: int | None
    """None in a list that shows a part of them: by its filters they are not counted."""
    url: str
    is_current: bool


@dataclass(frozen=True, kw_only=True)
class Row:
    shown: Summary
    cells: list[Cell]
    """Beside those that the row's template writes."""


class OperationsView(PageView):
    def get(self, request: HttpRequest) -> HttpResponse:
        wanted = ListFilter.read(request.GET)
        page = choosing.page(
            request.user,
            wanted.choice,
            page_size=PAGE_SIZE,
            cursor=wanted.cursor or None,
        )
        seen = page.rows[0].created_at if page.rows and wanted.is_start else None
        context = {
            **_summary(request, wanted, summary_url=wanted.url("operations-summary", seen=seen)),
            **_rows(_together(page.rows) if wanted.grouped else page.rows, wanted),
            "headings": wanted.headings(),
            "next_url": page.next and wanted.url(cursor=page.next),
            "previous_url": page.previous and wanted.url(cursor=page.previous),
            "refused": refusals(request.user),
            "once": empty_form(),
        }
        return render(request, "operations/list.html", context)


class OperationRowView(PageView):
    """One row, when something has happened to its operation."""

    def get(self, request: HttpRequest, operation_id: str) -> HttpResponse:
        operation = selectors.get_visible(request.user, operation_id)
        context = _rows([operation], ListFilter.read(request.GET))
        return render(request, "operations/row.html", {**context, "row": context["rows"][0]})


class OperationRowsView(PageView):
    """The rows of an open page, in the order they have there: none moves under the reader."""

    def get(self, request: HttpRequest) -> HttpResponse:
        wanted = ListFilter.read(request.GET)
        ids = request.GET.getlist("id")[:PAGE_SIZE]
        operations = choosing.whole(ids, selectors.visible_to(request.user))
        return render(request, "operations/rows.html", _rows(operations, wanted))


class SummaryView(PageView):
    """What an open page shows above its rows."""

    def get(self, request: HttpRequest) -> HttpResponse:
        wanted = ListFilter.read(request.GET)
        summary = _summary(request, wanted, summary_url=request.get_full_path())
        return render(request, "operations/summary.html", summary)


def _together(operations: list[Operation]) -> list[Operation]:
    """Those of one lineage behind the first of them."""
    places = {operation.lineage: -place for place, operation in enumerate(reversed(operations))}
    return sorted(operations, key=lambda operation: places[operation.lineage])


def _rows(operations: Iterable[Operation], wanted: ListFilter) -> dict[str, Any]:
    rows = [Row(shown=each, cells=cells(each, wanted.shown)) for each in summaries(operations)]
    query = QueryDict(mutable=True)
    query.setlist("id", [row.shown.overview.operation.pk for row in rows])
    look = wanted.look
    return {
        "rows": rows,
        "wanted": wanted,
        "look": f"?{look}" if look else "",
        "rows_url": "&".join(
            filter(None, [f"{reverse('operation-rows')}?{query.urlencode()}", look])
        ),
    }


def _summary(request: HttpRequest, wanted: ListFilter, *, summary_url: str) -> dict[str, Any]:
    counts = _counts(request, wanted.part_of)
    return {
        "no_worker": absence(),
        "chips": list(_chips(wanted, counts)),
        "is_first_run": not wanted.part_of and not any(counts.values()),
        "num_new": _num_new(request, wanted),
        "fresh_url": wanted.url(),
        "summary_url": summary_url,
    }


def _counts(request: HttpRequest, part_of: str) -> dict[str, int]:
    if part_of:
        return status_counts(selectors.visible_to(request.user), part_of=part_of)
    scope = "all" if request.user.is_staff else request.user.pk
    key = f"operations:counts:{scope}"
    counts: dict[str, int] | None = cache.get(key)
    if counts is None:
        counts = status_counts(selectors.visible_to(request.user))
        cache.set(key, counts, COUNTS_SECONDS)
    return counts


def _chips(wanted: ListFilter, counts: dict[str, int]) -> Iterable[Chip]:
    titles = [("", "All", sum(counts.values()))]
    titles += [(value, title, counts[value]) for value, title in Status.choices]
    for status, title, number in titles:
        yield Chip(
            title=title,
            status=status,
            count=None if wanted.is_filtered or wanted.search else number,
            url=wanted.url(status=status),
            is_current=wanted.status == status,
        )


def _num_new(request: HttpRequest, wanted: ListFilter) -> int:
    """How many the reader would find above the page as it was read."""
    if wanted.seen is None:
        return 0
    visible = wanted.among(selectors.visible_to(request.user))
    return count(visible.filter(created_at__gt=wanted.seen))
