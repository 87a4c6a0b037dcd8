"""The page of one operation, and the fragments that keep an open one current."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from operations import selectors
from operations.operation_types import presentation
from operations.views import panels
from operations.views.attempts_picture import as_csv, attempts_picture
from operations.views.base import PageView
from operations.views.picture_files import picture_file
from operations.views.snapshot import snapshot_text


class OperationView(PageView):
    def get(self, request: HttpRequest, operation_id: str) -> HttpResponse:
        operation = selectors.get_visible(request.user, operation_id)
        context = {
            **panels.header(request, operation),
            **panels.history(request, operation),
            **presentation(operation.operation_type).panel(request, operation),
            **panels.log(request, operation),
            **panels.comparison(request, operation),
            "snapshot": snapshot_text(operation.request),
        }
        return render(request, "operations/operation.html", context)


class OperationHeaderView(PageView):
    """Where it stands and what can be done, when something has happened."""

    def get(self, request: HttpRequest, operation_id: str) -> HttpResponse:
        operation = selectors.get_visible(request.user, operation_id)
        context = panels.header(request, operation)
        return render(request, "operations/operation_header.html", context)


class OperationHistoryView(PageView):
    """Attempts, checkpoints and events, when something has happened."""

    def get(self, request: HttpRequest, operation_id: str) -> HttpResponse:
        operation = selectors.get_visible(request.user, operation_id)
        context = panels.history(request, operation)
        return render(request, "operations/operation_history.html", context)


class AttemptsPictureView(PageView):
    """When its attempts waited and ran, to keep: as SVG or as CSV."""

    def get(self, request: HttpRequest, operation_id: str, file_type: str) -> HttpResponse:
        operation = selectors.get_visible(request.user, operation_id)
        attempts = panels.newest_attempts(operation)
        drawn = attempts_picture(attempts)
        if file_type == "csv":
            text = as_csv(attempts)
        elif file_type == "svg" and drawn:
            context = {"attempts_picture": drawn, "as_file": True, "of": operation.pk}
            text = render_to_string("operations/attempts_picture.svg", context)
        else:
            raise Http404
        return picture_file(text, f"{operation.pk}_attempts.{file_type}")


class OperationLogView(PageView):
    """The tail of an attempt's log, while it grows."""

    def get(self, request: HttpRequest, operation_id: str) -> HttpResponse:
        operation = selectors.get_visible(request.user, operation_id)
        context = panels.log(request, operation)
        return render(request, "operations/operation_log.html", context)
