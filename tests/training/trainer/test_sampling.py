import numpy as np
import pytest

from training.trainer.randomness import Purpose, dropout_seeds, stream
from training.trainer.sampling import epoch_order

SAMPLES = np.arange(100, 200, dtype=np.int64)


def shuffled(seed: int, epoch: int) -> list[int]:
    return epoch_order(SAMPLES, sampling="shuffle", seed=seed, epoch=epoch).tolist()


def test_shuffling_keeps_every_sample_once() -> None:
    assert sorted(shuffled(1, 0)) == SAMPLES.tolist()


def test_the_order_is_a_pure_function_of_seed_and_epoch() -> None:
    assert shuffled(1, 5) == shuffled(1, 5)
    assert shuffled(1, 5) != shuffled(1, 6)
    assert shuffled(1, 5) != shuffled(2, 5)


def test_sequential_sampling_keeps_the_order() -> None:
    order = epoch_order(SAMPLES, sampling="sequential", seed=1, epoch=3)
    assert order.tolist() == SAMPLES.tolist()


def test_weighted_sampling_draws_as_many_in_proportion_to_the_weights() -> None:
    samples = np.arange(20_000, dtype=np.int64)
    weights = np.where(samples < 10_000, 3.0, 1.0).astype(np.float32)
    order = epoch_order(samples, sampling="weighted", seed=1, epoch=0, weights=weights)
    assert len(order) == len(samples)
    assert np.mean(order < 10_000) == pytest.approx(0.75, abs=0.01)
    assert len(np.unique(order)) < len(samples), "draws are with replacement"


def test_weighted_sampling_never_draws_a_weight_of_zero() -> None:
    weights = np.ones(len(SAMPLES), dtype=np.float32)
    weights[7] = 0.0
    order = epoch_order(SAMPLES, sampling="weighted", seed=1, epoch=0, weights=weights)
    assert SAMPLES[7] not in order


def test_weighted_sampling_without_weights_says_what_is_missing() -> None:
    with pytest.raises(ValueError, match="compute_weights"):
        epoch_order(SAMPLES, sampling="weighted", seed=1, epoch=0)


def test_each_purpose_has_a_stream_of_its_own() -> None:
    first = {purpose: stream(purpose, seed=1, epoch=2).integers(2**63) for purpose in Purpose}
    assert len(set(first.values())) == len(Purpose)


def test_dropout_seeds_differ_by_seed_epoch_and_batch() -> None:
    keys = ((1, 0), (1, 1), (2, 0))
    seeds = np.concatenate([dropout_seeds(seed, epoch, 50) for seed, epoch in keys]).tolist()
    assert len(set(seeds)) == 150
    assert np.array_equal(dropout_seeds(1, 0, 50)[:10], dropout_seeds(1, 0, 10))
