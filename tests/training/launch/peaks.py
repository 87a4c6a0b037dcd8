"""What trainings really take: each in a fork of a process that has loaded what a worker has."""

import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection

import torch

from operations.process_memory import data_bytes
from tests.training.features.price_series import random_bars
from tests.training.trainer.processes import CONTEXT
from training.features.assembly import build_dataset
from training.launch.layout import lay_out
from training.launch.memory import Estimate, estimate
from training.market_data.bars import Bars
from training.model_trainer import ModelTrainer
from training.strategy import Strategy, load_strategy
from training.strategy.values import Timeframe
from training.trained.bundle import make_bundle
from training.trainer.pinned import Pinned
from training.trainer.run import EpochRecord, Request, Unattended
from training.trainer.state import Position, Snapshot

STRATEGY = """
name: peaks
version: "3.0"
training_data:
  symbols: {{mode: single, symbol: RANDOM}}
  timeframes: {{mode: single, timeframe: 1h}}
indicators:
  rsi: {{type: rsi}}
  macd: {{type: macd}}
  bands: {{type: bollinger}}
fuzzy_sets:
  momentum: {{indicator: rsi, {learn}low: [0, 0, 40], mid: [20, 50, 80], high: [60, 100, 100]}}
  turn: {{indicator: macd.histogram, {learn}low: [-9, -1, 0], mid: [-1, 0, 1], high: [0, 1, 9]}}
  band:
    {{indicator: bands.upper, {learn}low: [0, 90, 100], mid: [90, 100, 110], high: [100, 110, 900]}}
nn_inputs: [{{fuzzy_set: momentum}}, {{fuzzy_set: turn}}, {{fuzzy_set: band}}]
model: {model}
training:
  epochs: 2
  batch_size: {batch_size}
  labels: {{source: triple_barrier, max_holding_period: 20}}
"""
LOOK_SECONDS = 0.002


@dataclass(frozen=True, kw_only=True)
class Case:
    model: str
    batch_size: int
    bars: int
    learns_sets: bool = False


@dataclass(frozen=True, kw_only=True)
class Peak:
    taken: int
    """Bytes above what the fork began with, at the most."""
    estimated: Estimate
    engine: str


class Saving(Unattended):
    """Saves at every epoch's end, and holds what it saved while the next one is trained."""

    def __init__(self) -> None:
        super().__init__()
        self._wanted = False
        self._held: object = None

    def epoch_done(self, record: EpochRecord) -> None:
        self._wanted = True

    def at_boundary(self, position: Position) -> Request:
        wanted, self._wanted = self._wanted, False
        return Request.SAVE if wanted else Request.NONE

    def save(self, snapshot: Snapshot, *, final: bool) -> None:
        self._held = (snapshot, snapshot.artifacts())


def measure(case: Case) -> Peak:
    ours, theirs = CONTEXT.Pipe()
    process = CONTEXT.Process(target=_train, args=(case, theirs))
    process.start()
    theirs.close()
    peak: Peak = ours.recv()
    process.join()
    return peak


def _train(case: Case, answers: Connection) -> None:
    learn = "learn: true, " if case.learns_sets else ""
    text = STRATEGY.format(model=case.model, batch_size=case.batch_size, learn=learn)
    strategy, bars = load_strategy(text, source="peaks").strategy, random_bars(case.bars)

    def load_bars(symbol: str, timeframe: Timeframe, *, end: int | None = None) -> Bars:
        return bars

    layout = lay_out(strategy, load_bars=load_bars)
    pinned = Pinned.by_rule(strategy, torch.device("cpu"))
    with Meter() as meter:
        _go_all_the_way(strategy, pinned, load_bars)
    answers.send(
        Peak(
            taken=meter.most - meter.before,
            estimated=estimate(strategy, layout.size),
            engine=pinned.engine,
        )
    )


def _go_all_the_way(strategy: Strategy, pinned: Pinned, load_bars: object) -> None:
    dataset = build_dataset(strategy, load_bars=load_bars)  # type: ignore[arg-type]
    trained = ModelTrainer(strategy, run=Saving(), pinned=pinned).train(dataset)
    make_bundle(strategy, dataset, trained, pinned)


class Meter:
    """Looks at this process's memory until the block ends."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.before = self.most = 0

    def __enter__(self) -> "Meter":
        self.before = self.most = data_bytes()
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            self.most = max(self.most, data_bytes())
