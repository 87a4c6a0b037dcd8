"""The API's description (OpenAPI 3.1), generated from what each `endpoint` declares."""

import re
from collections import defaultdict
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiRequest,
    OpenApiResponse,
    extend_schema_field,
    inline_serializer,
)
from rest_framework import serializers

from operations.access.tokens import Scope
from operations.api import problems
from operations.api.endpoint import Endpoint, declared_endpoint
from operations.api.idempotency import HEADER as IDEMPOTENCY_KEY
from operations.api.idempotency import KEY_MAX_LENGTH
from operations.api.permissions import needed_scope
from operations.errors import (
    DomainError,
    IdempotencyKeyInFlight,
    IdempotencyKeyReused,
    InvalidInput,
    OperationNotFound,
)

JSON = "application/json"
EVENT_STREAM = "text/event-stream"

PROBLEM = {
    "type": "object",
    "description": "RFC 9457. `code` says which problem it is, for programs; `detail` what "
    "happened and what to do next, for people.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "errors": {
            "type": "array",
            "description": "Each fault of the input.",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {
                    "pointer": {
                        "type": "string",
                        "description": "JSON Pointer (RFC 6901) to the member, or parameter.",
                    },
                    "detail": {"type": "string"},
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}

# What any request can meet before its endpoint is asked, by status: codes with a sentence.
ALWAYS = {
    401: {
        "not_authenticated": "Authentication credentials were not provided.",
        "authentication_failed": "This token is unknown, has expired, or its user is locked.",
    },
    403: {
        "permission_denied": "This token may only read. Acting needs one with the scope operate."
    },
    406: {"not_acceptable": "Could not satisfy the request Accept header."},
    429: {"throttled": "Request was throttled. Expected available in 12 seconds."},
}
WITH_INPUT = {
    400: {
        "invalid": "The request is not valid: This is not known here; known: force, reason.",
        "bad_request": "The request is malformed.",
    },
}
WITH_BODY = {
    400: {"parse_error": "JSON parse error - Expecting value: line 1 column 1 (char 0)"},
    413: {"body_too_large": "The body is too large."},
    415: {"unsupported_media_type": 'Unsupported media type "text/plain" in request.'},
}
WITH_PATH = {404: {"not_found": "There is nothing at this address."}}

SAMPLE_WORDS = {
    "operation_id": "op_training_20261122_020000_1a2b3c4d",
    "reason": "Operation op_training_20261122_020000_1a2b3c4d is already running.",
}


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
            parameters += _idempotency_headers(self.endpoint.statuses)
        if self.method == "GET" and JSON in self._success_media_types():
            parameters += _etag_headers()
        if EVENT_STREAM in self.endpoint.media_types:
            parameters.append(_last_event_header())
        if set(self.endpoint.media_types) - {JSON, EVENT_STREAM}:
            parameters.append(_digest_header())
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
            by_status[error.status][error.code] = _sample_message(error)
        return {
            (status, problems.CONTENT_TYPE): _problem_response(status, codes)
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


def finish(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """drf-spectacular's hook at the end. Problems that many endpoints share are written once."""
    components = result["components"]
    components["schemas"]["Problem"] = PROBLEM
    shared: dict[str, Any] = components.setdefault("responses", {})
    for path in result["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                if problems.CONTENT_TYPE in response.get("content", {}):
                    name = _shared_name(status, response)
                    shared[name] = response
                    operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
    finished: dict[str, Any] = _without_noise(result)
    return finished


def _shared_name(status: str, response: dict[str, Any]) -> str:
    schema = response["content"][problems.CONTENT_TYPE]["schema"]
    return "-".join([status, *schema["properties"]["code"]["enum"]])


def _without_noise(node: Any) -> Any:
    """Without drf-spectacular's marks, and with "anything or null" told as anything."""
    if isinstance(node, list):
        return [_without_noise(item) for item in node]
    if not isinstance(node, dict):
        return node
    if node.get("oneOf") == [{}, {"type": "null"}]:
        node = {key: value for key, value in node.items() if key != "oneOf"}
    return {key: _without_noise(value) for key, value in node.items() if key != "x-spec-enum-id"}


def _kind(media_type: str) -> OpenApiTypes:
    if media_type == JSON:
        return OpenApiTypes.OBJECT
    return OpenApiTypes.STR if media_type.startswith("text/") else OpenApiTypes.BINARY


def _problem_response(status: int, codes: dict[str, str]) -> OpenApiResponse:
    schema = {
        "allOf": [{"$ref": "#/components/schemas/Problem"}],
        "properties": {"status": {"const": status}, "code": {"enum": sorted(codes)}},
    }
    examples = [
        OpenApiExample(
            code,
            problems.Problem(status=status, code=code, detail=detail).as_json(),
            status_codes=[str(status)],
            media_type=problems.CONTENT_TYPE,
            response_only=True,
        )
        for code, detail in sorted(codes.items())
    ]
    named = ", ".join(f"`{code}`" for code in sorted(codes))
    says = f"{HTTPStatus(status).phrase}: {named}"
    return OpenApiResponse(schema, description=says, examples=examples)


def _sample_message(error: type[DomainError]) -> str:
    text = " ".join((error.__doc__ or "").split())
    filled = re.sub(r"{(\w+)}", lambda word: SAMPLE_WORDS.get(word[1], "…"), text)
    return filled.replace("{{", "{").replace("}}", "}")


def _page_address() -> serializers.URLField:
    return serializers.URLField(allow_null=True)


def _idempotency_headers(statuses: Iterable[int]) -> list[OpenApiParameter]:
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


def _last_event_header() -> OpenApiParameter:
    return OpenApiParameter(
        "Last-Event-ID",
        {"type": "string", "pattern": "^[0-9]{1,10}$"},
        OpenApiParameter.HEADER,
        description="The number of the last event that arrived from a stream that was cut off.",
    )


def _digest_header() -> OpenApiParameter:
    return OpenApiParameter(
        "Repr-Digest",
        str,
        OpenApiParameter.HEADER,
        description="SHA-256 of the whole file (RFC 9530).",
        response=[200],
    )


def _etag_headers() -> list[OpenApiParameter]:
    return [
        OpenApiParameter(
            "If-None-Match",
            str,
            OpenApiParameter.HEADER,
            description="An ETag: 304 while the answer is still the same.",
        ),
        OpenApiParameter("ETag", str, OpenApiParameter.HEADER, response=[200, 304]),
    ]


class BearerToken(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "operations.api.authentication.TokenAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A token of `manage.py create_token USER --scope read|operate`: the "
            "scope `read` reads, acting needs `operate`.",
        }


class Session(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "rest_framework.authentication.SessionAuthentication"
    name = "session"
    priority = 1  # before drf-spectacular's own

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "A login on the site. Requests that act need the header X-CSRFToken, "
            "too.",
        }


def _mapped(serializer: Any, auto_schema: AutoSchema, direction: Any) -> dict[str, Any]:
    """As drf-spectacular itself does."""
    schema: dict[str, Any] = auto_schema._map_serializer(  # type: ignore[no-untyped-call]
        serializer, direction, bypass_extensions=True
    )
    return schema


class StrictBody(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """A key that has no effect is an error."""

    target_class = "operations.api.base.StrictSerializer"
    match_subclasses = True

    def map_serializer(self, auto_schema: AutoSchema, direction: Any) -> dict[str, Any]:
        return {**_mapped(self.target, auto_schema, direction), "additionalProperties": False}


class WholeRow(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """A row goes out with all of its fields, whatever may be left out when one is made, and says
    nothing of its database's integers."""

    target_class = "rest_framework.serializers.ModelSerializer"
    match_subclasses = True

    def map_serializer(self, auto_schema: AutoSchema, direction: Any) -> dict[str, Any]:
        schema = _mapped(self.target, auto_schema, direction)
        for member in schema["properties"].values():
            if member.get("type") == "integer":
                for limit in ("minimum", "maximum", "format"):
                    member.pop(limit, None)
        return {**schema, "required": sorted(schema["properties"])}
