"""Code kept on the disk is that of the source as it is now, in every file of its package."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CALLEE = """
from {home} import {decorator}

@{decorator}
def scaled(value):
    return value * {factor}
"""

CALLER = """
from {home} import {decorator}
from package.callee import scaled

@{decorator}
def caller(value):
    return scaled(value) + 1.0
"""

CALL = """
from package.caller import caller
print(caller(10.0), sum(caller.stats.cache_hits.values()))
"""

OURS = ("training.compilation.machine_code", "machine_code")
NUMBAS = ("package.numbas", "kept")


@pytest.fixture
def package(tmp_path: Path) -> Path:
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "numbas.py").write_text("import numba\nkept = numba.njit(cache=True)\n")
    return package


def write(package: Path, decorator: tuple[str, str], *, factor: float) -> None:
    names = {"home": decorator[0], "decorator": decorator[1], "factor": factor}
    (package / "callee.py").write_text(CALLEE.format(**names))
    (package / "caller.py").write_text(CALLER.format(**names))


def call(package: Path, **environment: str) -> tuple[float, int]:
    """What the caller answers in a process of its own, and how often it was loaded."""
    paths = os.pathsep.join([str(package.parent), str(Path.cwd())])
    done = subprocess.run(
        [sys.executable, "-c", CALL],
        env=os.environ | {"PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"} | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    answer, loaded = done.stdout.split()
    return float(answer), int(loaded)


def test_a_callee_that_changed_in_another_file_is_compiled_anew(package: Path) -> None:
    write(package, OURS, factor=2.0)
    assert call(package) == (21.0, 0)
    assert call(package) == (21.0, 1)
    write(package, OURS, factor=3.0)
    assert call(package) == (31.0, 0)


def test_numba_alone_would_not_have_noticed(package: Path) -> None:
    write(package, NUMBAS, factor=2.0)
    assert call(package) == (21.0, 0)
    write(package, NUMBAS, factor=3.0)
    assert call(package) == (21.0, 1)


def test_a_directory_that_the_user_names_is_stamped_likewise(package: Path, tmp_path: Path) -> None:
    directory = str(tmp_path / "elsewhere")
    write(package, OURS, factor=2.0)
    assert call(package, NUMBA_CACHE_DIR=directory) == (21.0, 0)
    assert call(package, NUMBA_CACHE_DIR=directory) == (21.0, 1)
    write(package, OURS, factor=3.0)
    assert call(package, NUMBA_CACHE_DIR=directory) == (31.0, 0)
