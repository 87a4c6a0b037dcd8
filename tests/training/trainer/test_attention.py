"""How long a training goes on before it asks what to do, and how it is called back sooner."""

import threading

import pytest
import torch

from tests.training.trainer.synthetic import make_dataset, make_strategy, mlp
from tests.training.trainer.watching import Watcher
from training.model_trainer import ModelTrainer
from training.trainer.batches import DeviceData
from training.trainer.engines import kernel
from training.trainer.engines.engine import Epoch
from training.trainer.engines.kernel import KernelEngine
from training.trainer.epoch_losses import EpochLosses
from training.trainer.networks import MLP, initial_network
from training.trainer.randomness import dropout_seeds
from training.trainer.run import ALL_BATCHES, Attention, Request
from training.trainer.schedules import Schedule
from training.trainer.state import Position

NUM_ROWS = 4_000_000  # a second of training


class Seldom(Watcher):
    """Lets all batches of an epoch pass."""

    def batches_to_pass(self, position: Position) -> int:
        return ALL_BATCHES


class Listening(Seldom):
    """Hears each call once."""

    def at_boundary(self, position: Position) -> Request:
        self.attention.clear()
        return super().at_boundary(position)


@pytest.mark.usefixtures("engine")
def test_a_run_that_lets_all_batches_pass_is_asked_at_the_end_of_each_part() -> None:
    run = Seldom()
    strategy = make_strategy(epochs=2, batch_size=50)  # 120 rows: 3 batches
    ModelTrainer(strategy, run=run).train(make_dataset(strategy))
    epoch = [Position(-1, 3), Position(-1, 3), Position(0, 0)]
    assert run.boundaries == epoch + [Position(p.epoch + 1, p.batch) for p in epoch]


@pytest.mark.usefixtures("engine")
def test_who_calls_for_attention_is_asked_after_the_next_batch() -> None:
    run = Listening()
    run.attention.call()
    strategy = make_strategy(epochs=1, batch_size=50)
    ModelTrainer(strategy, run=run).train(make_dataset(strategy))
    assert run.boundaries[:2] == [Position(-1, 1), Position(-1, 3)]


def test_compiled_code_hears_a_call_while_it_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "WORK_OF_A_CALL", ALL_BATCHES)
    strategy = make_strategy()
    network = initial_network(strategy, inputs=4, outputs=3)
    assert isinstance(network, MLP)
    dataset = make_dataset(strategy, rows=NUM_ROWS)
    data = DeviceData(strategy, dataset, torch.device("cpu"))
    epoch = Epoch(
        way=data.training_pass(0),
        learning_rates=Schedule(0.01).learning_rates(0, data.num_batches),
        dropout_seeds=dropout_seeds(1, 0, data.num_batches),
    )
    losses, attention = EpochLosses(data.num_batches, data.device), Attention()

    def call_after_the_first_batches() -> None:
        while not losses.on_cpu[100]:
            pass
        attention.call()

    caller = threading.Thread(target=call_after_the_first_batches)
    caller.start()
    engine = KernelEngine(strategy, network, data.features, rows=data.largest_batch)
    reached = next(engine.train(epoch, range(data.num_batches), losses, attention))
    caller.join()
    assert 100 < reached < data.num_batches


def test_the_length_of_a_call_changes_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    strategy = make_strategy(model=mlp(dropout=0.3))
    whole_epochs = ModelTrainer(strategy).train(make_dataset(strategy)).digest
    for work in (1, 6_000):  # one batch a call, two
        monkeypatch.setattr(kernel, "WORK_OF_A_CALL", work)
        assert ModelTrainer(strategy).train(make_dataset(strategy)).digest == whole_epochs
