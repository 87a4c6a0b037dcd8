"""What the address of the list of models says, and the addresses of its neighbours."""

from dataclasses import dataclass, fields
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.http import urlencode

from operations.labels import LABEL_MAX_LENGTH
from operations.reading.choosing import CREATED
from operations.views.list_filter import read_address, time_input
from training.trained.choosing import ORDERINGS, SORTS, Choice

FOLDED = "folded"
LARGEST_SEED = 2**63 - 1
EMPTY = ("", None)
SHOWN_WHEN_SORTED = ("val_loss", "best_epoch", "test_first_time")
"""Columns for which a page is too narrow otherwise."""
OF_TIME = (CREATED, "test_first_time")
ORDERS = [(name, sign) for name in SORTS for sign in ("-", "")]
OF_A_FIGURE = "Those without this figure are left out."


class ChoiceForm(forms.Form):
    search = forms.CharField(label="Name or id", max_length=200, required=False)
    strategy = forms.CharField(label="Strategy", max_length=200, required=False)
    symbol = forms.CharField(label="Symbol", max_length=32, required=False)
    timeframe = forms.CharField(label="Timeframe", max_length=8, required=False)
    network = forms.CharField(label="Network", max_length=32, required=False)
    seed = forms.IntegerField(label="Seed", required=False, min_value=0, max_value=LARGEST_SEED)
    tag = forms.CharField(label="Tag", max_length=LABEL_MAX_LENGTH, required=False)
    owner = forms.CharField(label="Owner", max_length=150, required=False)
    since = forms.DateTimeField(label="Trained from", required=False, widget=time_input())
    until = forms.DateTimeField(label="Trained before", required=False, widget=time_input())
    ordering = forms.ChoiceField(choices=[(name, name) for name in ORDERINGS], required=False)


@dataclass(frozen=True, kw_only=True)
class Heading:
    """Of a column that sorts."""

    url: str
    arrow: str
    """Both ways where the list is not sorted by it."""
    sort: str
    """As `aria-sort` says it."""


@dataclass(frozen=True, kw_only=True)
class ModelsList:
    query: QueryDict
    form: ChoiceForm
    choice: Choice

    @classmethod
    def read(cls, query: QueryDict) -> "ModelsList":
        """Raises `InvalidInput`."""
        form = ChoiceForm(query)
        given = {name: value for name, value in read_address(form).items() if value not in EMPTY}
        return cls(query=query, form=form, choice=Choice(**given))

    @property
    def is_chosen(self) -> bool:
        """Whether it shows a part of the models only."""
        return any(
            getattr(self.choice, field.name) not in EMPTY
            for field in fields(self.choice)
            if field.name != "ordering"
        )

    @property
    def folds_seeds(self) -> bool:
        """Whether those of a page that differ in their seed only are one row."""
        return self.query.get("seeds") == FOLDED

    @property
    def column(self) -> str:
        """By which it is sorted."""
        return self.choice.ordering.removeprefix("-")

    @property
    def other(self) -> str:
        """Words of that column where the list has it only while it is sorted by it."""
        return SORTS[self.column] if self.column in SHOWN_WHEN_SORTED else ""

    @property
    def orderings(self) -> list[tuple[str, str]]:
        """Every order, in words."""
        return [(f"{sign}{name}", f"{SORTS[name]}, {_first(name, sign)}") for name, sign in ORDERS]

    @property
    def hint(self) -> str:
        return "" if self.column == CREATED else OF_A_FIGURE

    def url(self, **changes: Any) -> str:
        """Of the same list from its first page on, with these changes."""
        query = {**self.query.dict(), "cursor": "", **changes}
        return "?" + urlencode({name: value for name, value in query.items() if value})

    def headings(self) -> dict[str, Heading]:
        """By column: the first press shows its largest, the next one its smallest."""
        return {name: self._heading(name) for name in SORTS}

    def _heading(self, name: str) -> Heading:
        ordering = self.choice.ordering
        turned = name if ordering == f"-{name}" else f"-{name}"
        arrows = {f"-{name}": ("\N{DOWNWARDS ARROW}", "descending")}
        arrows[name] = ("\N{UPWARDS ARROW}", "ascending")
        arrow, sort = arrows.get(ordering, ("\N{UP DOWN ARROW}", "none"))
        return Heading(url=self.url(ordering=turned), arrow=arrow, sort=sort)


def _first(name: str, sign: str) -> str:
    if name in OF_TIME:
        return "newest first" if sign else "oldest first"
    return "largest first" if sign else "smallest first"
