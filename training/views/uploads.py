"""The pages on which a user sends a file of prices, sees how it is read, and imports it."""

from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt

from operations.access import permissions
from operations.access.permissions import Permission
from operations.bounded.visit import visit_of
from operations.errors import DomainError
from operations.views.base import PageView, refused
from training.api.uploads import present_upload
from training.market_data.catalog import list_market_data
from training.market_data.told import gaps_told, told
from training.uploads import acting, folder, streaming
from training.uploads.errors import TicketStale
from training.uploads.folder import Upload
from training.views.upload_form import UploadForm

SALT = "training.uploads.ticket"
TICKET_SECONDS = 3600


def ticket_for(user: Any) -> str:
    """In the address of a form, in place of the token that its body would have: the body is not
    read before it is known who sends it."""
    return signing.dumps(user.pk, salt=SALT)


def require_ticket(request: HttpRequest) -> None:
    """Raises `TicketStale`."""
    try:
        of = signing.loads(request.GET.get("ticket", ""), salt=SALT, max_age=TICKET_SECONDS)
    except signing.BadSignature:
        of = None
    if of is None or of != request.user.pk:
        raise TicketStale


@method_decorator(csrf_exempt, name="dispatch")  # its ticket says as much
class UploadsView(PageView):
    def get(self, request: HttpRequest) -> HttpResponse:
        context = {
            "uploads": [present_upload(upload) for upload in folder.of(request.user)],
            "may_add": permissions.may(request.user, Permission.ADD_DATA),
            "most_mb": settings.KTRDR_UPLOAD_MB,
            "ticket": ticket_for(request.user),
        }
        return render(request, "training/uploads.html", context)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        permissions.require(request.user, Permission.ADD_DATA)
        require_ticket(request)
        upload = streaming.take(request, request.user)
        response = redirect("upload", upload.id)
        streaming.let_in(response, upload)
        return response


class UploadView(PageView):
    """One form with several buttons."""

    def get(self, request: HttpRequest, upload_id: str) -> HttpResponse:
        return self._page(folder.find(request.user, upload_id), UploadForm())

    def post(self, request: HttpRequest, upload_id: str) -> HttpResponse:
        permissions.require(request.user, Permission.ADD_DATA)
        upload = folder.find(request.user, upload_id)
        action = request.POST.get("action")
        if action == "delete":
            folder.discard(upload)
            return redirect("market-data-uploads")
        form = UploadForm(request.POST)
        if not form.is_valid():
            return self._page(upload, form, status=400)
        try:
            return self._act(upload, form, action)
        except DomainError as error:
            page = self._page(upload, form, error=error, answers=_answers(error))
            return refused(page, error)

    def _act(self, upload: Upload, form: UploadForm, action: str | None) -> HttpResponse:
        if action == "import":
            permissions.require_all(self.request.user, form.asked().needs)
            acting.begin_import(upload, form.asked())
            return redirect("upload", upload.id)
        found = acting.preview(upload, form.asked(), visit=visit_of(self.request))
        return self._page(upload, form, preview=found, told=_told(found["report"]))

    def _page(
        self, upload: Upload, form: UploadForm, *, status: int = 200, **context: Any
    ) -> HttpResponse:
        context = {
            "upload": present_upload(upload),
            "form": form,
            "symbols": sorted({entry.symbol for entry in list_market_data()}),
            **context,
        }
        return render(self.request, "training/upload.html", context, status=status)


def _answers(error: DomainError) -> list[dict[str, str]]:
    """What the error's sentence does not say itself: other problems, and other readings."""
    return [one for one in error.errors if one["detail"] not in str(error)]


def _told(report: dict[str, Any]) -> list[str]:
    return [*told(report), *gaps_told(report)]
