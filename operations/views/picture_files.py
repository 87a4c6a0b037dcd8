"""A picture as a file to keep."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

TYPES = {"svg": "image/svg+xml", "csv": "text/csv"}


def picture_file(text: str, name: str) -> HttpResponse:
    """A download, whose type is the ending of its name: of `TYPES`."""
    media_type = TYPES[name.rpartition(".")[2]]
    answer = HttpResponse(text, content_type=f"{media_type}; charset=utf-8")
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return answer
