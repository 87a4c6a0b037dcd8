"""The site with one more page: work that lasts until somebody ends it."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from ktrdr_site.asgi import application as application
from operations.bounded.children import Children
from operations.bounded.room import Room
from operations.bounded.visit import visit_of
from operations.errors import DomainError
from operations.views.base import refused
from tests.operations.bounded import works

ROOM = Room(Children("tests.operations.bounded.works.prepare"))
LAST = works.work(works.last, seconds=300.0)
NEWEST = works.work(works.last, seconds=300.0, newest_counts=True)


def last(request: HttpRequest) -> HttpResponse:
    work = NEWEST if "newest" in request.GET else LAST
    try:
        ROOM.run(work, {}, user=request.GET["user"], visit=visit_of(request))
    except DomainError as error:
        return refused(HttpResponse(str(error)), error)
    return HttpResponse()


def _add_page() -> None:
    from ktrdr_site import urls

    urls.urlpatterns.append(path("last/", last))


_add_page()
