"""How a view of the API reads a request, and how it answers."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

if TYPE_CHECKING:
    from django.contrib.auth.models import User

S = TypeVar("S", bound="StrictSerializer")


class StrictSerializer(serializers.Serializer[Any]):
    """For input: a key that has no effect is an error, not a silence."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and (unknown := data.keys() - self.fields.keys()):
            known = ", ".join(self.fields)
            message = f"This is not known here; known: {known}."
            raise serializers.ValidationError({key: [message] for key in sorted(unknown)})
        return super().to_internal_value(data)


def user_of(request: Request) -> "User":
    """The user of a request that the permission classes have let through."""
    assert request.user.is_authenticated
    return request.user


def body(serializer: type[S], request: Request) -> dict[str, Any]:
    """The validated body. Raises `ValidationError`."""
    return _validated(serializer(data=request.data))


def query(serializer: type[S], request: Request) -> dict[str, Any]:
    """The validated query parameters. Raises `ValidationError`."""
    return _validated(serializer(data=request.query_params.dict()))


def _validated(serializer: StrictSerializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def page_address(request: Request, cursor: str | None) -> str | None:
    """This list's address at another page of it."""
    return cursor and replace_query_param(request.build_absolute_uri(), "cursor", cursor)


def success(data: Any, *, status: int = 200, **beside: Any) -> Response:
    return Response({"success": True, "data": data, **beside}, status=status)
