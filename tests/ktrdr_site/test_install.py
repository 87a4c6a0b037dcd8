"""install.sh, with indexes in folders: nothing is downloaded."""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pip
import pytest

from tests.running.stack import PROJECT


def wheel(folder: Path, name: str, version: str, *, needs: str = "") -> str:
    """A package without content; its SHA-256."""
    stem = f"{name}-{version}"
    files = {
        f"{name}.py": f"version = {version!r}\n",
        f"{stem}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        + (f"Requires-Dist: {needs}\n" if needs else ""),
        f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = f"{stem}.dist-info/RECORD"
    listed = "".join(f"{file},,\n" for file in (*files, record))
    path = folder / name / f"{stem}-py3-none-any.whl"
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for file, content in {**files, record: listed}.items():
            archive.writestr(file, content)
    page = "".join(f'<a href="{file.name}">{file.name}</a>' for file in path.parent.glob("*.whl"))
    (path.parent / "index.html").write_text(page)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def environment_with_our_pip(folder: Path) -> None:
    """As `python -m venv` makes it, within a fifth of a second and not several."""
    venv.create(folder, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "pip").symlink_to(Path(pip.__file__).parent)


class Checkout:
    """Of a product that needs torch and what comes along with it, and two indexes."""

    def __init__(self, root: Path) -> None:
        self.root, self.index, self.torch_index = root / "a b", root / "index", root / "torch"
        self.root.mkdir()
        shutil.copy(PROJECT / "install.sh", self.root)
        environment_with_our_pip(self.root / ".venv")
        digests = {
            "along": wheel(self.index, "along", "1.0"),
            "torch": wheel(self.index, "torch", "2.0", needs="cudalike"),
        }
        wheel(self.index, "along", "1.1")
        wheel(self.index, "cudalike", "3")
        wheel(self.torch_index, "torch", "2.0+cpu", needs="along")
        self.write("requirements.txt", "torch==2.0   # the networks\nalong\n")
        self.write("constraints.txt", "along==1.0\n")
        self.write("torch.lock", f"torch==2.0 \\\n    --hash=sha256:{digests['torch']}\n")
        self.write("requirements.lock", f"along==1.0 \\\n    --hash=sha256:{digests['along']}\n")

    def write(self, name: str, content: str) -> None:
        (self.root / name).write_text(content)

    def install(self, what: str, **settings: str) -> subprocess.CompletedProcess[str]:
        of_pip = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": self.index.as_uri()}
        kept = {name: text for name, text in os.environ.items() if not name.startswith("PIP_")}
        return subprocess.run(
            ["sh", "install.sh", what],
            cwd=self.root,
            env={**kept, **of_pip, "PYTHON": sys.executable, **settings},
            capture_output=True,
            text=True,
            check=False,
        )

    def installed(self) -> dict[str, str]:
        """Versions by name, in the order of installation."""
        there = (self.root / ".venv").glob("lib/python*/site-packages/*.dist-info")
        found = sorted(there, key=lambda folder: folder.stat().st_mtime_ns)
        pairs = (folder.name.removesuffix(".dist-info").partition("-") for folder in found)
        return {name: version for name, _, version in pairs}


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_pip_comes_first_and_what_comes_along_is_as_constrained(checkout: Checkout) -> None:
    for version in ("99.0", "99.1"):
        wheel(checkout.index, "pip", version)
    checkout.write("constraints.txt", "along==1.0\npip==99.0\n")
    done = checkout.install("requirements.txt")
    assert done.returncode == 0, done.stderr
    assert next(iter(checkout.installed().items())) == ("pip", "99.0")
    assert checkout.installed() == {"pip": "99.0", "torch": "2.0", "along": "1.0", "cudalike": "3"}


def test_torch_comes_from_the_index_that_is_named_for_it(checkout: Checkout) -> None:
    """There is no pip in either index: the one that is there goes on."""
    torch_index = checkout.torch_index.as_uri()
    done = checkout.install("requirements.txt", TORCH_INDEX_URL=torch_index)
    assert done.returncode == 0, done.stderr
    assert "pip could not be upgraded" in done.stderr
    assert "NVIDIA" not in done.stdout
    assert checkout.installed() == {"torch": "2.0+cpu", "along": "1.0"}


def test_locked_takes_what_has_the_hashes_and_what_torch_brings(checkout: Checkout) -> None:
    done = checkout.install("--locked")
    assert done.returncode == 0, done.stderr
    assert checkout.installed() == {"torch": "2.0", "along": "1.0", "cudalike": "3"}


@pytest.mark.parametrize("file", ["requirements.lock", "torch.lock"])
def test_locked_takes_no_other_bytes(checkout: Checkout, file: str) -> None:
    text = (checkout.root / file).read_text()
    digest = text.partition("sha256:")[2].strip()
    checkout.write(file, text.replace(digest, "0" * 64))
    done = checkout.install("--locked")
    assert done.returncode == 1
    assert "DO NOT MATCH THE HASHES" in done.stderr
    assert "other hashes: ./install.sh requirements.txt" in done.stderr
