"""How drf-spectacular is to describe our ways to sign in, our bodies and our rows."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema


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
            if "integer" in member.get("type", ()):  # or, where there may be none, [integer, null]
                for limit in ("minimum", "maximum", "format"):
                    member.pop(limit, None)
        return {**schema, "required": sorted(schema["properties"])}
