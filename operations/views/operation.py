from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from operations import selectors
from operations.views.base import PageView


class OperationView(PageView):
    def get(self, request: HttpRequest, operation_id: str) -> HttpResponse:
        operation = selectors.get_visible(request.user, operation_id)
        return render(request, "operations/operation.html", {"operation": operation})
