"""Whether carried weights were trained on what is to score them. Free of torch.

Ranges are compared by symbol, each run of a part from its first bar to the last that its labels
may look at.
"""

from collections.abc import Iterator, Sequence

from operations.models import Operation
from training.errors import TestWasTrainedOn
from training.launch.layout import Layout
from training.launch.request import ORIGIN_ATTEMPT, Ranges, TrainingRequest
from training.market_data.report import as_text
from training.models import TrainedModel
from training.strategy.data_split import DateSplit

EVER = -62_135_596_800
"""Stands for the first bar of a training part whose beginning is not recorded: the year 1."""
UNKNOWN_UNTIL = 253_402_300_799
"""Stands for the last bar of a training part whose end is not recorded: the year 9999."""


def seen_by(operation: Operation, request: TrainingRequest, attempt: int) -> tuple[Ranges, ...]:
    """Every run that the weights that `attempt` of an operation saved were trained on."""
    earlier = request.seen or _seen_before_0_2_0(request)
    if attempt == ORIGIN_ATTEMPT:
        return earlier
    own = (_estimate(operation, request),) if request.trained is None else request.trained
    return (*earlier, *own)


def overlap(seen: Sequence[Ranges], layout: Layout) -> TestWasTrainedOn | None:
    """The refusal of a score on bars that the weights were trained on; None where there are none.

    Names the first symbol that is concerned, with each part, and the bar from which on nothing was
    trained on.
    """
    meetings = [
        (symbol, trained, f"{part} part is of {_words(judged)}")
        for part, runs in layout.scored.items()
        for scored in runs
        for symbol, trained, judged in _meetings(seen, scored)
    ]
    if not meetings:
        return None
    symbol, trained, _ = meetings[0]
    parts = dict.fromkeys(
        part for known, run, part in meetings if (known, run) == (symbol, trained)
    )
    return TestWasTrainedOn(
        symbol=symbol,
        trained=_words(trained),
        parts=" and its ".join(parts),
        advice=_advice(seen, layout),
    )


def _meetings(
    seen: Sequence[Ranges], scored: Ranges
) -> Iterator[tuple[str, tuple[int, int], tuple[int, int]]]:
    for symbol, judged in scored.items():
        for ranges in seen:
            trained = ranges.get(symbol)
            if trained and trained[0] <= judged[1] and judged[0] <= trained[1]:
                yield symbol, trained, judged


def _words(bounds: tuple[int, int]) -> str:
    first, last = bounds
    since = "its first bar" if first == EVER else as_text(first)
    return f"{since} to {'an unknown bar' if last == UNKNOWN_UNTIL else as_text(last)}"


def _advice(seen: Sequence[Ranges], layout: Layout) -> str:
    """From which date on a score would be clean."""
    symbols = {symbol for runs in layout.scored.values() for ranges in runs for symbol in ranges}
    last = max(ranges[symbol][1] for ranges in seen for symbol in symbols & ranges.keys())
    if last == UNKNOWN_UNTIL:
        return "Version 0.1.0 did not record where that training part ended"
    return f"A validation part that begins after {as_text(last)} would be clean"


def _seen_before_0_2_0(request: TrainingRequest) -> tuple[Ranges, ...]:
    """Training parts of ancestors whose requests do not say; of one that is gone nobody knows."""
    if request.origin is None or request.trained is not None:
        return ()
    parent = Operation.objects.filter(pk=request.origin.operation_id).first()
    if parent is None:
        return (_ranges(request, UNKNOWN_UNTIL),)
    return seen_by(parent, TrainingRequest.of(parent), parent.attempt)


def _estimate(operation: Operation, request: TrainingRequest) -> Ranges:
    """At most what 0.1.0 trained on: up to its validation part, or to its first test row."""
    split = request.read_strategy().training.data_split
    if isinstance(split, DateSplit):
        return _ranges(request, split.validation_start_seconds - 1)
    model = TrainedModel.objects.filter(operation=operation).values("evaluation__first_time")
    first_test = next((row["evaluation__first_time"] for row in model), None)
    return _ranges(request, UNKNOWN_UNTIL if first_test is None else first_test - 1)


def _ranges(request: TrainingRequest, last: int) -> Ranges:
    return dict.fromkeys(request.read_strategy().symbols, (EVER, last))
