"""The picture of a model's fuzzy sets over its bars."""

from django.http import HttpRequest

from operations.bounded.visit import visit_of
from operations.errors import InvalidInput
from training.bounded_work import SETS
from training.launch.preview import SetsOverBars
from training.models import TrainedModel
from training.presentation import fuzzy_pictures
from training.presentation.fuzzy_pictures import GAP, HEIGHT
from training.trained.bounded_asking import ask_of
from training.views.pictures import Drawing, Picture, Table

COLUMNS, WIDTH = 2, 460.0
HEADS = ("Fuzzy set", "From", "To", "Bars", "Memberships in the middle")


def fuzzy_sets(request: HttpRequest, model: TrainedModel) -> Picture:
    """Raises as `ask_of`, and `InvalidInput` of a model that has none."""
    found = ask_of(
        model, SETS, user=request.user, visit=visit_of(request), command="plot_sets {model_id}"
    )
    groups = [SetsOverBars.from_json(given) for given in found["fuzzy_sets"]]
    pictures = fuzzy_pictures.pictures_of(groups, width=WIDTH)
    if not pictures:
        raise InvalidInput(reason="None of this model's inputs is a fuzzy set.")
    said = [f"{picture.name}: {words}" for picture in pictures for words in picture.said]
    if not found["are_its_bars"]:
        said.append("The bars are those of today: what it was trained on is no longer stored.")
    num_rows = -(-len(pictures) // COLUMNS)
    return Picture(
        source="Each fuzzy set's memberships (lines, 0 to 1) over how often its indicator has "
        "which value (bars): all rows of all symbols, train, validation and test. In brackets "
        "the bars on which a membership is at least a half.",
        drawing=Drawing(
            width=COLUMNS * WIDTH + (COLUMNS - 1) * GAP,
            height=num_rows * HEIGHT,
            about=f"Memberships of {len(pictures)} fuzzy sets over the histograms of their "
            "indicators; the table has the numbers.",
            body=fuzzy_pictures.body(pictures, columns=COLUMNS),
        ),
        table=Table(
            heads=HEADS,
            rows=[
                (picture.name, *bar.words)
                for picture in pictures
                for bar in picture.bins
                if bar.count
            ],
            left_out="Without the stretches in which no bar lies; the file has these, too.",
        ),
        file=fuzzy_pictures.as_csv(pictures),
        said=said,
    )
