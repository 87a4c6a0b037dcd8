"""What can go wrong at an endpoint: the shape of a problem, and those that none has to declare."""

import re
from http import HTTPStatus

from drf_spectacular.utils import OpenApiExample, OpenApiResponse

from operations.api import problems
from operations.errors import DomainError

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
    400: {"bad_request": "The query holds the character U+0000, which cannot be stored."},
    401: {
        "not_authenticated": "Authentication credentials were not provided.",
        "authentication_failed": "This token is unknown, has expired, or its user is locked.",
    },
    403: {
        "permission_denied": "This token may only read. Acting needs one with the scope operate."
    },
    406: {"not_acceptable": "Could not satisfy the request Accept header."},
    429: {
        "throttled": "Request was throttled. Expected available in 12 seconds.",
        problems.TOO_MANY_WAITING.code: problems.TOO_MANY_WAITING.detail,
    },
    503: {
        problems.DATABASE_UNAVAILABLE.code: problems.DATABASE_UNAVAILABLE.detail,
        problems.SITE_BUSY.code: problems.SITE_BUSY.detail,
    },
    431: {"headers_too_large": "The headers are too large: 16,384 bytes are read at most."},
}
WITH_INPUT = {
    400: {
        "invalid": "The request is not valid: This is not known here; known: force, reason.",
    },
}
WITH_BODY = {
    400: {"parse_error": "JSON parse error - Expecting value: line 1 column 1 (char 0)"},
    408: {"body_too_slow": "The body did not arrive within 60 s."},
    413: {"body_too_large": "The body is too large: 1,048,576 bytes are read here at most."},
    415: {"unsupported_media_type": 'Unsupported media type "text/plain" in request.'},
}
WITH_PATH = {404: {"not_found": "There is nothing at this address."}}

SAMPLE_WORDS = {
    "operation_id": "op_training_20261122_020000_1a2b3c4d",
    "reason": "Operation op_training_20261122_020000_1a2b3c4d is already running.",
}


def problem_response(status: int, codes: dict[str, str]) -> OpenApiResponse:
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


def sample_message(error: type[DomainError]) -> str:
    text = " ".join((error.__doc__ or "").split())
    filled = re.sub(r"{(\w+)}", lambda word: SAMPLE_WORDS.get(word[1], "…"), text)
    return filled.replace("{{", "{").replace("}}", "}")
