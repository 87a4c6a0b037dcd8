"""Every field and parameter of the API says what it is."""

import json
from typing import Any

import pytest
from django.conf import settings

from ktrdr_site.api_fields import FIELDS, PARAMETERS, describe_fields, fields_of, parameters_of

SHORTEST = 8
"""Letters: fewer say nothing."""


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    described: dict[str, Any] = json.loads(settings.API_DESCRIPTION.read_text(encoding="utf-8"))
    return described


def test_no_field_and_no_parameter_is_without_a_description(description: dict[str, Any]) -> None:
    fields = [(f"{name}.{key}", field) for name, key, field in fields_of(description)]
    parameters = [(parameter["name"], parameter) for parameter in parameters_of(description)]
    assert len(fields) > 400 and len(parameters) > 50
    bare = {name for name, it in fields + parameters if len(it.get("description", "")) < SHORTEST}
    assert bare == set(), "say what they are in ktrdr_site/api_fields.py, or as help_text"


def test_no_description_is_of_what_is_not_there(description: dict[str, Any]) -> None:
    named = {name for schema, key, _ in fields_of(description) for name in (key, f"{schema}.{key}")}
    assert FIELDS.keys() - named == set()
    assert (
        PARAMETERS.keys() - {parameter["name"] for parameter in parameters_of(description)} == set()
    )


def test_what_a_field_says_of_itself_goes_first_then_its_schema_then_its_name() -> None:
    members = {"name": {}, "size_bytes": {}, "id": {"description": "Mine."}}
    schemas = {"Artifact": {"properties": members}, "Other": {"properties": {"name": {}}}}
    described = describe_fields({"components": {"schemas": schemas}, "paths": {}})
    told = {f"{name}.{key}": field["description"] for name, key, field in fields_of(described)}
    assert told == {
        "Artifact.name": FIELDS["Artifact.name"],
        "Artifact.size_bytes": FIELDS["Artifact.size_bytes"],
        "Artifact.id": "Mine.",
        "Other.name": FIELDS["name"],
    }
