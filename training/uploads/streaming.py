"""What the doorway and the views that take files say to each other."""

from typing import Any

from django.http import HttpResponseBase

from training.uploads.errors import NotStreamed
from training.uploads.folder import Upload, User, open_upload

API, PAGE = "/api/v1/uploads", "/data/-/uploads/"
PATHS = (API, PAGE)
"""Where files are taken."""
STREAMED = "ktrdr.streamed"
"""In the scope of a request whose body the doorway writes."""
WHERE = b"ktrdr-upload"
"""The header by which the view names the upload to write to; a client never sees it."""


def take(request: Any, user: User) -> Upload:
    """A place for the request's file. Raises `TooManyUploads`, `NotStreamed`."""
    scope = getattr(request, "scope", None) or {}
    if not scope.get(STREAMED):
        raise NotStreamed
    return open_upload(user, request.GET.get("name", ""))


def let_in(response: HttpResponseBase, upload: Upload) -> None:
    """Let the doorway write the file, and then send this answer."""
    response[WHERE.decode()] = upload.id
