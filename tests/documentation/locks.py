"""`make lock`: constraints.txt, requirements.lock and torch.lock, from requirements*.txt.

uv reads versions and hashes from its index (`UV_DEFAULT_INDEX`), for every platform at once. What
was locked stays at its version while it may; `make lock UPGRADE=1` takes the newest.
"""

import hashlib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.running.stack import PROJECT

UV = PROJECT / ".venv-lock" / "bin" / "uv"
OLDEST_PYTHON = "3.11"

TORCH = "torch"
BY_THE_MACHINE = re.compile(r"torch|triton|nvidia-.*|cuda-.*")
"""Torch, whose build (CPU, CUDA) is the machine's and the index's, and what only CUDA needs."""

CONSTRAINTS = """\
# Written by `make lock`: every package that comes along, with its version. install.sh gives it to
# pip, so two installations have the same. Not torch, whose build (CPU, CUDA) depends on the machine
# and the index: requirements.txt has its version.

"""
REQUIREMENTS = """\
# Written by `make lock`, for `./install.sh --locked`: what a site runs on, with the SHA-256 of each
# file that the index has of it, for all platforms. Not torch (torch.lock), and not what only a CUDA
# build of it needs.

"""
TORCH_ALONE = """\
# Written by `make lock`, for `./install.sh --locked`: torch, with the SHA-256 of the index's files
# and of a CPU build where one was at hand. CUDA's own packages are pinned by torch's metadata.

"""

Blocks = dict[str, str]
"""What a lock has of each package: its line, and those with its hashes."""


def main() -> None:
    options = ["--upgrade"] if os.environ.get("UPGRADE") else []
    everything = _compiled("requirements-dev.txt", *options, known=PROJECT / "constraints.txt")
    _write("constraints.txt", CONSTRAINTS, _others(everything))
    locked = _compiled(
        "requirements.txt",
        "--generate-hashes",
        "--constraints",
        "constraints.txt",
        known=PROJECT / "constraints.txt",
    )
    _write("requirements.lock", REQUIREMENTS, _others(locked))
    torch = locked[TORCH]
    hashes = sorted({*_hashes(torch), *_hashes_of_cpu_builds(_version(torch))})
    _write("torch.lock", TORCH_ALONE, {TORCH: _with_hashes(f"torch=={_version(torch)}", hashes)})


def _compiled(file: str, *options: str, known: Path) -> Blocks:
    """With pip, which installs the rest, at a version like any other's."""
    with tempfile.TemporaryDirectory() as folder:
        output, pip = Path(folder, "output.txt"), Path(folder, "pip.in")
        output.write_text(known.read_text())
        pip.write_text("pip\n")
        _uv(file, str(pip), "--universal", "--output-file", str(output), *options)
        return _blocks(output.read_text())


def _uv(*arguments: str) -> str:
    fixed = ("--quiet", "--no-header", "--no-annotate", "--python-version", OLDEST_PYTHON)
    command = [str(UV), "pip", "compile", *fixed, *arguments]
    done = subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit("uv could not resolve the requirements: the lines above say why.")
    return done.stdout


def _blocks(text: str) -> Blocks:
    blocks = re.split(r"\n(?=\S)", text.strip())
    return {block.partition("==")[0]: block for block in blocks if "==" in block}


def _others(blocks: Blocks) -> Blocks:
    return {name: block for name, block in blocks.items() if not BY_THE_MACHINE.fullmatch(name)}


def _write(name: str, heading: str, blocks: Blocks) -> None:
    (PROJECT / name).write_text(heading + "\n".join(blocks.values()) + "\n")


def _version(block: str) -> str:
    found = re.match(r"[\w.-]+==([\w.]+)", block)
    assert found, block
    return found[1]


def _hashes(block: str) -> list[str]:
    return re.findall(r"--hash=sha256:([0-9a-f]{64})", block)


def _with_hashes(line: str, hashes: list[str]) -> str:
    return " \\\n    ".join([line, *(f"--hash=sha256:{digest}" for digest in hashes)])


def _hashes_of_cpu_builds(version: str) -> list[str]:
    """Of files where pip looks for links, and of the index that TORCH_INDEX_URL names."""
    found = [
        hashlib.sha256(file.read_bytes()).hexdigest()
        for folder in os.environ.get("PIP_FIND_LINKS", "").split()
        for file in Path(folder).glob(f"torch-{version}+cpu-*.whl")
    ]
    if index := os.environ.get("TORCH_INDEX_URL"):
        with tempfile.NamedTemporaryFile("w", suffix=".in") as wanted:
            wanted.write(f"torch=={version}\n")
            wanted.flush()
            asked = ("--no-deps", "--generate-hashes", "--default-index", index)
            found += _hashes(_uv(wanted.name, *asked))
    return found


if __name__ == "__main__":
    main()
