"""Which answers are compressed: pages that were asked for."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class PageCompressionMiddleware(GZipMiddleware):
    """GET of a page, and nothing else.

    The length of what is compressed tells whether a secret in it resembles what the asker put
    beside it (BREACH). Of secrets a page that is asked for has the CSRF token alone, which Django
    masks anew in every answer, and keys of its forms, which are new in every answer; each answer
    has a random length on top, and other sites cannot ask with our cookies (SameSite). The secret
    of a token is in the answer to a POST, which stays as it is, and so do the API and streams.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        is_page = response.get("Content-Type", "").startswith("text/html")
        if request.method != "GET" or response.streaming or not is_page:
            return response
        return super().process_response(request, response)
