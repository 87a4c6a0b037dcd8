"""TAB after `ktrdr`: what a person may type next, asked for as a shell asks."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection

from ktrdr_site.command import completion
from ktrdr_site.local.place import DATABASE_FILE
from tests.operations import scenes
from tests.running.servers import Servers
from tests.running.stack import PROJECT
from tests.training.views.scenes import started, stored_model
from training.market_data import catalog
from training.market_data.importing import import_market_data
from training.market_data.samples import SAMPLES
from training.strategy.library import list_strategies
from training.sweep.space import shipped_spaces

SLOW = ("torch", "numpy", "pydantic", "rest_framework", "operations.models", "training.models")


def tab(line: str, **env: str) -> list[str]:
    """What the shell is given for this line, the cursor at its end."""
    asked = {
        "_ARGCOMPLETE": "1",
        "_ARGCOMPLETE_STDOUT_FILENAME": "/dev/stdout",
        "_ARGCOMPLETE_IFS": "\n",
        "COMP_LINE": line,
        "COMP_POINT": str(len(line)),
    }
    answer = subprocess.run(
        [str(PROJECT / "ktrdr")],
        cwd=PROJECT,
        env={**os.environ, **asked, **env},
        capture_output=True,
        text=True,
    )
    return sorted(answer.stdout.split())


def test_words_and_options_need_no_site(tmp_path: Path) -> None:
    nowhere = {"KTRDR_DATA_DIR": str(tmp_path)}
    assert tab("ktrdr st", **nowhere) == ["start"]
    assert tab("ktrdr data ", **nowhere) == ["forget", "import", "list", "undo"]
    in_zsh = tab("ktrdr data ", _ARGCOMPLETE_SHELL="zsh", **nowhere)
    assert "list:what" in in_zsh and not any("None" in told for told in in_zsh)
    assert tab("ktrdr start sp500_daily --e", **nowhere) == ["--end-date", "--epochs"]
    assert tab("ktrdr start sp500_daily --priority ", **nowhere) == ["high", "low", "normal"]
    assert tab("ktrdr check sp5", **nowhere) == ["sp500_daily"]
    gone = {"SECRET_KEY": "", "DATABASE_URL": f"sqlite:///{tmp_path}/none.sqlite3"}
    assert tab("ktrdr show op_", **nowhere, **gone) == []
    assert not list(tmp_path.iterdir())


@pytest.mark.django_db(transaction=True)
def test_an_id_is_completed_by_the_site_that_there_is(servers: Servers) -> None:
    operation = scenes.pending()
    site = {"DATABASE_URL": servers.database_url(str(connection.settings_dict["NAME"]))}
    assert tab("ktrdr show op_", **site) == [operation.pk]
    assert tab(f"ktrdr show {operation.pk[-6:]}", **site) == [operation.pk]


def test_a_site_of_ones_own_is_read_and_not_made(tmp_path: Path) -> None:
    own = {"KTRDR_DATA_DIR": str(tmp_path), "DATABASE_URL": ""}
    assert tab("ktrdr ledger ", **own) == sorted({symbol for symbol, _ in SAMPLES})
    assert not list(tmp_path.iterdir())
    with closing(sqlite3.connect(tmp_path / DATABASE_FILE)) as made, made:
        made.execute("PRAGMA journal_mode=WAL")
        made.execute("CREATE TABLE operations_operation (id, created_at, status)")
        made.execute("INSERT INTO operations_operation VALUES ('op_a_1', 1, 'failed')")
        made.execute("INSERT INTO operations_operation VALUES ('op_b_2', 2, 'running')")
    assert tab("ktrdr show o", **own) == ["op_a_1", "op_b_2"]
    assert tab("ktrdr show _1", **own) == tab("ktrdr resume ", **own) == ["op_a_1"]


@pytest.mark.django_db
def test_ids_are_those_that_the_word_is_for() -> None:
    live, stopped = scenes.running().pk, scenes.cancelled(1).pk
    model = stored_model(started(User.objects.create_user("owner"))).operation_id
    assert list(completion.ids("show", "op_")) == [model, stopped, live]
    assert live in completion.ids("cancel", "op_") and stopped not in completion.ids("cancel", "")
    assert list(completion.ids("resume", "op_")) == [stopped]
    assert list(completion.ids("predict", "", chosen=completion.MODELS)) == [model]
    assert list(completion.ids("show", live[-8:])) == [live]
    assert list(completion.ids("show", "%")) == list(completion.ids("show", "o!")) == []


@pytest.mark.django_db
def test_symbols_strategies_and_spaces_are_what_there_is() -> None:
    import_market_data(SAMPLES["SP500", "1d"], symbol="ACME", timeframe="1d")
    assert set(completion.symbols("")) == catalog.symbols()
    assert "ACME" in completion.symbols("AC")
    known = [file.name for file in list_strategies()]
    assert sorted(completion._names_in(completion.STRATEGIES)) == known
    assert set(completion._names_in(completion.SPACES)) == set(shipped_spaces())


def test_nothing_slow_is_loaded() -> None:
    """Seen in a process: a person waits for it."""
    look = f"print([name for name in {SLOW} if name in sys.modules])"
    code = (
        "import sys; from ktrdr_site.command import completion as it; "
        f"it.parser(); list(it.ids('show', 'op_')); {look}"
    )
    site = {"DATABASE_URL": "sqlite://:memory:", "SECRET_KEY": "x" * 50, "DEBUG": "true"}
    answer = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        env={**os.environ, **site},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout == "[]\n"
