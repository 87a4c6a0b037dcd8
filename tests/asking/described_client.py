"""An API client that holds every answer to the committed description."""

import json
import re
from functools import cache
from typing import Any

from django.urls import Resolver404, is_valid_path, resolve
from jsonschema import Draft202012Validator
from rest_framework.response import Response
from rest_framework.test import APIClient

from tests.asking.api_description import strict_description

ROOT = "/api/v1/"
NOT_DESCRIBED = {"404 not_found", "500 server_error"}
"""Of an address that is none, and of a fault of ours."""
UNREAD = "400 bad_request"
"""A query with what no text may have is refused before anybody looks at its address."""

description = cache(strict_description)


class DescribedClient(APIClient):
    def request(self, **request: Any) -> Response:
        answer: Response = super().request(**request)
        if request["PATH_INFO"].startswith(ROOT):
            check(request["REQUEST_METHOD"], request["PATH_INFO"], answer)
        return answer


def check(method: str, path: str, answer: Response) -> None:
    """Raises `AssertionError` where status, media type or body are not as described."""
    if method == "HEAD" or _is_everywhere(answer) or _is_refused_unread(path, answer):
        return
    methods = description()["paths"].get(_pattern(path), {})
    if method.lower() not in methods:
        return
    called = f"{method} {path} answered {answer.status_code}"
    described = _response(methods[method.lower()], str(answer.status_code))
    assert described is not None, f"{called}, which is not described"
    if "content" not in described:
        return
    media_type = answer.headers["Content-Type"].partition(";")[0]
    assert media_type in described["content"], f"{called} with {media_type}, not described"
    if media_type.endswith("json"):
        faults = _faults(described["content"][media_type]["schema"], json.loads(answer.content))
        assert faults == [], f"{called}, not in its described shape"


def _is_everywhere(answer: Response) -> bool:
    return _told(answer) in NOT_DESCRIBED


def _is_refused_unread(path: str, answer: Response) -> bool:
    return _told(answer) == UNREAD and not is_valid_path(path)


def _told(answer: Response) -> str:
    if answer.headers.get("Content-Type") != "application/problem+json":
        return ""
    return f"{answer.status_code} {answer.json()['code']}"


def _pattern(path: str) -> str:
    try:
        route = resolve(path).route
    except Resolver404 as error:
        raise AssertionError(f"{path} is no address") from error
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)


def _response(operation: dict[str, Any], status: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = operation["responses"].get(status)
    if found and "$ref" in found:
        return _shared(found["$ref"].rpartition("/")[2])
    return found


def _shared(name: str) -> dict[str, Any]:
    shared: dict[str, Any] = description()["components"]["responses"][name]
    return shared


def _faults(schema: dict[str, Any], body: Any) -> list[str]:
    validator = Draft202012Validator({**schema, "components": description()["components"]})
    return [f"{fault.json_path}: {fault.message}" for fault in validator.iter_errors(body)]
