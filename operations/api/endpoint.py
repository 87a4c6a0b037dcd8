"""How an endpoint declares itself: what `GET /api/v1/schema` says of it.

    class ResumeView(OneOperationView):
        @endpoint(
            "resume_operation",
            "Resume a cancelled or failed operation",
            body=ResumeBody,
            data=ResumedSerializer(),
            raises=[NotResumable, NoCheckpoint, NoUsableCheckpoint, StorageUnavailable],
            example={"operation_id": "op_training_…", "status": "running", …},
        )
        @idempotent_after(_prepare_resume, _write_resume)
        def post(self, request: Request, resumed: Written) -> Response:

`endpoint` is the outermost decorator. What any request can meet (401, 403, 429, an invalid body or
parameter, an unknown operation), the `Idempotency-Key` and the ETag are described without a word.
Then `make openapi` writes docs/openapi.json, which a test compares.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from rest_framework.fields import Field

from operations.api.base import StrictSerializer
from operations.errors import DomainError

F = TypeVar("F", bound=Callable[..., Any])
Raises = Sequence[type[DomainError]] | Callable[[], Sequence[type[DomainError]]]
"""A function where a site's settings say more."""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    operation_id: str
    """Its name in generated clients."""
    summary: str
    description: str
    query: type[StrictSerializer] | None
    body: type[StrictSerializer] | None
    body_example: Any
    data: Field[Any, Any, Any, Any] | None
    """What `data` of the answer is."""
    paged: bool
    """Whether the answer has `next` and `previous`."""
    beside: dict[str, Field[Any, Any, Any, Any]]
    """What the answer has beside `data`."""
    statuses: Sequence[int]
    """HTTP statuses of a success."""
    media_types: Sequence[str]
    """That it can answer instead of JSON."""
    raises: Raises
    example: Any
    """An example of `data`."""
    is_idempotent: bool
    """Whether it takes an `Idempotency-Key`."""


def endpoint(
    operation_id: str,
    summary: str,
    *,
    description: str = "",
    query: type[StrictSerializer] | None = None,
    body: type[StrictSerializer] | None = None,
    body_example: Any = None,
    data: Field[Any, Any, Any, Any] | None = None,
    paged: bool = False,
    beside: dict[str, Field[Any, Any, Any, Any]] | None = None,
    statuses: Sequence[int] = (200,),
    media_types: Sequence[str] = (),
    raises: Raises = (),
    example: Any = None,
) -> Callable[[F], F]:
    """The description of a view's method."""

    def declare(method: F) -> F:
        declared = Endpoint(
            operation_id=operation_id,
            summary=summary,
            description=description,
            query=query,
            body=body,
            body_example=body_example,
            data=data,
            paged=paged,
            beside=beside or {},
            statuses=statuses,
            media_types=media_types,
            raises=raises,
            example=example,
            is_idempotent=getattr(method, "is_idempotent", False),
        )
        method.endpoint = declared  # type: ignore[attr-defined]
        return method

    return declare


def declared_endpoint(view: object, method: str) -> Endpoint | None:
    """The description of a view's method, by its HTTP name."""
    return getattr(getattr(view, method.lower(), None), "endpoint", None)
