"""A checkpoint that is not what was saved is refused by the name of the file."""

import io
import pickle
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from checkpoints.errors import CheckpointCorruptedError
from tests.training.trainer.synthetic import make_dataset, make_strategy
from tests.training.trainer.watching import stop_at
from training.model_trainer import ModelTrainer
from training.trainer.resume_context import TrainingResumeContext, read_snapshot
from training.trainer.state import REQUIRED_ARTIFACTS, TrainerState

ALL_ARTIFACTS = ["model.pt", "optimizer.pt", "scheduler.pt", "best_model.pt", "trainer_state.pt"]


def checkpoint(seed: int = 0) -> dict[str, bytes]:
    strategy = make_strategy(epochs=2, lr_scheduler={"type": "cosine"}, seed=seed)
    run = stop_at(epoch=0, batch=3)
    ModelTrainer(strategy, run=run).train(make_dataset(strategy))
    assert run.final is not None
    return run.final.artifacts()


@pytest.fixture(scope="module")
def artifacts() -> dict[str, bytes]:
    return checkpoint()


def refusal(artifacts: dict[str, bytes]) -> str:
    with pytest.raises(CheckpointCorruptedError) as refused:
        TrainingResumeContext.from_artifacts(artifacts, original_request={})
    return str(refused.value)


def saved(value: Any) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


def changed(artifact: bytes, **changes: Any) -> bytes:
    return saved(torch.load(io.BytesIO(artifact), weights_only=True) | changes)


def test_a_checkpoint_has_these_files(artifacts: dict[str, bytes]) -> None:
    assert sorted(artifacts) == sorted(ALL_ARTIFACTS)


def test_what_is_empty_has_no_file() -> None:
    run = stop_at(epoch=-1, batch=1)
    strategy = make_strategy()
    ModelTrainer(strategy, run=run).train(make_dataset(strategy))
    assert run.final is not None
    assert sorted(run.final.artifacts()) == sorted(REQUIRED_ARTIFACTS)


def test_a_round_trip_keeps_the_digest(artifacts: dict[str, bytes]) -> None:
    snapshot = read_snapshot(artifacts)
    assert read_snapshot(snapshot.artifacts()).digest() == snapshot.digest()


@pytest.mark.parametrize("name", ALL_ARTIFACTS)
def test_a_missing_file(artifacts: dict[str, bytes], name: str) -> None:
    assert name in refusal({k: v for k, v in artifacts.items() if k != name})


@pytest.mark.parametrize("name", ALL_ARTIFACTS)
def test_an_empty_file(artifacts: dict[str, bytes], name: str) -> None:
    assert name in refusal(artifacts | {name: b""})


@pytest.mark.parametrize("name", ALL_ARTIFACTS)
def test_a_truncated_file(artifacts: dict[str, bytes], name: str) -> None:
    assert name in refusal(artifacts | {name: artifacts[name][:-200]})


@pytest.mark.parametrize("name", ["model.pt", "optimizer.pt", "best_model.pt", "trainer_state.pt"])
def test_a_file_of_another_training(artifacts: dict[str, bytes], name: str) -> None:
    assert "was not saved" in refusal(artifacts | {name: checkpoint(seed=1)[name]})


def test_an_unknown_format_version(artifacts: dict[str, bytes]) -> None:
    data = changed(artifacts["trainer_state.pt"], format_version=99)
    assert "format version 99" in refusal(artifacts | {"trainer_state.pt": data})


def test_a_part_that_is_not_there(artifacts: dict[str, bytes]) -> None:
    shared = torch.load(io.BytesIO(artifacts["trainer_state.pt"]), weights_only=True)
    del shared["parts"]["history"]
    reason = refusal(artifacts | {"trainer_state.pt": saved(shared)})
    assert reason == "trainer_state.pt: has no history"


def test_something_that_is_no_state(artifacts: dict[str, bytes]) -> None:
    assert "model.pt" in refusal(artifacts | {"model.pt": saved([1, 2, 3])})


class Malicious:
    def __init__(self, trace: Path) -> None:
        self._trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self._trace,)


@pytest.mark.parametrize("name", ALL_ARTIFACTS)
@pytest.mark.parametrize("write", [saved, pickle.dumps], ids=["torch.save", "pickle"])
def test_a_malicious_pickle_executes_nothing(
    artifacts: dict[str, bytes], name: str, write: Any, tmp_path: Path
) -> None:
    trace = tmp_path / "executed"
    assert name in refusal(artifacts | {name: write({"weight": Malicious(trace)})})
    assert not trace.exists()


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_flipped_bit_goes_unnoticed_or_unhandled(data: st.DataObject) -> None:
    """Refused by name, or, where the bit carries nothing (a zip date), read as what was saved."""
    artifacts = checkpoint_once()
    name = data.draw(st.sampled_from(ALL_ARTIFACTS))
    damaged = bytearray(artifacts[name])
    damaged[data.draw(st.integers(0, len(damaged) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        snapshot = read_snapshot(artifacts | {name: bytes(damaged)})
    except CheckpointCorruptedError as refused:
        assert name in str(refused)
    else:
        assert snapshot.digest() == read_snapshot(artifacts).digest()


CACHED: dict[str, bytes] = {}


def checkpoint_once() -> dict[str, bytes]:
    if not CACHED:
        CACHED.update(checkpoint())
    return CACHED


def test_a_state_with_a_part_missing_is_not_saved() -> None:
    with pytest.raises(ValueError, match="best_model, early_stopping"):
        TrainerState({"model": torch.nn.Linear(1, 1)}).snapshot()


def test_a_part_the_trainer_does_not_know_is_refused(artifacts: dict[str, bytes]) -> None:
    with pytest.raises(ValueError, match="differ in"):
        TrainerState({"model": torch.nn.Linear(1, 1)}).restore(read_snapshot(artifacts))


def deflated(artifact: bytes) -> bytes:
    """The same entries, compressed."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(artifact)) as stored,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as compressed,
    ):
        for name in stored.namelist():
            compressed.writestr(name, stored.read(name))
    return buffer.getvalue()


@pytest.mark.parametrize("name", ALL_ARTIFACTS)
def test_a_compressed_file_is_refused_before_it_is_inflated(
    artifacts: dict[str, bytes], name: str
) -> None:
    """One of zeros would be small here, and gigabytes in memory."""
    content = deflated(artifacts[name])
    assert torch.load(io.BytesIO(content), weights_only=True)  # torch reads it

    assert refusal(artifacts | {name: content}) == (
        f"{name}: is compressed, which torch.save does not do"
    )
