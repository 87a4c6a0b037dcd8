"""The page on which an operation's tags and note are changed."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from operations import selectors
from operations.access import permissions
from operations.access.permissions import Permission
from operations.describing import MOST_TAGS, NOTE_MAX_LENGTH, TAG_MAX_LENGTH, describe_operation
from operations.errors import InvalidInput
from operations.models import Operation
from operations.reading.known import known_of
from operations.views.base import PageView
from operations.views.refusals import refusals


class DescribeView(PageView):
    def get(self, request: HttpRequest, operation_id: str) -> HttpResponse:
        operation = selectors.get_visible(request.user, operation_id)
        tags = ", ".join(known_of([operation])[operation.pk].tags)
        return _form(request, operation, tags=tags, note=operation.note)

    def post(self, request: HttpRequest, operation_id: str) -> HttpResponse:
        operation = selectors.get_visible(request.user, operation_id)
        permissions.require(request.user, Permission.START)
        tags = request.POST.get("tags", "")
        note = request.POST.get("note", "").replace("\r\n", "\n")  # as browsers send lines
        try:
            describe_operation(operation.pk, tags=tags.split(","), note=note)
        except InvalidInput as error:
            messages.error(request, str(error))
            return _form(request, operation, tags=tags, note=note, status=error.status)
        return redirect("operation", operation.pk)


def _form(
    request: HttpRequest, operation: Operation, *, tags: str, note: str, status: int = 200
) -> HttpResponse:
    context = {
        "operation": operation,
        "tags": tags,
        "note": note,
        "longest": MOST_TAGS * (TAG_MAX_LENGTH + 2),
        "longest_note": NOTE_MAX_LENGTH,
        "refused": refusals(request.user),
    }
    return render(request, "operations/describe.html", context, status=status)
