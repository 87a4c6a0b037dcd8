"""Rules about what refers to what: fuzzy sets to indicators, inputs to both, and timeframes."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from training.strategy.draft import Draft, Finding
from training.strategy.faults import Fault, Location, Unknown
from training.strategy.indicators import IndicatorSection
from training.strategy.nn_inputs import (
    FuzzyInput,
    RawInput,
    feature_ids,
    fuzzy_inputs,
    timeframes_of,
)
from training.strategy.values import Timeframe

MAX_FEATURES = 10_000  # a network of 8 neurons would have 80,000 weights to learn from some bars
MAX_NAMED = 20  # features in one message


def check_references(draft: Draft) -> Iterator[Finding]:
    """Every rule of this module."""
    for name, reference in draft.set_indicators.items():
        yield from _check_indicator(draft, reference, ("fuzzy_sets", name, "indicator"))
    for position, nn_input in enumerate(draft.nn_inputs):
        if nn_input:
            yield from _check_input(draft, nn_input, ("nn_inputs", position))
    yield from _check_features_differ(draft)
    yield from _check_all_used(draft)


def _check_input(
    draft: Draft, nn_input: FuzzyInput | RawInput, location: Location
) -> Iterator[Finding]:
    if isinstance(nn_input, RawInput):
        place = (*location, "raw_indicator")
        yield from _check_indicator(draft, nn_input.raw_indicator, place)
    elif nn_input.fuzzy_set not in draft.fuzzy_sets:
        message = f"there is no fuzzy set {nn_input.fuzzy_set}"
        yield _unknown((*location, "fuzzy_set"), message, nn_input.fuzzy_set, draft.fuzzy_sets)
    known = draft.training_data.timeframes.names if draft.training_data else None
    for timeframe in () if nn_input.timeframes == "all" else nn_input.timeframes:
        if known is not None and timeframe not in known:
            message = f"{timeframe} is not a timeframe of training_data: {', '.join(known)}"
            because_of = (("training_data", "timeframes"),)
            fault = Fault(location=(*location, "timeframes"), message=message)
            yield Finding(fault=fault, because_of=because_of)


def _check_indicator(draft: Draft, reference: str, location: Location) -> Iterator[Finding]:
    name, _, output = reference.partition(".")
    if name not in draft.indicators:
        yield _unknown(location, f"there is no indicator {name}", name, draft.indicators)
    elif indicator := draft.indicators[name]:
        yield from _check_output(indicator, name, output, location)


def _check_output(
    indicator: IndicatorSection, name: str, output: str, location: Location
) -> Iterator[Finding]:
    if output and not indicator.outputs:
        yield _wrong(location, f"{name} has one output only: write {name}")
    elif indicator.outputs and not output:
        choices = ", ".join(f"{name}.{choice}" for choice in indicator.outputs)
        yield _wrong(location, f"{name} has several outputs: write one of {choices}")
    elif output and output not in indicator.outputs:
        yield _unknown(location, f"{name} has no output {output}", output, indicator.outputs)
    elif output in indicator.look_ahead:
        message = f"{name}{'.' * bool(output)}{output} looks ahead and cannot be an input"
        yield _wrong(location, message)
    elif indicator.cumulative:
        message = f"{name} is cumulative: its level depends on where the loaded data begins"
        yield _warning(location, message)


def _check_features_differ(draft: Draft) -> Iterator[Finding]:
    """Two features must not share an id: `a_b` of set `x` and `b` of set `x_a` would."""
    if draft.training_data is None:
        return
    memberships = {name: item.memberships for name, item in draft.fuzzy_sets.items() if item}
    timeframes = draft.training_data.timeframes.names
    ids = feature_ids(
        (nn_input for nn_input in draft.nn_inputs if nn_input),
        timeframes=timeframes,
        memberships=memberships,
    )
    first = list(islice(chain(ids, _learned_columns(draft, timeframes)), MAX_FEATURES + 1))
    if len(first) > MAX_FEATURES:
        yield _wrong(("nn_inputs",), f"make more than {MAX_FEATURES:,} features")
        return
    again = [feature_id for feature_id, count in Counter(first).items() if count > 1]
    if again:
        more = f" and {len(again) - MAX_NAMED} more" if len(again) > MAX_NAMED else ""
        told = ", ".join(again[:MAX_NAMED])
        yield _wrong(("nn_inputs",), f"features occur more than once: {told}{more}")


def _learned_columns(draft: Draft, timeframes: tuple[Timeframe, ...]) -> Iterator[str]:
    """Ids of the columns whose memberships are learned: beside those of features."""
    inputs = (nn_input for nn_input in draft.nn_inputs if nn_input)
    for timeframe, name in fuzzy_inputs(inputs, timeframes=timeframes):
        if (known := draft.fuzzy_sets.get(name)) and known.learn:
            yield f"{timeframe}_{name}"


def _check_all_used(draft: Draft) -> Iterator[Finding]:
    """What no input needs is legal, and probably forgotten."""
    if None in draft.nn_inputs or None in draft.fuzzy_sets.values():
        return
    inputs = [nn_input for nn_input in draft.nn_inputs if nn_input]
    sets = {item.fuzzy_set for item in inputs if isinstance(item, FuzzyInput)}
    references = {item.raw_indicator for item in inputs if isinstance(item, RawInput)}
    references |= {
        item.indicator for name, item in draft.fuzzy_sets.items() if item and name in sets
    }
    indicators = {reference.partition(".")[0] for reference in references}
    for name in draft.fuzzy_sets.keys() - sets:
        yield _warning(("fuzzy_sets", name), "no input uses it")
    for name in draft.indicators.keys() - indicators:
        yield _warning(("indicators", name), "no input uses it")
    yield from _check_timeframes_used(draft, inputs)


def _check_timeframes_used(draft: Draft, inputs: list[FuzzyInput | RawInput]) -> Iterator[Finding]:
    if draft.training_data is None:
        return
    timeframes = draft.training_data.timeframes
    used: set[str] = {timeframes.base}
    for item in inputs:
        used.update(timeframes_of(item, timeframes.names))
    for name in timeframes.names:
        if name not in used:
            yield _warning(("training_data", "timeframes", "list"), f"no input uses {name}")


def _wrong(location: Location, message: str) -> Finding:
    return Finding(fault=Fault(location=location, message=message))


def _unknown(location: Location, message: str, word: str, known: Iterable[str]) -> Finding:
    unknown = Unknown(word=word, known=tuple(known))
    return Finding(fault=Fault(location=location, message=message, unknown=unknown))


def _warning(location: Location, message: str) -> Finding:
    return Finding(fault=Fault(location=location, message=message), is_warning=True)
