"""The page that compares operations: which ones is in its address."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode

from operations import selectors
from operations.errors import InvalidInput
from operations.views.base import PageView
from operations.views.picture_files import TYPES, picture_file
from training.views import compare_pictures
from training.views.comparison import MOST_COMPARED, Comparison, compare
from training.views.metrics import words
from training.views.pictures import Picture, as_csv, as_svg

MOST_OFFERED = 50
SCATTER = "Two metrics of the test part"


class CompareView(PageView):
    """With fewer than two ids, the newest operations to choose from. `ids` may have commas."""

    def get(self, request: HttpRequest) -> HttpResponse:
        ids = list(dict.fromkeys(filter(None, ",".join(request.GET.getlist("ids")).split(","))))
        if len(ids) > MOST_COMPARED:
            raise InvalidInput(reason=f"At most {MOST_COMPARED} operations fit side by side.")
        operations = selectors.get_all_visible(request.user, ids)
        if len(operations) > 1:
            return _compared(request, compare(operations))
        newest = selectors.visible_to(request.user).defer("request", "result", "pinned")
        context = {"offered": newest[:MOST_OFFERED], "chosen": ids, "most": MOST_COMPARED}
        return render(request, "training/compare_choice.html", context)


def _compared(request: HttpRequest, comparison: Comparison) -> HttpResponse:
    """The page, or one of its pictures as a file: `?picture=` with `format=`."""
    drawn = {
        f"seeds-{number}": titled
        for number, titled in enumerate(compare_pictures.seed_bands(comparison), 1)
    }
    if scatter := compare_pictures.scatter(comparison, request.GET):
        drawn["scatter"] = (SCATTER, scatter)
    if file_type := request.GET.get("format"):
        return _file(drawn, request.GET.get("picture", ""), file_type)
    ids = [operation.pk for operation in comparison.operations]
    context = {
        "comparison": comparison,
        "equity": comparison.equity,
        "scatter": drawn.pop("scatter", None),
        "bands": drawn,
        "files": f"?{urlencode({'ids': ids, 'x': _x(request), 'y': _y(request)}, doseq=True)}&",
        "offered": [(name, words(name)) for name in compare_pictures.offered(comparison)],
        "x": _x(request),
        "y": _y(request),
    }
    return render(request, "training/compare.html", context)


def _x(request: HttpRequest) -> str:
    return request.GET.get("x") or compare_pictures.ACROSS


def _y(request: HttpRequest) -> str:
    return request.GET.get("y") or compare_pictures.UP


def _file(drawn: Mapping[str, tuple[str, Picture]], name: str, file_type: str) -> HttpResponse:
    """Raises `InvalidInput` of what is not drawn, or no type of file."""
    if name not in drawn or file_type not in TYPES:
        raise InvalidInput(reason=f"There is no picture {name!r} as {file_type!r}.")
    title, picture = drawn[name]
    text = as_csv(picture) if file_type == "csv" else as_svg(picture, title)
    return picture_file(text, f"compare_{name}.{file_type}")
