"""The API's description, and a page to read it and try it out."""

import json
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpResponse
from django.views.generic import TemplateView
from rest_framework.request import Request

from operations.api.endpoint import endpoint
from operations.api_view import ApiView


class SchemaView(ApiView):
    """The document that was reviewed and committed: a test holds it to what the code says."""

    @endpoint(
        "get_schema",
        "This description (OpenAPI 3.1)",
        media_types=["application/json"],
    )
    def get(self, request: Request) -> HttpResponse:
        document = _document(settings.API_DESCRIPTION, settings.KTRDR_ROOT_PATH)
        return HttpResponse(document, content_type="application/json")


class DocsView(LoginRequiredMixin, TemplateView):
    """Swagger UI, served by this site: nothing comes from elsewhere, and nothing is inline."""

    template_name = "operations/api/docs.html"


@lru_cache(maxsize=1)
def _document(path: Path, root: str) -> bytes:
    """Of a site below its host's root it says so: every address of it begins there."""
    written = path.read_bytes()
    if not root:
        return written
    return json.dumps({**json.loads(written), "servers": [{"url": root}]}).encode()
