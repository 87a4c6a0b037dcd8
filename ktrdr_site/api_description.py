"""What the API's description says of the API as a whole."""

from typing import Any

DESCRIPTION_SETTINGS: dict[str, Any] = {
    "TITLE": "KTRDR",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "DESCRIPTION": (
        "Trainings of neuro-fuzzy trading strategies as durable operations: start, watch, cancel, "
        'resume.\n\nSuccess is `{"success": true, "data": …}`; lists add `next` and `previous`. '
        "Errors are `application/problem+json` (RFC 9457) with a `code`. Users who are not staff "
        "see their own operations only; another's is 404. Every GET has an `ETag`; a POST that "
        "does work takes an `Idempotency-Key`."
    ),
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "COMPONENT_SPLIT_REQUEST": True,  # whatever an answer can hold, it holds
    "DISABLE_DOCSTRING_DESCRIPTIONS": True,  # they are for readers of the code
    "ENABLE_DJANGO_DEPLOY_CHECK": False,  # a test holds it
    "POSTPROCESSING_HOOKS": [
        "operations.api.openapi.finish",
        "ktrdr_site.api_fields.describe_fields",
    ],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "SORT_OPERATION_PARAMETERS": False,
}
