"""Without settings, servers or a data directory a command works, or answers in a sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.documentation import sources
from tests.running.stack import PROJECT
from tests.training.market_data.writing import days

SETTINGS = ("SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL", "DEBUG")


def manage(data: Path, *arguments: str | Path, **settings: str) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in SETTINGS and not name.startswith("KTRDR_")
    }
    return subprocess.run(
        [sys.executable, "manage.py", *map(str, arguments)],
        cwd=PROJECT,
        env=kept | {"KTRDR_DATA_DIR": str(data)} | settings,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "not" / "there"


def test_a_strategy_is_checked_and_nothing_is_written(data: Path) -> None:
    done = manage(data, "validate_strategy", "sp500_daily")
    assert (done.returncode, done.stderr) == (0, "")
    assert "sp500_daily: valid" in done.stdout
    assert not data.exists()


def test_a_strategy_is_converted_and_nothing_is_written(data: Path) -> None:
    done = manage(data, "convert_strategy", "sp500_daily")
    assert done.returncode == 0, done.stderr
    assert "on_hold: keep" in done.stdout
    assert not data.exists()


def test_while_debugging_neither_key_nor_hosts_are_refused(data: Path) -> None:
    settings = {"DEBUG": "true", "SECRET_KEY": "short", "ALLOWED_HOSTS": "*"}
    done = manage(data, "shell", "-c", "print('here')", **settings)
    assert done.returncode == 0 and done.stdout.endswith("here\n"), done.stderr


def test_what_reads_our_code_alone_needs_no_settings(data: Path) -> None:
    done = manage(data, "spectacular", "--format", "openapi-json")
    assert (done.returncode, done.stderr) == (0, "")
    assert '"openapi"' in done.stdout
    assert not data.exists()


def test_every_commands_help_needs_no_settings(data: Path) -> None:
    asking = (
        "import sys, manage\n"
        f"for name in {sorted(sources.commands())!r}:\n"
        "    sys.argv = ['manage.py', name, '--help']\n"
        "    try: manage.main()\n"
        "    except SystemExit as end: assert end.code == 0, name\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", asking],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "KTRDR_DATA_DIR": str(data)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("usage: manage.py") == len(sources.commands())
    assert not data.exists()


def test_the_first_import_makes_the_site_and_its_directory(data: Path, tmp_path: Path) -> None:
    prices = tmp_path / "prices.csv"
    prices.write_bytes(days())
    arguments = ("import_market_data", prices, "--symbol", "ACME", "--timeframe", "1d")
    done = manage(data, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Imported ACME 1d: 40 rows" in done.stdout
    listed = manage(data, "list_market_data")
    assert "ACME\t1d\t40" in listed.stdout


@pytest.mark.parametrize(
    ("arguments", "settings", "said"),
    [
        (("list_operations",), {}, "SECRET_KEY is not set"),
        (("import_market_data", "x"), {"SECRET_KEY": "x" * 50}, "ALLOWED_HOSTS is not set"),
        (
            ("check",),
            {"SECRET_KEY": "x" * 31, "ALLOWED_HOSTS": "x"},
            "SECRET_KEY has 31 characters",
        ),
        (("check",), {"SECRET_KEY": "x" * 32, "ALLOWED_HOSTS": "a,*"}, "ALLOWED_HOSTS=* would let"),
        (("list_operations", "--help"), {"KTRDR_LEASE_SECONDS": "x"}, "KTRDR_LEASE_SECONDS='x'"),
    ],
)
def test_what_is_missing_is_said_in_a_sentence(
    arguments: tuple[str, ...], settings: dict[str, str], said: str, data: Path
) -> None:
    done = manage(data, *arguments, **settings)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
