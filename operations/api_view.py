"""What every view that is not a page has in common: the API's, the streams', the monitoring's."""

from typing import Any

from django.utils.cache import patch_cache_control
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from rest_framework.request import Request
from rest_framework.views import APIView


@method_decorator(conditional_page, name="dispatch")
class ApiView(APIView):
    """Answers `{"success": true, "data": …}`, with an ETag and 304 for an unchanged GET."""

    metadata_class = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # Read whole and first: this holds the size limit, which a parser's stream would not, and
        # later readers (CSRF, the idempotency key) each find it.
        request.body  # noqa: B018
        super().initial(request, *args, **kwargs)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        final = super().finalize_response(request, response, *args, **kwargs)
        patch_cache_control(final, private=True, no_cache=True)
        return final
