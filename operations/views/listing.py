from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from operations.views.base import PageView


class OperationsView(PageView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "operations/list.html")
