"""Where uploads lie: two a user, for an hour, and nobody else's."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from training.uploads import folder
from training.uploads.errors import TooManyUploads, UploadInUse, UploadNotFound
from training.uploads.folder import Status, Upload

OWNER, OTHER = User(pk=1, username="owner"), User(pk=2, username="other")


@pytest.fixture(autouse=True)
def root(settings: Settings, tmp_path: Path) -> Path:
    settings.KTRDR_DATA_DIR = tmp_path
    return tmp_path / "uploads"


def sent(user: User = OWNER, name: str = "prices.csv", content: bytes = b"x") -> Upload:
    upload = folder.open_upload(user, "")
    folder.fill(upload.id).write_bytes(content)
    folder.filled(upload.id, name)
    return folder.find(user, upload.id)


def test_a_third_one_waits_until_one_is_gone() -> None:
    first, _ = sent(), sent()
    with pytest.raises(TooManyUploads) as refused:
        folder.open_upload(OWNER, "")
    assert first.id in {error["pointer"] for error in refused.value.errors}
    sent(OTHER)
    folder.discard(first)
    sent()


def test_it_is_found_by_its_user_alone(caplog: pytest.LogCaptureFixture) -> None:
    upload = sent()
    assert folder.find(OWNER, upload.id) == upload
    assert [found.id for found in folder.of(OWNER)] == [upload.id]
    assert folder.of(OTHER) == []
    for name in (upload.id[:-1], upload.id + "x", "..", "." * 22, "x" * 22):
        with pytest.raises(UploadNotFound):
            folder.find(OWNER, name)
    with pytest.raises(UploadNotFound):
        folder.find(OTHER, upload.id)
    assert f"refused: upload {upload.id} to its non-owner other" in caplog.text


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\data\\a b.csv", "a b.csv"),
        ("\x1b[31m\n\0.csv", "__31m__.csv"),
        ("..", "upload"),
        ("", "upload"),
        ("Kursé (1).csv", "Kursé (1).csv"),
        ("x" * 300 + ".csv", "x" * 96 + ".csv"),
    ],
)
def test_its_name_is_safe_in_a_path_and_on_a_terminal(given: str, kept: str) -> None:
    assert folder._safe(given) == kept


def test_after_an_hour_it_is_gone_unless_it_is_being_imported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    used, left = sent(), sent()
    monkeypatch.setattr(folder, "KEPT_SECONDS", -1)
    with pytest.raises(UploadNotFound):
        folder.find(OWNER, left.id)
    with folder.in_use(used):
        with pytest.raises(UploadInUse):
            folder.discard(used)
        folder.sweep()
        assert used.path.exists() and not left.folder.exists()
    folder.sweep()
    assert not used.folder.exists()


def test_what_did_not_come_whole_leaves_nothing_and_takes_no_place() -> None:
    for _ in range(5):
        upload = folder.open_upload(OWNER, "x.csv")
        folder.fill(upload.id).write_bytes(b"half")
        assert not upload.path.exists()
        folder.drop(upload.id)
    assert folder.of(OWNER) == []


def test_an_import_whose_process_ended_is_told_as_such() -> None:
    upload = sent()
    folder.enter(upload, Status.IMPORTING)
    with folder.in_use(upload):
        assert folder.state_of(upload)["status"] == Status.IMPORTING
    told = folder.state_of(upload)
    assert (told["status"], told["problem"]["code"]) == (Status.REFUSED, "interrupted")
