"""The first login is shown to who sits at the terminal, and else is in a file for this user."""

import io
import os
import stat
from pathlib import Path

import pytest
from django.contrib.auth import authenticate, get_user_model

from ktrdr_site.local.first_login import create_first_login

pytestmark = pytest.mark.django_db


def opens_the_site(told: str) -> bool:
    name, _, password = told.split()[:3]
    return authenticate(username=name, password=password) is not None


def test_on_a_terminal_it_is_shown_and_nowhere_kept(tmp_path: Path) -> None:
    controller, terminal = os.openpty()
    with open(controller), open(terminal, "w") as output:  # noqa: PTH123 (descriptors)
        login = create_first_login(tmp_path, output=output)
    assert opens_the_site(str(login))
    assert list(tmp_path.iterdir()) == []


def test_elsewhere_it_is_in_a_file_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "first_login").write_text("an older one")
    (tmp_path / "first_login").chmod(0o644)
    login = create_first_login(tmp_path, output=io.StringIO())
    [file] = tmp_path.iterdir()
    assert login is not None
    assert str(file) in str(login) and login.password not in str(login)
    assert opens_the_site(file.read_text())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_where_somebody_can_sign_in_there_is_none(tmp_path: Path) -> None:
    get_user_model()._default_manager.create_superuser("anna", password="s3cret-of-anna")  # type: ignore[attr-defined]
    assert create_first_login(tmp_path, output=io.StringIO()) is None
    assert list(tmp_path.iterdir()) == []
