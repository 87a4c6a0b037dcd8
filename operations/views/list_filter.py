"""What the address of a list of operations says, and the addresses of its neighbours."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse

from operations import operation_types
from operations.errors import InvalidInput
from operations.labels import LABEL_MAX_LENGTH, LARGEST_NUMBER, TAG
from operations.models import Operation, OperationQuerySet, Status
from operations.operation_types import LabelKind
from operations.reading import choosing
from operations.reading.choosing import CREATED, NEWEST_FIRST, Choice
from operations.views.columns import STANDARD, Column, all_columns

OF_THE_VIEW = ("cursor", "seen", "columns", "grouped")
"""What an address says that chooses no operations and orders none."""
APART = ("status", "search", "ordering", "part_of", *OF_THE_VIEW)
"""Fields that do not stand among the filters."""
ONLY_WITH = "Those without this figure are left out."


def time_input() -> forms.DateTimeInput:
    """Which shows how a time is written."""
    return forms.DateTimeInput(attrs={"placeholder": "2026-01-31 15:00"})


class ListForm(forms.Form):
    status = forms.ChoiceField(choices=Status.choices, required=False)
    search = forms.CharField(max_length=200, required=False)
    owner = forms.CharField(label="Owner", max_length=150, required=False)
    tag = forms.CharField(label="Tag", max_length=LABEL_MAX_LENGTH, required=False)
    lineage = forms.CharField(label="Lineage (its first id)", max_length=64, required=False)
    part_of = forms.CharField(max_length=64, required=False)
    since = forms.DateTimeField(label="Created from", required=False, widget=time_input())
    until = forms.DateTimeField(label="Created before", required=False, widget=time_input())
    cursor = forms.CharField(max_length=500, required=False)
    seen = forms.DateTimeField(required=False)
    grouped = forms.BooleanField(required=False)

    def __init__(self, query: QueryDict) -> None:
        super().__init__(query)
        of_kinds = {
            name: _field(kind)
            for name, kind in operation_types.label_kinds().items()
            if name != TAG
        }
        self.fields |= of_kinds
        names = [(name, name) for name in choosing.orderings()]
        self.fields["ordering"] = forms.ChoiceField(choices=names, required=False)
        columns = [(name, column.title) for name, column in all_columns().items()]
        self.fields["columns"] = forms.MultipleChoiceField(choices=columns, required=False)

    @property
    def filters(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in APART]


def _field(kind: LabelKind) -> forms.Field:
    if kind.is_number:
        return forms.IntegerField(
            label=kind.title, required=False, min_value=0, max_value=LARGEST_NUMBER
        )
    return forms.CharField(label=kind.title, max_length=LABEL_MAX_LENGTH, required=False)


def read_address(form: forms.Form) -> dict[str, Any]:
    """What the address of a list chooses, by field. Raises `InvalidInput`."""
    if not form.is_valid():
        faults = (
            f"{form[name].label}: {' '.join(map(str, told))}" for name, told in form.errors.items()
        )
        raise InvalidInput(reason=f"The list cannot be shown. {' '.join(faults)}")
    return form.cleaned_data


def first_words(ordering: str, *, is_time: bool) -> str:
    """What stands first in this order."""
    if is_time:
        return "newest first" if ordering.startswith("-") else "oldest first"
    return "largest first" if ordering.startswith("-") else "smallest first"


@dataclass(frozen=True, kw_only=True)
class Heading:
    """Of a column."""

    column: Column
    url: str
    """Of the list sorted by it; empty of a column that does not sort."""
    arrow: str
    """Both ways where the list is not sorted by it."""
    sort: str
    """As `aria-sort` says it."""


@dataclass(frozen=True, kw_only=True)
class ListFilter:
    query: QueryDict
    form: ListForm
    """Of the query: read once, since making one takes longer than a row of the list."""
    choice: Choice
    cursor: str = ""
    seen: datetime | None = None
    """When the newest operation was made that the reader has seen."""
    columns: tuple[str, ...] = STANDARD
    grouped: bool = False
    """Whether those of one lineage stand together."""

    @classmethod
    def read(cls, query: QueryDict) -> "ListFilter":
        """Raises `InvalidInput`."""
        form = ListForm(query)
        given = {name: value for name, value in read_address(form).items() if value}
        of_view = {name: given.pop(name) for name in OF_THE_VIEW if name in given}
        of_view["columns"] = tuple(of_view.get("columns", STANDARD))
        return cls(query=query, form=form, choice=choosing.choice_of(given), **of_view)

    def among(self, operations: OperationQuerySet) -> QuerySet[Operation]:
        return choosing.chosen(operations, self.choice)

    @property
    def status(self) -> str:
        return self.choice.status or ""

    @property
    def search(self) -> str:
        return self.choice.search or ""

    @property
    def part_of(self) -> str:
        return self.choice.part_of or ""

    @property
    def ordering(self) -> str:
        return self.choice.ordering

    @property
    def is_filtered(self) -> bool:
        """By what stands among the filters."""
        return any(self.query.get(field.name) for field in self.form.filters)

    @property
    def is_chosen(self) -> bool:
        """Whether it shows a part of the operations only."""
        return self.is_filtered or bool(self.status or self.search or self.part_of)

    @property
    def is_start(self) -> bool:
        """Whether what is new appears on this page."""
        return self.ordering == NEWEST_FIRST and not self.cursor

    @cached_property
    def shown(self) -> list[Column]:
        """Its columns, in the page's order; the one that it is sorted by among them."""
        wanted = {*self.columns, *({self.choice.column} if self.ordering != NEWEST_FIRST else ())}
        return [column for name, column in all_columns().items() if name in wanted]

    @property
    def names(self) -> list[str]:
        """Of its columns."""
        return [column.name for column in self.shown]

    @property
    def offered(self) -> list[tuple[Column, bool]]:
        """Every column, and whether it was chosen."""
        return [(column, name in self.columns) for name, column in all_columns().items()]

    @property
    def orderings(self) -> list[tuple[str, str]]:
        """Every order, in words."""
        sorting = [column for column in all_columns().values() if column.sorts]
        sorting.sort(key=lambda column: column.name != CREATED)
        return [
            (order, f"{column.title}, {first_words(order, is_time=column.is_time)}")
            for column in sorting
            for order in (f"-{column.name}", column.name)
        ]

    @property
    def hint(self) -> str:
        return "" if self.choice.column == CREATED else ONLY_WITH

    def headings(self) -> list[Heading]:
        """The first press shows a column's largest, the next one its smallest."""
        return [self._heading(column) for column in self.shown]

    def _heading(self, column: Column) -> Heading:
        if not column.sorts:
            return Heading(column=column, url="", arrow="", sort="none")
        falling, rising = f"-{column.name}", column.name
        turned = rising if self.ordering == falling else falling
        arrow, sort = {
            falling: ("\N{DOWNWARDS ARROW}", "descending"),
            rising: ("\N{UPWARDS ARROW}", "ascending"),
        }.get(self.ordering, ("\N{UP DOWN ARROW}", "none"))
        return Heading(column=column, url=self.url(ordering=turned), arrow=arrow, sort=sort)

    def url(self, name: str = "operations", **changes: object) -> str:
        """The address of the same list from its first page on, with these changes."""
        query = self.query.copy()
        for key, value in {"cursor": "", "seen": "", **changes}.items():
            query[key] = str(value or "")
        kept = QueryDict(mutable=True)
        for key, values in query.lists():
            kept.setlist(key, [value for value in values if value not in ("", NEWEST_FIRST)])
        return f"{reverse(name)}?{kept.urlencode()}".removesuffix("?")

    @property
    def look(self) -> str:
        """The part of the address that says how a row looks."""
        look = QueryDict(mutable=True)
        look.setlist("columns", self.query.getlist("columns"))
        for name in ("ordering", "grouped"):
            if value := self.query.get(name):
                look[name] = value
        return look.urlencode()
