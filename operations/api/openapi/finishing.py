"""The last look at the whole description."""

from typing import Any

from operations.api.openapi.problems import PROBLEM
from operations.api.problems import CONTENT_TYPE


def finish(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """drf-spectacular's hook at the end. Problems that many endpoints share are written once."""
    components = result["components"]
    components["schemas"]["Problem"] = PROBLEM
    shared: dict[str, Any] = components.setdefault("responses", {})
    for path in result["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                if CONTENT_TYPE in response.get("content", {}):
                    name = _shared_name(status, response)
                    shared[name] = response
                    operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
    finished: dict[str, Any] = _without_noise(result)
    return finished


def _shared_name(status: str, response: dict[str, Any]) -> str:
    schema = response["content"][CONTENT_TYPE]["schema"]
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
