"""The description of one endpoint."""

from collections import defaultdict
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiRequest,
    OpenApiResponse,
    extend_schema_field,
    inline_serializer,
)
from rest_framework import serializers

from operations.access.tokens import Scope
from operations.api.endpoint import Endpoint, declared_endpoint
from operations.api.openapi.headers import (
    digest_header,
    etag_headers,
    idempotency_headers,
    last_event_header,
)
from operations.api.openapi.problems import (
    ALWAYS,
    WITH_BODY,
    WITH_INPUT,
    WITH_PATH,
    problem_response,
    sample_message,
)
from operations.api.permissions import needed_scope
from operations.api.problems import CONTENT_TYPE
from operations.errors import (
    DomainError,
    IdempotencyKeyInFlight,
    IdempotencyKeyReused,
    InvalidInput,
    OperationNotFound,
)

JSON = "application/json"
EVENT_STREAM = "text/event-stream"


@extend_schema_field({"type": "boolean", "const": True})
class Success(serializers.BooleanField):
    pass


class EndpointSchema(AutoSchema):
    """One operation of the description, in OpenAPI's sense of the word."""

    @property
    def endpoint(self) -> Endpoint:
        declared = declared_endpoint(self.view, self.method)
        if declared is None:
            raise LookupError(f"{self.method} {self.path} does not declare itself: see endpoint.py")
        return declared

    def get_operation_id(self) -> str:
        return self.endpoint.operation_id

    def get_summary(self) -> str:
        return self.endpoint.summary

    def get_description(self) -> str:  # type: ignore[override]
        """What was declared, and who may."""
        told = [self.endpoint.description] if self.endpoint.description else []
        if getattr(self.view, "staff_only", False):
            told.append("For staff only.")
        acts = needed_scope(self.method, self.view) is Scope.OPERATE
        if acts and (permission := getattr(self.view, "permission", None)):
            told.append(f"Needs the permission `{permission}`.")
        return "\n\n".join(told)

    def get_request_serializer(self) -> Any:
        if self.endpoint.body is None:
            return None
        example = self.endpoint.body_example
        examples = [] if example is None else [OpenApiExample("Example", example)]
        return OpenApiRequest(self.endpoint.body, examples=examples)

    def get_override_parameters(self) -> list[Any]:
        parameters: list[Any] = [self.endpoint.query] if self.endpoint.query else []
        if self.endpoint.is_idempotent:
            parameters += idempotency_headers(self.endpoint.statuses)
        if self.method == "GET" and JSON in self._success_media_types():
            parameters += etag_headers()
        if EVENT_STREAM in self.endpoint.media_types:
            parameters.append(last_event_header())
        if set(self.endpoint.media_types) - {JSON, EVENT_STREAM}:
            parameters.append(digest_header())
        return parameters

    def get_response_serializers(self) -> Any:
        responses = {**self._successes(), **self._problems()}
        if self.method == "GET" and JSON in self._success_media_types():
            responses[304] = OpenApiResponse(description="Unchanged since that ETag.")
        if EVENT_STREAM in self.endpoint.media_types:
            responses[204] = OpenApiResponse(description="Nothing is to come: stay away.")
        return responses

    def _success_media_types(self) -> list[str]:
        as_json = [JSON] if self.endpoint.data is not None else []
        return [*as_json, *self.endpoint.media_types]

    def _successes(self) -> dict[Any, OpenApiResponse]:
        responses: dict[Any, OpenApiResponse] = {}
        envelope = self._envelope()
        for status in self.endpoint.statuses:
            says = HTTPStatus(status).phrase
            if envelope:
                responses[status, JSON] = OpenApiResponse(envelope, says, self._examples(status))
            for media_type in self.endpoint.media_types:
                responses[status, media_type] = OpenApiResponse(_kind(media_type), says)
        return responses

    def _envelope(self) -> serializers.Serializer[Any] | None:
        if self.endpoint.data is None:
            return None
        fields: dict[str, Any] = {"success": Success(), "data": self.endpoint.data}
        if self.endpoint.paged:
            fields |= {"next": _page_address(), "previous": _page_address()}
        name = "".join(word.capitalize() for word in self.endpoint.operation_id.split("_"))
        return inline_serializer(f"{name}Answer", {**fields, **self.endpoint.beside})

    def _examples(self, status: int) -> list[OpenApiExample]:
        if self.endpoint.example is None:
            return []
        value = {"success": True, "data": self.endpoint.example}
        if self.endpoint.paged:
            value |= {"next": None, "previous": None}
        return [OpenApiExample("Example", value, status_codes=[str(status)], response_only=True)]

    def _problems(self) -> dict[Any, OpenApiResponse]:
        by_status: dict[int, dict[str, str]] = defaultdict(dict)
        for known in self._unspoken():
            for status, codes in known.items():
                by_status[status] |= codes
        for error in self._domain_errors():
            by_status[error.status][error.code] = sample_message(error)
        return {
            (status, CONTENT_TYPE): problem_response(status, codes)
            for status, codes in sorted(by_status.items())
        }

    def _unspoken(self) -> Iterable[dict[int, dict[str, str]]]:
        yield ALWAYS
        if self.endpoint.query or self.endpoint.body or self.endpoint.is_idempotent:
            yield WITH_INPUT
        if self.endpoint.body:
            yield WITH_BODY
        if "{" in self.path:
            yield WITH_PATH

    def _domain_errors(self) -> Iterable[type[DomainError]]:
        if "{operation_id}" in self.path:
            yield OperationNotFound
        if self.endpoint.is_idempotent:
            yield from (InvalidInput, IdempotencyKeyInFlight, IdempotencyKeyReused)
        raises = self.endpoint.raises
        yield from raises() if callable(raises) else raises


def _kind(media_type: str) -> OpenApiTypes:
    if media_type == JSON:
        return OpenApiTypes.OBJECT
    return OpenApiTypes.STR if media_type.startswith("text/") else OpenApiTypes.BINARY


def _page_address() -> serializers.URLField:
    return serializers.URLField(allow_null=True)
