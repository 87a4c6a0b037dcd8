"""A secret may lie in a file, and then it is in no environment and in no error."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from ktrdr_site.checkpoint_storage import storage_setting
from ktrdr_site.environment import SECRETS, env_database, env_webhook_key, given, is_given
from ktrdr_site.key_and_hosts import secret_key
from ktrdr_site.local import local_site

KEY = "of-the-file-" + "k" * 40


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text(f"{KEY}\n")
    return path


@pytest.mark.parametrize("name", SECRETS)
def test_each_secret_is_read_from_its_file(name: str, file: Path) -> None:
    environment = {f"{name}_FILE": str(file)}
    assert given(name, environment) == KEY
    assert is_given(name, environment) and not is_given(name, {})


def test_what_is_no_secret_is_not(file: Path) -> None:
    assert given("ALLOWED_HOSTS", {"ALLOWED_HOSTS_FILE": str(file)}) == ""


def test_both_at_once_are_refused(file: Path) -> None:
    environment = {"SECRET_KEY": "x", "SECRET_KEY_FILE": str(file)}
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY and SECRET_KEY_FILE are both set"):
        given("SECRET_KEY", environment)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("not/absolute", "absolute path"),
        ("/not/there", "No such file"),
        ("/", "Is a directory"),
        ("{}/empty", "empty"),
        ("{}/bytes", "no text"),
    ],
)
def test_a_file_that_is_none_is_refused_in_a_sentence(path: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "bytes").write_bytes(b"\xff sekret")
    with pytest.raises(
        ImproperlyConfigured, match=f"REDIS_URL_FILE is not valid.*{why}"
    ) as refused:
        given("REDIS_URL", {"REDIS_URL_FILE": path.format(tmp_path)})
    assert "sekret" not in str(refused.value)
    assert refused.value.__context__ is None or refused.value.__suppress_context__


def test_what_a_file_holds_is_checked_like_a_value_and_not_repeated(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL")
    for name, read in (("DATABASE_URL", env_database), ("KTRDR_WEBHOOK_SECRET", env_webhook_key)):
        monkeypatch.setenv(f"{name}_FILE", str(file))
        with pytest.raises(ImproperlyConfigured, match=f"{name} is not valid") as refused:
            read(name, {}) if read is env_database else read(name)
        assert KEY not in str(refused.value)


def test_a_site_with_its_key_in_a_file_has_none_of_its_own(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SECRET_KEY")
    monkeypatch.setenv("SECRET_KEY_FILE", str(file))
    monkeypatch.setenv("KTRDR_DATA_DIR", str(tmp_path / "data"))
    local_site.prepare(["up"])
    assert not local_site.secret_key_file().exists()
    assert not local_site.has_a_key_of_its_own()
    assert secret_key(local_site.secret_key_file(), debug=False) == KEY


def test_the_credentials_of_s3_are_handed_on(file: Path) -> None:
    options = storage_setting(
        "s3",
        {
            "KTRDR_S3_BUCKET": "ours",
            "AWS_ACCESS_KEY_ID": "id",
            "AWS_SECRET_ACCESS_KEY_FILE": str(file),
        },
    )["OPTIONS"]
    assert (options["access_key"], options["secret_key"]) == ("id", KEY)
    assert "security_token" not in options
