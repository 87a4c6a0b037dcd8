"""Rules about rules: what they name, how many numbers they begin with, and what they can see."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from training.strategy.draft import Draft, Finding
from training.strategy.faults import Fault, Location, Unknown
from training.strategy.nn_inputs import FuzzyInput, NnInput, RawInput, fuzzy_inputs, timeframes_of
from training.strategy.rule_base import Rule, Tsk
from training.strategy.values import Timeframe

ARCHITECTURE: Location = ("model", "architecture")
CONSEQUENT: Location = (*ARCHITECTURE, "consequent")
INPUTS: Location = ("nn_inputs",)
SETS: Location = ("fuzzy_sets",)
DATA: Location = ("training_data",)
LABELS: Location = ("training", "labels")

NUM_CLASSES = 3

Known = Mapping[str, tuple[str, ...]]
"""Names of memberships by input."""


def known_inputs(
    nn_inputs: Iterable[NnInput],
    *,
    timeframes: tuple[Timeframe, ...],
    memberships: Mapping[str, Iterable[str]],
) -> dict[str, tuple[str, str]]:
    """By each name that a rule may give a fuzzy input: the id of that and of its fuzzy set.

    The id is `1d_momentum`; `momentum` stands for it where it is the only one.
    """
    fuzzy = [
        (f"{timeframe}_{name}", name)
        for timeframe, name in fuzzy_inputs(nn_inputs, timeframes=timeframes)
        if name in memberships
    ]
    count = Counter(name for _, name in fuzzy)
    alone = {name: (id_, name) for id_, name in fuzzy if count[name] == 1}
    return alone | {id_: (id_, name) for id_, name in fuzzy}


def check_rules(draft: Draft) -> Iterator[Finding]:
    """Every rule of this module."""
    if draft.tsk is None or draft.training_data is None or None in draft.nn_inputs:
        return
    given = [nn_input for nn_input in draft.nn_inputs if nn_input]
    timeframes = draft.training_data.timeframes.names
    yield from _check_inputs(draft.tsk, given)
    if any(known is None for known in draft.fuzzy_sets.values()):
        return
    memberships = {name: tuple(own.memberships) for name, own in draft.fuzzy_sets.items() if own}
    inputs = known_inputs(given, timeframes=timeframes, memberships=memberships)
    ids = {name: id_ for name, (id_, _) in inputs.items()}
    known = {name: memberships[own] for name, (_, own) in inputs.items()}
    at_several = {
        item.fuzzy_set: timeframes_of(item, timeframes)
        for item in given
        if isinstance(item, FuzzyInput) and item.fuzzy_set not in known
    }
    for number, rule in enumerate(draft.rules):
        if rule is None:
            continue
        place: Location = (*ARCHITECTURE, "rules", number)
        yield from _check_premises(draft, rule, place, known, at_several)
        yield from _check_once(draft, rule, place, ids)
        yield from _check_length(rule, draft.tsk.architecture.premises, place)
    yield from _check_used(draft, ids)
    if draft.training:
        classes = draft.training.labels.output_format == "classification"
        columns = _num_columns(draft, given, timeframes)
        yield from _check_consequents(draft, NUM_CLASSES if classes else 1, columns)


def _check_inputs(tsk: Tsk, given: list[Any]) -> Iterator[Finding]:
    linear = tsk.architecture.consequent == "linear"
    if not any(isinstance(item, FuzzyInput) for item in given):
        yield _wrong(INPUTS, "rules need a fuzzy set among these, and none is", ("model",))
    for number, item in enumerate(given):
        if not isinstance(item, RawInput):
            continue
        if not linear:
            message = (
                "has no effect: rules with constant consequents see fuzzy sets only; remove it, or "
                "set model.architecture.consequent to linear"
            )
            yield _wrong((*INPUTS, number), message, CONSEQUENT)
        elif item.normalization == "none":
            message = "must be zscore or minmax: a linear consequent multiplies it by a number"
            yield _wrong((*INPUTS, number, "normalization"), message, CONSEQUENT)


def _check_premises(
    draft: Draft,
    rule: Rule,
    place: Location,
    known: Known,
    at_several: Mapping[str, tuple[str, ...]],
) -> Iterator[Finding]:
    for where, name, sets in _placed(draft.data, place, rule):
        if at_several.get(name):
            ids = ", ".join(f"{timeframe}_{name}" for timeframe in at_several[name])
            yield _wrong(where, f"{name} is seen at several timeframes: write one of {ids}", INPUTS)
        elif name not in known:
            yield _unknown(where, f"no input is the fuzzy set {name}", name, known, INPUTS, SETS)
        else:
            for word in sets:
                if word not in known[name]:
                    message = f"{name} has no membership {word}"
                    yield _unknown(where, message, word, known[name], INPUTS, SETS)


def _check_once(
    draft: Draft, rule: Rule, place: Location, ids: Mapping[str, str]
) -> Iterator[Finding]:
    seen = set()
    for where, name, sets in _placed(draft.data, place, rule):
        if (premise := (ids.get(name, name), frozenset(sets))) in seen:
            yield _wrong(where, "the same twice in a rule, where once is enough")
        seen.add(premise)


def _check_length(rule: Rule, most: int, place: Location) -> Iterator[Finding]:
    if len(rule.premises) > most:
        message = (
            f"has {len(rule.premises)} premises, and model.architecture.premises allows {most}"
        )
        yield _wrong((*place, "if"), message, (*ARCHITECTURE, "premises"))


def _check_used(draft: Draft, ids: Mapping[str, str]) -> Iterator[Finding]:
    """What no written rule needs is legal, and probably forgotten."""
    assert draft.tsk is not None
    rules = [rule for rule in draft.rules if rule]
    if len(rules) < max(1, len(draft.rules)) or draft.tsk.architecture.consequent == "linear":
        return
    used = {ids[name] for rule in rules for name, _ in rule.premises if name in ids}
    if unused := sorted(set(ids.values()) - used):
        fault = Fault(location=INPUTS, message=f"no rule names {', '.join(unused)}")
        yield Finding(fault=fault, because_of=(ARCHITECTURE,), is_warning=True)


def _check_consequents(draft: Draft, num_outputs: int, columns: int) -> Iterator[Finding]:
    assert draft.tsk is not None
    own = draft.tsk.architecture
    places = [
        (rule.then, (*ARCHITECTURE, "rules", number, "then"))
        for number, rule in enumerate(draft.rules)
        if rule
    ]
    for given, place in (*places, (own.otherwise, (*ARCHITECTURE, "otherwise"))):
        if given is None:
            continue
        if len(given) != num_outputs:
            expected = "3 values: of buy, hold and sell" if num_outputs > 1 else "one value"
            yield _wrong(place, f"needs {expected}, not {len(given)}", LABELS)
        elif own.consequent == "linear":
            if any(isinstance(one, tuple) and len(one) != 1 + columns for one in given):
                message = (
                    f"needs lists of {1 + columns} numbers with linear: the constant, and one for "
                    f"each of {columns} columns"
                )
                yield _wrong(place, message, CONSEQUENT, INPUTS)
        elif any(isinstance(one, tuple) for one in given):
            yield _wrong(place, "needs plain numbers with constant", CONSEQUENT)


def _num_columns(draft: Draft, given: list[Any], timeframes: tuple[Timeframe, ...]) -> int:
    count = 0
    for item in given:
        seen = len(timeframes_of(item, timeframes))
        own = draft.fuzzy_sets.get(item.fuzzy_set) if isinstance(item, FuzzyInput) else None
        count += seen * (1 if own is None or own.learn else len(own.memberships))
    return count


def _placed(
    data: Any, place: Location, rule: Rule
) -> Iterator[tuple[Location, str, tuple[str, ...]]]:
    """Each premise with where it is written: within a mapping, or within one of a list."""
    written = data
    for part in (*place, "if"):
        written = written[part]
    inside: list[Location] = [(*place, "if", name) for name in written]
    if not isinstance(written, Mapping):
        inside = [
            (*place, "if", number, name)
            for number, mapping in enumerate(written)
            if isinstance(mapping, Mapping)
            for name in mapping
        ]
    left = iter(inside)  # in the order of the premises, of which some may be left out
    for name, sets in rule.premises:
        yield next((at for at in left if at[-1] == name), (*place, "if")), name, sets


def _wrong(location: Location, message: str, *because_of: Location) -> Finding:
    return Finding(fault=Fault(location=location, message=message), because_of=because_of)


def _unknown(
    location: Location, message: str, word: str, known: Iterable[str], *because_of: Location
) -> Finding:
    unknown = Unknown(word=word, known=tuple(known))
    fault = Fault(location=location, message=message, unknown=unknown)
    return Finding(fault=fault, because_of=because_of)
