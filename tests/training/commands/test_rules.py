"""`rules` prints the rules of a model as sentences; API and picture say the same."""

import csv
import io
import re
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import User

from operations.access.tokens import Scope
from operations.models import Operation
from tests.asking.clients import ClientFor
from tests.asking.commands import Manage
from tests.training.api.conftest import client_for as client_for
from tests.training.jobs.scenes import CLASSES, MLP, trained
from tests.training.views.scenes import signed_in
from training.features.assembly import build_dataset
from training.market_data import load_bars
from training.models import TrainedModel
from training.strategy import Strategy, find_strategy, load_strategy
from training.trained.rule_reader import strengths
from training.trained.stored_models import read_network

pytestmark = pytest.mark.django_db(transaction=True)

SENTENCE = re.compile(r"IF [\w ]+ is \w+( or \w+)*( AND .+)? THEN buy 0\.\d\d hold .* sell 0\.\d\d")


@pytest.fixture
def model(transactional_db: None) -> TrainedModel:
    return trained(find_strategy("written_rules").text, epochs=2)


def test_rules_are_sentences_with_what_each_decides(
    model: TrainedModel, manage: Manage, client_for: ClientFor
) -> None:
    told = manage("rules", str(model.pk), "--json").json["rules"]
    assert len(told) == 8
    assert sum(rule["decides"] for rule in told) == pytest.approx(1.0)
    assert [rule["decides"] for rule in told] == sorted(
        (it["decides"] for it in told), reverse=True
    )
    assert [rule["is_otherwise"] for rule in told].count(True) == 1
    for rule in told:
        assert sum(rule["outputs"].values()) == pytest.approx(1.0)
        assert rule["is_otherwise"] or SENTENCE.fullmatch(rule["rule"]), rule["rule"]
    assert shares_by_hand(model) == {rule["rule"]: rule["decides"] for rule in told}
    words = manage("rules", model.operation_id)
    assert all(rule["rule"] in words.out for rule in told) and "fires on a bar" in words.err
    owner = User.objects.create_user("owner")
    Operation.objects.update(owner=owner)
    answer = client_for(owner, Scope.READ).get(f"/api/v1/models/{model.pk}/rules")
    assert answer.status_code == 200 and answer.json()["data"] == told
    browser, address = signed_in(owner), f"/models/{model.pk}/pictures/rules/"
    part = browser.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<svg" in part and "1d_momentum is oversold" in part
    rows = list(csv.DictReader(io.StringIO(browser.get(f"{address}?format=csv").content.decode())))
    assert [row["Decides"] for row in rows] == [f"{100 * rule['decides']:.1f} %" for rule in told]
    assert f'hx-get="{address}"' in browser.get(f"/models/{model.pk}/").content.decode()


def shares_by_hand(model: TrainedModel) -> dict[str, float]:
    """Of the bars it was trained on, on which each rule is the strongest."""
    network = read_network(model)
    dataset = build_dataset(Strategy.from_snapshot(model.strategy), load_bars=load_bars)
    held = strengths(network.manifest, network.inputs(dataset.features[dataset.train]))
    strongest = held.argmax(axis=1)
    return {
        words(network.manifest, network.weights, number): float((strongest == number).mean())
        for number in range(held.shape[1])
    }


def words(manifest: dict[str, Any], weights: dict[str, Any], number: int) -> str:
    """The sentence again, with the names of this strategy."""
    parts = [
        f"{name.replace('1d_trend', 'trend').replace('1d_volatility', 'volatility')} "
        f"is {' or '.join(sets)}"
        for premise in manifest["rules"][number]["if"] or ()
        for name, sets in premise.items()
    ]
    powers = np.exp(weights["then"][number])
    shares = zip(("buy", "hold", "sell"), powers / powers.sum(), strict=True)
    said = " ".join(f"{name} {share:.2f}" for name, share in shares)
    return f"IF {' AND '.join(parts)} THEN {said}" if parts else f"OTHERWISE {said}"


def test_as_yaml_they_are_a_strategy_that_begins_with_them(
    model: TrainedModel, manage: Manage
) -> None:
    """Each learned copy of a set has one of its own. That it decides the same:
    tests/training/jobs/test_example_strategies.py."""
    text = manage("rules", str(model.pk), "--yaml").out
    strategy = load_strategy(text, source="rules").strategy
    assert [*strategy.fuzzy_sets] == ["volatility", "momentum_1d", "momentum_1w", "trend"]
    old = Strategy.from_snapshot(model.strategy)
    assert len(strategy.feature_ids()) == len(old.feature_ids())
    assert strategy.fuzzy_sets["trend"].memberships != old.fuzzy_sets["trend"].memberships
    assert "- momentum_1d: [oversold]" in text and "- trend: [above]" in text
    assert "then: [" in text and "otherwise: [" in text
    assert manage("rules", str(model.pk), "--yaml", "--json").json["strategy_yaml"] == text


def test_a_model_of_another_network_has_none(manage: Manage) -> None:
    other = trained(CLASSES, epochs=1)
    assert "type: mlp" in MLP
    refused = manage("rules", str(other.pk))
    assert refused.code == 2 and "has no rules: its network is of type mlp" in refused.err
