"""The rules of a model: which they are, how often each fires and decides, and what it says.

Free of torch. A bundle's manifest keeps them under `rules`, and its reader decides by these.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from training.features.arrays import Float32Array
from training.features.rules import chosen_rules, inputs_of, written_rules
from training.strategy import Strategy
from training.strategy.rule_base import Tsk
from training.trained.bundle_reader import TrainedNetwork
from training.trained.rule_reader import as_premises, consequents, strengths

FIRES = 0.01
"""The least strength with which a rule counts as firing: a Gaussian is nowhere 0."""
BLOCK_ROWS = 4096
FINE_PRINT = (
    "A rule fires on a bar where its strength is at least 0.01, and decides where that is the "
    "largest; shares are of the bars it was trained on. What stands after THEN is what the rule "
    "says alone: a decision is the mean of all rules by their strength, OTHERWISE's is 0.05."
)
ALWAYS, OTHERWISE = "ALWAYS", "OTHERWISE"


def rules_of(strategy: Strategy, weights: Mapping[str, NDArray[Any]]) -> list[dict[str, Any]]:
    """`rules` of a manifest, without what bars make of them; empty for another network."""
    if not isinstance(strategy.model, Tsk):
        return []
    is_written = bool(strategy.model.architecture.written)
    rules = written_rules(strategy) if is_written else chosen_rules(strategy, weights["choice"])
    return as_premises(rules)


def with_shares(network: TrainedNetwork, columns: Float32Array) -> list[dict[str, Any]]:
    """The same with what rows of columns make of each rule, [rows, columns].

    `fires` is the share of rows on which its strength is at least 0.01, `decides` that on which it
    is the largest, of equal ones the first; `says` its outputs: of a linear consequent those at
    the mean of the rows, each weighed by the rule's strength.
    """
    manifest, count = network.manifest, len(manifest_rules(network))
    fires, decides = np.zeros(count), np.zeros(count)
    weighed, held = np.zeros((count, columns.shape[1])), np.zeros(count)
    for first in range(0, len(columns), BLOCK_ROWS):
        block = columns[first : first + BLOCK_ROWS]
        strength = strengths(manifest, network.inputs(block))
        fires += (strength >= FIRES).sum(axis=0)
        decides += np.bincount(strength.argmax(axis=1), minlength=count)
        weighed += np.einsum("nr,nc->rc", strength, block.astype(np.float64))
        held += strength.sum(axis=0)
    means = weighed / np.where(held > 0.0, held, 1.0)[:, np.newaxis]
    said = consequents(network.weights, means)
    own = said[0] if len(said) == 1 else said[np.arange(count), np.arange(count)]
    rows = max(1, len(columns))
    return [
        {**rule, "fires": one / rows, "decides": other / rows, "says": values}
        for rule, one, other, values in zip(
            manifest_rules(network), fires.tolist(), decides.tolist(), own.tolist(), strict=True
        )
    ]


def manifest_rules(network: TrainedNetwork) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = network.manifest["rules"]
    return found


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """A rule as people read it."""

    premises: tuple[str, ...]
    """`momentum is oversold`; none of ALWAYS and OTHERWISE."""
    is_otherwise: bool
    outputs: dict[str, float]
    """Probabilities by class, or `return`."""
    fires: float
    """Share of the training's bars on which its strength is at least 0.01."""
    decides: float
    """Share of them on which it is the strongest."""

    @property
    def condition(self) -> str:
        if self.is_otherwise:
            return OTHERWISE
        return f"IF {' AND '.join(self.premises)}" if self.premises else ALWAYS

    @property
    def shown(self) -> dict[str, str]:
        """Its outputs as people read them."""
        return {name: _shown(name, value) for name, value in self.outputs.items()}

    def __str__(self) -> str:
        said = " ".join(f"{name} {value}" for name, value in self.shown.items())
        return f"{self.condition} {'THEN ' * bool(self.premises)}{said}"

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Self:
        own = {name: given[name] for name in ("is_otherwise", "outputs", "fires", "decides")}
        return cls(premises=tuple(given["premises"]), **own)

    def to_json(self) -> dict[str, Any]:
        return {
            "rule": str(self),
            "premises": list(self.premises),
            "is_otherwise": self.is_otherwise,
            "outputs": self.outputs,
            "fires": self.fires,
            "decides": self.decides,
        }


def sentences(network: TrainedNetwork) -> list[Sentence]:
    """Those that decide most first; none of a network without rules."""
    names = _short_names(network)
    found = [_sentence(rule, names, network) for rule in network.manifest.get("rules", ())]
    return sorted(found, key=lambda it: (-it.decides, -it.fires))


def conditions(network: TrainedNetwork) -> list[str]:
    """Of each rule, in the manifest's order: `IF momentum is oversold AND trend is rising`."""
    names = _short_names(network)
    return [_sentence(rule, names, network).condition for rule in manifest_rules(network)]


def _sentence(
    rule: Mapping[str, Any], names: Mapping[str, str], network: TrainedNetwork
) -> Sentence:
    said = np.atleast_1d(network.said(np.array([rule["says"]]))[0])
    return Sentence(
        premises=tuple(
            f"{names.get(name, name)} is {' or '.join(sets)}"
            for premise in rule["if"] or ()
            for name, sets in premise.items()
        ),
        is_otherwise=rule["if"] is None,
        outputs=dict(
            zip(network.manifest["class_names"] or ["return"], said.tolist(), strict=True)
        ),
        fires=rule["fires"],
        decides=rule["decides"],
    )


def _short_names(network: TrainedNetwork) -> dict[str, str]:
    """Without the timeframe, of each input whose fuzzy set is seen at one only."""
    if "rules" not in network.manifest:
        return {}
    known = inputs_of(Strategy.from_snapshot(network.manifest["strategy"]))
    return {id_: name for name, (id_, _) in known.items() if name != id_}


def _shown(name: str, value: float) -> str:
    return f"{value:+.3%}" if name == "return" else f"{value:.2f}"
