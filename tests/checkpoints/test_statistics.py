"""How much is stored, from the rows alone."""

import pytest

from checkpoints import store
from checkpoints.statistics import CheckpointStatistics, Stored, checkpoint_statistics
from operations.models import Operation
from tests.checkpoints import scenes


@pytest.mark.django_db
def test_an_empty_site_stores_nothing() -> None:
    nothing = Stored(count=0, size_bytes=0)

    assert checkpoint_statistics() == CheckpointStatistics(
        total=nothing, by_type={}, quarantined=nothing
    )


def test_checkpoints_are_counted_by_type(operation: Operation) -> None:
    first, second = scenes.save(operation, 1), scenes.save(operation, 2)
    store.quarantine(second, "one bit is wrong")
    both = Stored(count=2, size_bytes=first.size_bytes + second.size_bytes)

    assert checkpoint_statistics() == CheckpointStatistics(
        total=both,
        by_type={"periodic": both},
        quarantined=Stored(count=1, size_bytes=second.size_bytes),
    )
