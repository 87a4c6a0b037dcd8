"""A picture of a model: a part of its page that loads after the text, a page of its own, or a file.

Every picture says what it is made of, has its numbers as a table, and is there as SVG and CSV.
"""

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from operations.errors import DomainError, InvalidInput
from operations.views.base import PageView, refused
from operations.views.picture_files import picture_file
from training.models import TrainedModel
from training.trained import stored_models

STYLES = ("operations/dashboard.css", "training/pictures.css")


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """What SVG draws: shapes whose classes are those of `pictures.css`."""

    width: float
    height: float
    about: str
    """For who does not see it."""
    body: SafeString
    """Elements of SVG, without the one around them."""


@dataclass(frozen=True, kw_only=True)
class Table:
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    """The first cell of each is its head; the others are numbers."""
    left_out: str = ""
    """That the file has more rows, in a sentence."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    source: str
    """What it is made of, in a sentence."""
    drawing: Drawing
    table: Table
    file: str = ""
    """Its CSV, whole and each number in full; empty where that is the table."""
    data: Any = None
    """JSON that a script draws in place of the drawing, in `<figure data-picture>` of its name."""
    is_open: bool = False
    """Whether its table is shown at once."""
    keys: Sequence[tuple[str, str]] = ()
    """What each colour is: its class, and words."""
    said: Sequence[str] = ()
    """What to keep in mind, in sentences."""
    query: str = ""
    """What of the address the files have to be asked for with, as `symbol=SP500&`."""
    above: str = ""
    """A template of what stands above the drawing; it has all that `more` has."""
    more: str = ""
    """A template of what stands below the drawing; it has `picture`, `model`, `name`, `title`."""


Make = Callable[[HttpRequest, TrainedModel], Picture]
"""Makes one picture of a model. A domain error that it raises is said in the picture's place."""


@dataclass(frozen=True, kw_only=True)
class Offered:
    """A picture that models have."""

    title: str
    make: Make


class PictureView(PageView):
    """One view for all: `offered` has each by the name in its address."""

    offered: Mapping[str, Offered] = {}

    def is_counted(self, request: HttpRequest) -> bool:
        return not is_part(request)

    def get(self, request: HttpRequest, model_id: int, name: str) -> HttpResponse:
        model = stored_models.get_visible(request.user, model_id)
        if name not in self.offered:
            raise Http404
        offered = self.offered[name]
        context = {"model": model, "name": name, "title": offered.title}
        try:
            picture = offered.make(request, model)
        except DomainError as error:
            # Where a page loads it, the page is there all the same.
            page = render(request, _template(request), {**context, "error": error})
            return page if is_part(request) else refused(page, error)
        match request.GET.get("format", ""):
            case "":
                return render(request, _template(request), {**context, "picture": picture})
            case "svg":
                return picture_file(as_svg(picture, offered.title), f"model-{model.pk}-{name}.svg")
            case "csv":
                return picture_file(as_csv(picture), f"model-{model.pk}-{name}.csv")
            case "json":
                return JsonResponse(picture.data, safe=False)
        raise InvalidInput(reason="format is svg, csv or json.")


def is_part(request: HttpRequest) -> bool:
    """Whether a model's page asks for it."""
    return "HX-Request" in request.headers


def _template(request: HttpRequest) -> str:
    return "training/picture.html" if is_part(request) else "training/picture_page.html"


def as_csv(picture: Picture) -> str:
    if picture.file:
        return picture.file
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(picture.table.heads)
    writer.writerows(picture.table.rows)
    return text.getvalue()


def as_svg(picture: Picture, title: str) -> str:
    """A file that needs no other one: in light colours, its title and its source in it."""
    return render_to_string(
        "training/picture.svg", {"picture": picture, "title": title, "style": _style()}
    )


@cache
def _style() -> str:
    """The rules of the drawings, each colour in place of its property: not every program that draws
    SVG knows properties."""
    dashboard, pictures = (Path(str(finders.find(name))).read_text() for name in STYLES)
    light = dict(re.findall(r"(--[\w-]+): light-dark\((#\w+),", dashboard))
    rules = re.findall(r"^\.drawing[^{]*\{[^}]*\}", pictures, re.MULTILINE)
    return re.sub(r"var\((--[\w-]+)\)", lambda found: light[found[1]], "\n".join(rules))
