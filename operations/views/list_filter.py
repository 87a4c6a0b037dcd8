"""What the address of a list of operations says, and the addresses of its neighbours."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse

from operations import selectors
from operations.errors import InvalidInput
from operations.models import Operation, Status

NEWEST_FIRST = "-created_at"


class _Fields(forms.Form):
    status = forms.ChoiceField(choices=Status.choices, required=False)
    search = forms.CharField(max_length=200, required=False)
    ordering = forms.ChoiceField(
        choices=[(NEWEST_FIRST, "Newest first"), ("created_at", "Oldest first")], required=False
    )
    cursor = forms.CharField(max_length=500, required=False)
    since = forms.DateTimeField(required=False)


def read_address(form: forms.Form) -> dict[str, Any]:
    """What the address of a list chooses, by field. Raises `InvalidInput`."""
    if not form.is_valid():
        faults = (f"{name}: {told.as_text()}" for name, told in form.errors.items())
        raise InvalidInput(reason=f"This is no address of a list. {' '.join(faults)}")
    return form.cleaned_data


@dataclass(frozen=True, kw_only=True)
class ListFilter:
    status: str = ""
    search: str = ""
    ordering: str = NEWEST_FIRST
    cursor: str = ""
    since: datetime | None = None
    """When the newest operation was made that the reader has seen."""

    @classmethod
    def read(cls, query: QueryDict) -> "ListFilter":
        """Raises `InvalidInput`."""
        chosen = read_address(_Fields(query))
        return cls(**{name: value for name, value in chosen.items() if value})

    def among(self, operations: QuerySet[Operation]) -> QuerySet[Operation]:
        return selectors.matching(
            operations, status=self.status or None, search=self.search or None
        )

    @property
    def is_start(self) -> bool:
        """Whether what is new appears on this page."""
        return self.ordering == NEWEST_FIRST and not self.cursor

    def url(self, name: str = "operations", **changes: object) -> str:
        """The address of the same list from its first page on, with these changes."""
        kept = {field.name: getattr(self, field.name) for field in fields(self)}
        kept |= {"cursor": "", "since": "", **changes}
        query = QueryDict(mutable=True)
        query.update({key: value for key, value in kept.items() if value and value != NEWEST_FIRST})
        return f"{reverse(name)}?{query.urlencode()}".removesuffix("?")
