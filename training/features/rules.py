"""Which memberships rules hold: as they are written, or as they were chosen."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.features.plan import Feature, network_inputs, plan_features
from training.strategy import Strategy
from training.strategy.rule_base import Tsk, TskArchitecture
from training.strategy.rule_references import known_inputs

Premise = tuple[str, tuple[str, ...]]
"""`1d_momentum` and names of its memberships; several are an or."""
Rules = tuple[tuple[Premise, ...], ...]


def memberships_of(strategy: Strategy) -> tuple[Feature, ...]:
    """What rules choose among: each membership of the network's inputs, in their order."""
    inputs = network_inputs(plan_features(strategy))
    return tuple(feature for feature in inputs if feature.membership is not None)


def inputs_of(strategy: Strategy) -> dict[str, tuple[str, str]]:
    """As `known_inputs`: what a rule may name."""
    return known_inputs(
        strategy.nn_inputs,
        timeframes=strategy.timeframes,
        memberships={name: own.memberships for name, own in strategy.fuzzy_sets.items()},
    )


def written_rules(strategy: Strategy) -> Rules:
    """Of a strategy that writes its rules; each input by its id."""
    assert isinstance(strategy.model, Tsk)
    ids = inputs_of(strategy)
    return tuple(
        tuple((ids[name][0], sets) for name, sets in rule.premises)
        for rule in strategy.model.architecture.written
    )


def chosen_rules(strategy: Strategy, choice: NDArray[Any]) -> Rules:
    """Of weights [rules x premises, memberships + 1]: of each premise the largest, of equal ones
    the first, counts; the last is none. What a rule chooses twice counts once."""
    assert isinstance(strategy.model, Tsk)
    memberships = memberships_of(strategy)
    choices = choice.argmax(axis=1).reshape(strategy.model.architecture.num_rules, -1)
    return tuple(
        tuple(_premise(memberships[one]) for one in dict.fromkeys(own) if one < len(memberships))
        for own in choices.tolist()
    )


def _premise(membership: Feature) -> Premise:
    name = membership.id.removeprefix(f"{membership.fuzzy_set}_")
    return membership.fuzzy_set, (name,)


def selection(strategy: Strategy, rules: Sequence[Sequence[Premise]]) -> NDArray[np.float32]:
    """[rules, slots, memberships + 1]: 1 where a slot counts a membership; of a slot that is not
    used the last one is 1."""
    place = {feature.id: number for number, feature in enumerate(memberships_of(strategy))}
    slots = max(1, *(len(rule) for rule in rules))
    found = np.zeros((len(rules), slots, len(place) + 1), np.float32)
    for number, rule in enumerate(rules):
        found[number, len(rule) :, -1] = 1.0
        for slot, (name, sets) in enumerate(rule):
            found[number, slot, [place[f"{name}_{one}"] for one in sets]] = 1.0
    return found


def beginnings(own: TskArchitecture, *, outputs: int, columns: int) -> NDArray[np.float64]:
    """Where consequents begin: [rules + 1, outputs, 1 + factors], constants first, OTHERWISE last;
    0 where nothing is written."""
    given = [*(rule.then for rule in own.written), own.otherwise]
    factors = columns if own.consequent == "linear" else 0
    values = np.zeros((own.num_rules + 1, outputs, 1 + factors))
    for row, then in zip(range(-len(given), 0), given, strict=True):
        for output, value in enumerate(then or ()):
            numbers = value if isinstance(value, tuple) else (value,)
            values[row, output, : len(numbers)] = numbers
    return values
