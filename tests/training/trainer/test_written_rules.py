"""The rules of a model as a strategy: it begins, and decides, where the model is."""

from typing import Any

import numpy as np
import pytest

from operations.errors import InvalidInput
from tests.training.strategy.documents import text_of
from tests.training.trainer.synthetic import FIXED, LEARNED, WRITTEN, make_strategy, tsk
from tests.training.trainer.test_bundle import RETURNS, trained
from training.features.arrays import Float32Array, Float64Array
from training.strategy import load_strategy
from training.trained.bundle_reader import TrainedNetwork, read_files
from training.trained.written_rules import network_of, written
from training.trainer.networks import initial_network

SETTINGS: dict[str, dict[str, Any]] = {
    "learned": {"model": tsk(rules=5)},
    "of learned sets": {"model": tsk(rules=WRITTEN), "fuzzy_sets": LEARNED},
    "linear": {"model": tsk(rules=5, consequent="linear"), "labels": RETURNS},
    "linear, of learned sets": {
        "model": tsk(rules=WRITTEN, consequent="linear"),
        "fuzzy_sets": LEARNED,
    },
}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_a_strategy_of_a_models_rules_begins_where_that_ended(settings: dict[str, Any]) -> None:
    """By NumPy, and by torch before the first step; of learned sets both columns are of a value."""
    bundle, dataset, _ = trained(make_strategy(**settings, learning_rate=0.1))
    network = read_files(bundle.files)
    strategy = load_strategy(text_of(written(network).snapshot()), source="rules").strategy
    again = network_of(strategy)
    expected = network.predict(dataset.features)
    columns = as_columns_of(again, network, dataset.features)
    np.testing.assert_allclose(again.predict(columns), expected, rtol=0, atol=1e-6)
    outputs = len(dataset.class_names) or 1
    first = initial_network(strategy, inputs=columns.shape[1], outputs=outputs).state_dict()
    np.testing.assert_array_equal(first["then"], again.weights["then"].astype("f4"))
    assert np.ptp(expected) > 1e-2


def as_columns_of(
    again: TrainedNetwork, network: TrainedNetwork, columns: Float32Array
) -> Float64Array:
    """A learned set that has moved has another middle and half."""
    found = columns.astype(np.float64)
    for number, name in enumerate(network.manifest["feature_ids"]):
        if name in network.manifest["sets"]:
            old, new = network.manifest["sets"][name], again.manifest["sets"][name]
            values = found[:, number] * old["half"] + old["middle"]
            found[:, number] = (values - new["middle"]) / new["half"]
    return found


def test_what_has_to_be_trained_decides_nothing() -> None:
    for model in (tsk(rules=3), tsk(rules=WRITTEN)):
        with pytest.raises(InvalidInput, match=r"no rules that are written|has to be trained"):
            network_of(make_strategy(model=model, fuzzy_sets=FIXED))
