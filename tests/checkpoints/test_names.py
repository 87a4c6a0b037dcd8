"""What becomes a path is checked first, and a directory's name tells whose it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoints import store
from checkpoints.directories import CheckpointDirectory

UNSAFE = [
    "",
    ".",
    "..",
    "../x",
    "/etc/passwd",
    "a/b",
    "a\\b",
    "a\0b",
    ".hidden",
    "ä",
    "a\n",
    "x" * 300,
]

SAFE_IDS = st.from_regex(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}", fullmatch=True)


def stage(operation_id: str, artifact: str, content: bytes = b"x") -> store.StagedCheckpoint:
    return store.stage(
        operation_id=operation_id,
        attempt=1,
        epoch=-1,
        batch=0,
        checkpoint_type="periodic",
        artifacts={artifact: content},
    )


@pytest.mark.parametrize("name", UNSAFE)
def test_an_unsafe_operation_id_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="Operation id"):
        stage(name, "model.pt")


@pytest.mark.parametrize("name", UNSAFE)
def test_an_unsafe_artifact_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="Artifact name"):
        stage("op_training_20261121_101500_1a2b3c4d", name)


def test_an_empty_artifact_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        stage("op", "model.pt", b"")


def test_nothing_to_save_is_refused() -> None:
    with pytest.raises(ValueError, match="without artifacts"):
        store.stage(
            operation_id="op",
            attempt=1,
            epoch=0,
            batch=0,
            checkpoint_type="periodic",
            artifacts={},
        )


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(ValueError, match="manual"):
        store.stage(
            operation_id="op",
            attempt=1,
            epoch=0,
            batch=0,
            checkpoint_type="manual",
            artifacts={"model.pt": b"x"},
        )


@given(SAFE_IDS, st.integers(1, 10**6), st.integers(-1, 10**6), st.integers(0, 10**9))
def test_a_directory_is_read_back_from_its_name(
    operation_id: str, attempt: int, epoch: int, batch: int
) -> None:
    directory = CheckpointDirectory.new(
        operation_id=operation_id, attempt=attempt, epoch=epoch, batch=batch
    )

    assert CheckpointDirectory.parse(directory.path) == directory
    assert len(directory.path) <= 255


@pytest.mark.parametrize(
    "path", ["checkpoints/op", "models/op-a1-e1-b1-00000000", "checkpoints/op-a1-e-2-b1-00000000"]
)
def test_other_names_are_nobodys(path: str) -> None:
    assert CheckpointDirectory.parse(path) is None
