"""The headers of requests and answers that follow from what an endpoint declares."""

from collections.abc import Iterable

from drf_spectacular.utils import OpenApiParameter

from operations.api.idempotency import HEADER as IDEMPOTENCY_KEY
from operations.api.idempotency import KEY_MAX_LENGTH


def idempotency_headers(statuses: Iterable[int]) -> list[OpenApiParameter]:
    return [
        OpenApiParameter(
            IDEMPOTENCY_KEY,
            {"type": "string", "minLength": 1, "maxLength": KEY_MAX_LENGTH, "pattern": "^[ -~]+$"},
            OpenApiParameter.HEADER,
            description="The same request with the same key, within 24 hours, gets the first "
            "one's answer and does nothing.",
        ),
        OpenApiParameter(
            "Idempotency-Replayed",
            {"type": "string", "const": "true"},
            OpenApiParameter.HEADER,
            description="This is the first one's answer.",
            response=list(statuses),
        ),
    ]


def last_event_header() -> OpenApiParameter:
    return OpenApiParameter(
        "Last-Event-ID",
        {"type": "string", "pattern": "^[0-9]{1,10}$"},
        OpenApiParameter.HEADER,
        description="The number of the last event that arrived from a stream that was cut off.",
    )


def digest_header() -> OpenApiParameter:
    return OpenApiParameter(
        "Repr-Digest",
        str,
        OpenApiParameter.HEADER,
        description="SHA-256 of the whole file (RFC 9530).",
        response=[200],
    )


def etag_headers() -> list[OpenApiParameter]:
    return [
        OpenApiParameter(
            "If-None-Match",
            str,
            OpenApiParameter.HEADER,
            description="An ETag: 304 while the answer is still the same.",
        ),
        OpenApiParameter("ETag", str, OpenApiParameter.HEADER, response=[200, 304]),
    ]
