"""What an installation gets is written down: every package, with its version."""

import re
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.running.stack import PROJECT

BY_THE_MACHINE = re.compile(r"torch|triton|nvidia-.*|cuda-.*|pip")
"""Torch's build, CPU or CUDA, and what that one brings, are the index's; its version is pinned in
requirements.txt."""


def pins(file: str) -> dict[str, str]:
    lines = (PROJECT / file).read_text().splitlines()
    stated = [Requirement(line.split("#")[0]) for line in lines if "==" in line.split("#")[0]]
    return {canonicalize_name(pin.name): str(pin.specifier) for pin in stated}


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_what_is_asked_for_is_pinned_as_it_is_asked_for(file: str) -> None:
    asked = {name: at for name, at in pins(file).items() if not BY_THE_MACHINE.fullmatch(name)}
    assert asked.items() <= pins("constraints.txt").items()


def test_what_comes_along_is_pinned_as_it_is_installed() -> None:
    pinned = pins("constraints.txt")
    along = brought_along([*pins("requirements.txt"), *pins("requirements-dev.txt")])
    loose = {
        name: version
        for name, version in along.items()
        if not BY_THE_MACHINE.fullmatch(name) and pinned.get(name) != f"=={version}"
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
