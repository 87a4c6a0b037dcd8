from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from operations import selectors
from operations.models import Operation, Process
from operations.reading.workers import absence
from operations.views.base import PageView


@dataclass(frozen=True, kw_only=True)
class Worker:
    process: Process
    operation: Operation | None
    """What it runs, where the user may see that."""


class WorkersView(PageView):
    """Who is alive. The fragment alone for a page that is open."""

    def get(self, request: HttpRequest) -> HttpResponse:
        is_fragment = request.headers.get("HX-Request") == "true"
        page = "operations/workers_table.html" if is_fragment else "operations/workers.html"
        context = {
            "workers": _workers(request),
            "no_worker": absence(),
            "num_sweepers": selectors.alive(Process.Kind.SWEEPER).count(),
        }
        return render(request, page, context)


def _workers(request: HttpRequest) -> list[Worker]:
    running = selectors.running_by_worker(selectors.visible_to(request.user).only(*SHOWN))
    return [
        Worker(process=process, operation=running.get(process.name))
        for process in selectors.alive(Process.Kind.WORKER)
    ]


SHOWN = ("name", "operation_type", "worker", "status", "claimed_at", "cancel_requested_at")
