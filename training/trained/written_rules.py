"""The rules of a model as a strategy that begins with them; and a network of such a strategy.

Free of torch, and without a training: what the strategy has is all that decides.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from operations.errors import InvalidInput
from training.features.learned_sets import layout_of, learned_memberships, scale_of
from training.features.plan import plan_features
from training.features.rules import beginnings, inputs_of
from training.strategy import Strategy, StrategyInvalid
from training.strategy.fuzzy_sets import FuzzySet
from training.strategy.rule_base import Tsk
from training.strategy.values import CLASSES
from training.trained.bundle_reader import TrainedNetwork
from training.trained.rules import manifest_rules, rules_of

Copies = Mapping[str, str]
"""Of each input `1d_momentum` that is learned the name of its own fuzzy set."""


def written(network: TrainedNetwork) -> Strategy:
    """Its strategy, with fuzzy sets as they were learned and consequents as they are.

    A set that is learned at several timeframes becomes one for each, as `momentum_1d`.
    Raises `InvalidInput` where the grammar does not take it: it may be too large.
    """
    old = Strategy.from_snapshot(network.manifest["strategy"])
    copies = _copies(old)
    given = old.snapshot()
    given["fuzzy_sets"] = _fuzzy_sets(network, old, given["fuzzy_sets"], copies)
    given["nn_inputs"] = _inputs(old, given["nn_inputs"], copies)
    given["model"]["architecture"] |= _architecture(network, given, copies)
    try:
        return Strategy.from_snapshot(_with_short_names(given))
    except StrategyInvalid as error:
        raise InvalidInput(reason=f"A strategy with these rules is none: {error}") from error


def network_of(strategy: Strategy) -> TrainedNetwork:
    """What such a strategy decides before a training: columns to outputs.

    Raises `InvalidInput` where it has no rules, or a rule without `then`.
    """
    then = _beginnings(strategy)
    features = plan_features(strategy)
    count = layout_of(features).num_parameters
    manifest = {
        "model": strategy.model.model_dump(mode="json"),
        "feature_ids": [feature.id for feature in features],
        "sets": learned_memberships(features, np.zeros(count, np.float32)),
        "class_names": list(CLASSES) if strategy.output_format == "classification" else [],
        "sequence_length": 1,
        "strategy": strategy.snapshot(),
        "rules": rules_of(strategy, {}),
    }
    factors = {"factors": then[:, :, 1:].reshape(-1, len(features))} if then.shape[2] > 1 else {}
    return TrainedNetwork(manifest=manifest, weights={"then": then[:, :, 0], **factors})


def _copies(strategy: Strategy) -> dict[str, str]:
    learned = strategy.learned_inputs()
    names = [name for _, name in learned]
    found: dict[str, str] = {}
    for timeframe, name in learned:
        own = name if names.count(name) == 1 else f"{name}_{timeframe}"
        while own != name and own in {*strategy.fuzzy_sets, *found.values()}:
            own += "_"
        found[f"{timeframe}_{name}"] = own
    return found


def _fuzzy_sets(
    network: TrainedNetwork, strategy: Strategy, given: Mapping[str, Any], copies: Copies
) -> dict[str, Any]:
    learned = {name for _, name in strategy.learned_inputs()}
    sets = {name: own for name, own in given.items() if name not in learned}
    for timeframe, name in strategy.learned_inputs():
        column = f"{timeframe}_{name}"
        members = network.manifest["sets"][column]["memberships"]
        sets[copies[column]] = {**given[name], "memberships": [_membership(one) for one in members]}
    return sets


def _membership(told: Mapping[str, Any]) -> dict[str, Any]:
    """A trapezoid without a plateau is a triangle."""
    parameters = list(told["parameters"])
    kind = told["type"]
    if kind == "trapezoidal" and parameters[1] == parameters[2]:
        kind = "triangular"
        del parameters[2]
    return {"name": told["name"], "type": kind, "parameters": parameters}


def _inputs(
    strategy: Strategy, given: Sequence[Mapping[str, Any]], copies: Copies
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for item in given:
        listed = item["timeframes"]
        timeframes = strategy.timeframes if listed == "all" else listed
        own = [copies.get(f"{timeframe}_{item.get('fuzzy_set')}") for timeframe in timeframes]
        if own[0] in (None, item.get("fuzzy_set")):
            found.append(dict(item))
            continue
        found += [
            {**item, "fuzzy_set": name, "timeframes": [timeframe]}
            for name, timeframe in zip(own, timeframes, strict=True)
        ]
    return found


def _architecture(
    network: TrainedNetwork, given: Mapping[str, Any], copies: Copies
) -> dict[str, Any]:
    renamed = {column: f"{column.partition('_')[0]}_{own}" for column, own in copies.items()}
    then = [*map(_plain, _consequents(network, given, copies))]
    told = [
        {"if": _conditions(rule["if"], renamed), "then": values}
        for rule, values in zip(manifest_rules(network)[:-1], then[:-1], strict=True)
    ]
    return {"rules": told, "otherwise": then[-1]}


def _with_short_names(given: dict[str, Any]) -> dict[str, Any]:
    """`momentum` in place of `1d_momentum` where that is seen at one timeframe only."""
    known = inputs_of(Strategy.from_snapshot(given))
    short = {id_: name for name, (id_, _) in known.items() if name != id_}
    for rule in given["model"]["architecture"]["rules"]:
        rule["if"] = _conditions(rule["if"], short)
    return given


def _conditions(
    premises: Sequence[Mapping[str, Sequence[str]]], renamed: Mapping[str, str]
) -> list[dict[str, list[str]]]:
    return [
        {renamed.get(name, name): [*sets] for name, sets in premise.items()} for premise in premises
    ]


def _consequents(
    network: TrainedNetwork, given: Mapping[str, Any], copies: Copies
) -> NDArray[np.float64]:
    """[rules + 1, outputs, 1 + factors]. A learned set that has moved has a column of another
    middle and half: factors are those of the new one."""
    constant = np.asarray(network.weights["then"], np.float64).copy()
    if "factors" not in network.weights:
        return constant[:, :, np.newaxis]
    shape = (*constant.shape, len(network.manifest["feature_ids"]))
    factors = np.asarray(network.weights["factors"], np.float64).reshape(shape).copy()
    for number, column in enumerate(network.manifest["feature_ids"]):
        if column not in copies:
            continue
        moved = FuzzySet.model_validate(given["fuzzy_sets"][copies[column]])
        middle, half = scale_of(moved)
        old = network.manifest["sets"][column]
        constant += factors[:, :, number] * (middle - old["middle"]) / old["half"]
        factors[:, :, number] *= half / old["half"]
    return np.concatenate([constant[:, :, np.newaxis], factors], axis=2)


def _plain(values: NDArray[np.float64]) -> list[Any]:
    """A number for each output; a list where there are factors."""
    return [one[0] if len(one) == 1 else one for one in values.tolist()]


def _beginnings(strategy: Strategy) -> NDArray[np.float64]:
    """[rules + 1, outputs, 1 + factors]"""
    if not isinstance(strategy.model, Tsk) or not strategy.model.architecture.written:
        raise InvalidInput(reason=f"The strategy {strategy.name} has no rules that are written.")
    own = strategy.model.architecture
    if None in (*(rule.then for rule in own.written), own.otherwise):
        raise InvalidInput(
            reason=f"A rule of the strategy {strategy.name} has no `then`: it has to be trained."
        )
    outputs = len(CLASSES) if strategy.output_format == "classification" else 1
    return beginnings(own, outputs=outputs, columns=strategy.num_columns)
