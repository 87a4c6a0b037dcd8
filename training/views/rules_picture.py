"""The picture of a model's rules: how often each decides, with the sentences as its table."""

from django.http import HttpRequest

from operations.bounded.visit import visit_of
from operations.reading.words import share_words
from training.models import TrainedModel
from training.presentation import rule_pictures
from training.trained.rules import FINE_PRINT, Sentence
from training.trained.rules_process import ask_rules
from training.views.pictures import Drawing, Picture, Table


def rules(request: HttpRequest, model: TrainedModel) -> Picture:
    """Raises as `ask_rules`."""
    found = ask_rules(model, user=request.user, visit=visit_of(request))
    sentences = [Sentence.from_json(one) for one in found]
    drawn = sentences[: rule_pictures.MOST_DRAWN]
    left_out = len(sentences) - len(drawn)
    outputs = [*sentences[0].outputs]
    return Picture(
        source=FINE_PRINT,
        drawing=Drawing(
            width=rule_pictures.WIDTH,
            height=rule_pictures.height(drawn),
            about=f"Of {len(drawn)} rules the shares of the training's bars on which each fires "
            "and decides; the table has them.",
            body=rule_pictures.body(drawn),
        ),
        keys=[("colour-1", "decides"), ("colour-soft", "fires")],
        said=[f"{left_out} more rules are in the table."] if left_out else [],
        table=Table(
            heads=("Rule", *(f"Then {name}" for name in outputs), "Fires", "Decides"),
            rows=[
                (it.condition, *it.shown.values(), share_words(it.fires), share_words(it.decides))
                for it in sentences
            ],
        ),
        is_open=True,
    )
