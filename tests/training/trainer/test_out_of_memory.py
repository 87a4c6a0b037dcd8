"""A lack of memory is told from a damaged file, wherever reading or writing one meets it."""

import io
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection

import numpy as np
import pytest
import torch

from checkpoints.errors import CheckpointCorruptedError
from operations.process_memory import data_bytes
from tests.training.trainer.processes import CONTEXT
from training.out_of_memory import has_room, ran_out_of_memory
from training.trainer.resume_context import read_snapshot
from training.trainer.state import REQUIRED_PARTS as PARTS
from training.trainer.state import START, Snapshot

MEGABYTE = 1_000_000
WEIGHTS = 2_500_000  # 10 MB: model, two moments and best model take 40
LIMITS_MB = range(1, 130, 6)
"""From nothing to more than is needed: each of them ends reading or writing at another place."""

FITTED, NO_MEMORY = "fitted", "no memory"


def large_snapshot() -> Snapshot:
    parts = {name: {} for name in PARTS} | {
        "model": {"weight": torch.ones(WEIGHTS)},
        "optimizer": {"exp_avg": torch.ones(WEIGHTS), "exp_avg_sq": torch.ones(WEIGHTS)},
        "best_model": {"weight": torch.ones(WEIGHTS)},
        "history": {"val_loss": torch.ones(3)},
        "position": START._asdict(),
    }
    return Snapshot(parts=parts)


@contextmanager
def limited(megabytes: int) -> Iterator[None]:
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (data_bytes() + megabytes * MEGABYTE, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))


def outcome(act: Callable[[], object], megabytes: int) -> str:
    try:
        with limited(megabytes):
            act()
    except CheckpointCorruptedError as error:
        return f"corrupted: {error}"
    except Exception as error:  # noqa: BLE001
        return NO_MEMORY if ran_out_of_memory(error) else f"{type(error).__name__}: {error}"
    return FITTED


def outcomes(way: str, answers: Connection) -> None:
    snapshot = large_snapshot()
    act: Callable[[], object] = snapshot.artifacts
    if way == "read":
        act = partial(read_snapshot, snapshot.artifacts())
    answers.send([outcome(act, megabytes) for megabytes in LIMITS_MB])


@pytest.mark.parametrize("way", ["read", "write"])
def test_whichever_allocation_fails_it_is_said_to_be_memory(way: str) -> None:
    ours, theirs = CONTEXT.Pipe()
    process = CONTEXT.Process(target=outcomes, args=(way, theirs))
    process.start()
    assert ours.poll(250)
    found = ours.recv()
    process.join()

    assert set(found) == {FITTED, NO_MEMORY}
    assert (found[0], found[-1]) == (NO_MEMORY, FITTED)


def test_bytes_that_are_damaged_are_damaged_with_memory_to_spare() -> None:
    artifacts = large_snapshot().artifacts()
    content = bytearray(artifacts["model.pt"])
    content[100] ^= 1

    with pytest.raises(CheckpointCorruptedError):
        read_snapshot(artifacts | {"model.pt": bytes(content)})


def test_each_librarys_own_way_to_say_so_is_known() -> None:
    for act in (
        lambda: np.empty(2**60, np.uint8),
        lambda: bytearray(2**60),
        lambda: torch.empty(2**60, dtype=torch.uint8),
    ):
        with pytest.raises((MemoryError, RuntimeError)) as failure:
            act()
        assert ran_out_of_memory(failure.value)
    assert ran_out_of_memory(torch.OutOfMemoryError("CUDA out of memory"))
    assert not has_room(2**60)


def test_what_only_speaks_of_memory_is_not_it() -> None:
    assert not ran_out_of_memory(ValueError("can't allocate memory"))
    assert not ran_out_of_memory(
        RuntimeError("PytorchStreamReader failed finding central directory")
    )


def test_what_it_was_raised_for_counts() -> None:
    try:
        try:
            io.BytesIO().write(bytearray(2**60))
        except MemoryError as error:
            raise RuntimeError("unexpected pos 704 vs 598") from error
    except RuntimeError as hidden:
        assert ran_out_of_memory(hidden)
