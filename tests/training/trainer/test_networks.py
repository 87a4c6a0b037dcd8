import pytest
import torch

from tests.training.trainer.synthetic import make_strategy, mlp, recurrent
from training.trainer.networks import initial_network, make_network


@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu", "leaky_relu", "sigmoid"])
def test_an_mlp_maps_rows_to_outputs(activation: str) -> None:
    network = make_network(make_strategy(model=mlp(activation=activation)), inputs=4, outputs=3)
    assert network(torch.zeros(7, 4)).shape == (7, 3)


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_a_recurrent_network_maps_windows_to_outputs(kind: str) -> None:
    strategy = make_strategy(model=recurrent(kind, num_layers=2))
    network = make_network(strategy, inputs=4, outputs=3)
    assert network(torch.zeros(7, 4, 4)).shape == (7, 3)


def test_without_hidden_layers_an_mlp_is_one_linear_layer() -> None:
    network = make_network(make_strategy(model=mlp(hidden_layers=())), inputs=4, outputs=3)
    assert {name: tuple(p.shape) for name, p in network.named_parameters()} == {
        "output.weight": (3, 4),
        "output.bias": (3,),
    }


@pytest.mark.parametrize("model", [mlp(dropout=0.5), recurrent("gru", dropout=0.5)])
def test_dropout_is_drawn_in_training_only(model: dict[str, object]) -> None:
    strategy = make_strategy(model=model)
    network = make_network(strategy, inputs=4, outputs=3)
    inputs = torch.ones(64, 4) if strategy.model.type == "mlp" else torch.ones(64, 4, 4)
    assert not torch.equal(network(inputs), network(inputs))
    network.eval()
    assert torch.equal(network(inputs), network(inputs))


def test_initial_weights_are_a_pure_function_of_the_seed() -> None:
    first = initial_network(make_strategy(seed=3), inputs=4, outputs=3).state_dict()
    torch.rand(100)
    again = initial_network(make_strategy(seed=3), inputs=4, outputs=3).state_dict()
    other = initial_network(make_strategy(seed=4), inputs=4, outputs=3).state_dict()
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["output.weight"], other["output.weight"])


def test_initialisation_leaves_the_default_generator_alone() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    initial_network(make_strategy(), inputs=4, outputs=3)
    assert torch.equal(torch.rand(3), expected)
