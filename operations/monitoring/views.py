"""`/metrics`, for Prometheus."""

from collections.abc import Iterable

from django.http import HttpResponse
from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.registry import Collector
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from operations.access.permissions import require_staff
from operations.api_view import ApiView
from operations.monitoring.measures import families

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class ExpositionRenderer(JSONRenderer):
    """Lets a scraper ask for its format; an error is a problem all the same."""

    media_type = "text/plain"
    format = "prometheus"


class MetricsView(ApiView):
    """For staff, by session or by a token of theirs that may read: it tells of everybody's work."""

    renderer_classes = [ExpositionRenderer]
    schema = None

    def get(self, request: Request) -> HttpResponse:
        require_staff(request.user)
        registry = CollectorRegistry()
        registry.register(_Families())
        return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE)


class _Families(Collector):
    def collect(self) -> Iterable[Metric]:
        return families()
