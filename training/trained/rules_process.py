"""What rules a model has, in the room for bounded work. Free of torch."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from operations.bounded.visit import Visit
from operations.bounded.work import Tell
from operations.errors import InvalidInput
from training.bounded_work import RULES
from training.models import TrainedModel
from training.trained.bounded_asking import ask_of
from training.trained.bundle_reader import TrainedNetwork
from training.trained.rules import Sentence, sentences
from training.trained.stored_models import read_network


def answer(arguments: Mapping[str, Any], tell: Tell) -> list[dict[str, Any]]:
    """Of `arguments["model_id"]`. Raises as `rules_of`."""
    model = TrainedModel.objects.get(pk=arguments["model_id"])
    return [sentence.to_json() for sentence in rules_of(model)[1]]


def ask_rules(
    model: TrainedModel, *, user: AbstractBaseUser | AnonymousUser, visit: Visit
) -> list[dict[str, Any]]:
    """The same, while somebody waits. Raises as `ask_of`, and `InvalidInput` of a model without."""
    _require_rules(model)
    found: list[dict[str, Any]] = ask_of(model, RULES, user=user, visit=visit)
    return found


def rules_of(model: TrainedModel) -> tuple[TrainedNetwork, list[Sentence]]:
    """Its network and its rules, those that decide most first.

    Raises `InvalidInput` of a model without rules, and as `read_network`.
    """
    _require_rules(model)
    network = read_network(model)
    return network, sentences(network)


def has_rules(model: TrainedModel) -> bool:
    return _network_of(model) == "tsk"


def _require_rules(model: TrainedModel) -> None:
    if not has_rules(model):
        kind = _network_of(model)
        raise InvalidInput(reason=f"Model {model.pk} has no rules: its network is of type {kind}.")


def _network_of(model: TrainedModel) -> str:
    return str(model.strategy.get("model", {}).get("type"))
