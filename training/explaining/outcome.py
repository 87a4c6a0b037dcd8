"""What came of an analysis, for every surface. Free of torch."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import reverse

from operations.models import Operation
from operations.operation_types import Headline, Link, Remedy
from operations.reading.words import NOTHING
from training.explaining.request import AnalysisRequest
from training.market_data.reading.words import counted
from training.models import TrainedModel

CLEAR = 3.0
"""Standard errors from 0 at which a rise counts as one."""
MOST_NAMED = 3
FINE_PRINT = (
    "How much the mean loss rises when an indicator's inputs are shuffled, all of them together, "
    "in blocks as long as the labels look ahead, with its standard error over blocks. Shuffled "
    "blocks break seasons and trends; of indicators that move together none may seem needed. It is "
    "about this network, and nothing of causes. Inputs that move more slowly than the labels look "
    "ahead make the errors somewhat too small."
)
REMEDIES = {
    "out_of_memory": "Resume it where a worker may take more memory (KTRDR_TRAINING_MEMORY_MB): it "
    "goes on with what it has measured.",
    "training_bars_gone": "Import the bars of its training again, and resume it.",
    "market_data_missing": "Import the bars of its training again, and resume it.",
    "too_few_blocks": "Train with a longer part: a resume finds as few blocks.",
    "model_not_found": "Its model is gone: nothing helps.",
    "model_damaged": "Train the model again.",
}


def is_clear(group: Mapping[str, Any]) -> bool:
    """Whether it can be told from 0."""
    return bool(group["rise"] > CLEAR * group["standard_error"])


def headline(operation: Operation) -> Headline | None:
    told = operation.result
    if not told:
        return None
    clear = [group["group"] for group in told["groups"] if is_clear(group)]
    of = counted(len(told["groups"]), "indicator")
    names = f": {', '.join(clear[:MOST_NAMED])}{', …' if len(clear) > MOST_NAMED else ''}"
    text = f"{len(clear) or 'None'} of {of} can be told from 0{names if clear else ''}"
    return Headline(text=text, about=next(links_of(operation), None))


def links_of(operation: Operation) -> Iterator[Link]:
    """Its model, where that is there."""
    model_id = AnalysisRequest.of(operation).model_id
    if TrainedModel.objects.filter(pk=model_id).exists():
        yield Link(title=f"Model {model_id}", url=reverse("model", args=[model_id]))


def outcome(operation: Operation) -> Iterator[tuple[str, str]]:
    """For a terminal."""
    told = operation.result
    if not told:
        return
    yield "on", basis(told)
    for group in told["groups"]:
        yield group["group"], words(group, told["loss"])
    yield from (("note", note) for note in told["notes"])


def basis(told: Mapping[str, Any]) -> str:
    """`500 rows of the validation part, in 50 blocks of 10 bars, 30 times; cross-entropy 0.9312`"""
    return (
        f"{counted(told['rows'], 'row')} of the {told['part']} part, in {told['blocks']:,} blocks "
        f"of {counted(told['block_bars'], 'bar')}, {told['repeats']} times; "
        f"{told['measure']} {told['loss']:.4g}"
    )


def words(group: Mapping[str, Any], loss: float) -> str:
    """`+0.0312 ± 0.0041, 3.4 % of the loss; 12.1 % of the decisions become others`"""
    return (
        f"{group['rise']:+.4g} ± {group['standard_error']:.2g}, {share(group, loss)} of the loss; "
        f"{100 * group['changed']:.1f} % of the decisions become others"
        f"{'' if is_clear(group) else '; not to be told from 0'}"
    )


def share(group: Mapping[str, Any], loss: float) -> str:
    return f"{100 * group['rise'] / loss:+.1f} %" if loss else NOTHING


def remedy(operation: Operation) -> Remedy:
    """What helps after it failed."""
    told = REMEDIES.get(operation.error_code, "Resume it: it goes on with what it has measured.")
    final = ("too_few_blocks", "model_not_found", "model_damaged")
    return Remedy(words=told, is_resume=operation.error_code not in final)
