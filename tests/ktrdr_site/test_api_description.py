"""docs/openapi.json says what the code says, and its examples are what it says."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from jsonschema import Draft202012Validator

Json = dict[str, Any]


@pytest.fixture(scope="module")
def committed() -> Json:
    document: Json = json.loads(settings.API_DESCRIPTION.read_text())
    return document


def operations_of(document: Json) -> list[tuple[str, Json]]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def resolved(document: Json, node: Json) -> Json:
    if "$ref" not in node:
        return node
    for key in node["$ref"].removeprefix("#/").split("/"):
        document = document[key]
    return document


def test_the_committed_description_is_what_the_code_says(tmp_path: Path) -> None:
    written = tmp_path / "openapi.json"
    call_command(
        "spectacular", format="openapi-json", validate=True, fail_on_warn=True, file=str(written)
    )
    stale = "docs/openapi.json is stale: run `make openapi` and commit it"
    assert json.loads(written.read_text()) == json.loads(settings.API_DESCRIPTION.read_text()), (
        stale
    )


def test_it_is_openapi_3_1_with_both_ways_to_authenticate(committed: Json) -> None:
    assert committed["openapi"] == "3.1.0"
    assert set(committed["components"]["securitySchemes"]) == {"bearer", "session"}


def test_every_operation_names_itself_once_and_says_what_it_does(committed: Json) -> None:
    operations = [operation for _, operation in operations_of(committed)]
    ids = [operation["operationId"] for operation in operations]
    assert len(ids) == len(set(ids))
    assert all(operation["summary"] for operation in operations)
    assert all(operation["security"] for operation in operations)


def test_every_answer_in_json_has_an_example(committed: Json) -> None:
    missing = [
        f"{name} {status}"
        for name, operation in operations_of(committed)
        for status, response in operation["responses"].items()
        for content in resolved(committed, response).get("content", {}).values()
        if content["schema"].get("$ref") and not content.get("examples")
    ]
    assert missing == []


def test_every_example_has_the_shape_that_is_described(committed: Json) -> None:
    examined = 0
    for name, operation in operations_of(committed):
        responses = [resolved(committed, found) for found in operation["responses"].values()]
        for part in [operation.get("requestBody", {}), *responses]:
            for content in part.get("content", {}).values():
                validator = Draft202012Validator(
                    {**content["schema"], "components": committed["components"]}
                )
                for example in content.get("examples", {}).values():
                    faults = [fault.message for fault in validator.iter_errors(example["value"])]
                    assert faults == [], name
                    examined += 1
    assert examined > 100
