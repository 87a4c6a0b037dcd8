"""What an installation gets is written down: every package, with its version."""

import re
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.documentation.locks import BY_THE_MACHINE
from tests.running.stack import PROJECT

EXTRAS = ("requirements-export.txt", "requirements-notify.txt")
ASKED = ("requirements.txt", *EXTRAS, "requirements-dev.txt")
INSTALLED_AT_BEST = re.compile(rf"{BY_THE_MACHINE.pattern}|pip")
"""An index of one's own may have no newer pip."""


def pins(file: str) -> dict[str, str]:
    lines = [line.split("#")[0].rstrip(" \\") for line in (PROJECT / file).read_text().splitlines()]
    stated = [Requirement(line) for line in lines if "==" in line]
    return {canonicalize_name(pin.name): str(pin.specifier) for pin in stated}


def hashed(file: str) -> set[str]:
    """The packages that stand in a lock with a hash."""
    text = (PROJECT / file).read_text()
    found = re.findall(r"^(\S+)==[^\n]* \\\n    --hash=sha256:[0-9a-f]{64}\b", text, re.MULTILINE)
    return {canonicalize_name(name) for name in found}


@pytest.mark.parametrize("file", ASKED)
def test_what_is_asked_for_is_pinned_as_it_is_asked_for(file: str) -> None:
    asked = {name: at for name, at in pins(file).items() if not BY_THE_MACHINE.fullmatch(name)}
    assert asked.items() <= pins("constraints.txt").items()


def test_what_a_site_runs_on_is_locked_with_hashes() -> None:
    asked, torch = pins("requirements.txt"), pins("torch.lock")
    assert torch == {"torch": asked.pop("torch")}, "make lock"
    assert asked.items() <= pins("requirements.lock").items(), "make lock"
    assert pins("requirements.lock").items() <= pins("constraints.txt").items()
    assert hashed("requirements.lock") == set(pins("requirements.lock"))
    assert hashed("torch.lock") == {"torch"}


def test_what_comes_along_is_pinned_as_it_is_installed() -> None:
    pinned = pins("constraints.txt")
    along = brought_along([name for file in ASKED for name in pins(file)])
    loose = {
        name: version
        for name, version in along.items()
        if not INSTALLED_AT_BEST.fullmatch(name) and pinned.get(name) != f"=={version}"
    }
    assert loose == {}


def brought_along(names: Iterable[str]) -> dict[str, str]:
    """The version of each of them, and of whatever they need here, with every extra."""
    found: dict[str, str] = {}
    ahead = [canonicalize_name(name) for name in names]
    while ahead:
        if (name := ahead.pop()) in found:
            continue
        try:
            here = distribution(name)
        except PackageNotFoundError:  # of an extra, or of another platform
            continue
        found[name] = here.version
        ahead += [canonicalize_name(Requirement(line).name) for line in here.requires or ()]
    return found
