"""`manage.py demo` tells the product's story, fails loudly, and leaves nothing running."""

import io
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from ktrdr_site.demo.story import Digests, Outcome, StoryFailed
from ktrdr_site.local.watchdog import Ward
from ktrdr_site.management.commands.demo import Command
from tests.running.servers import Servers
from tests.running.stack import PROJECT, wait_until

TRAININGS = ("killed, cancelled, resumed", "never disturbed")


EPOCHS = 1200
"""A quarter of them, in which the demo has to cancel, lasts longer than its looks are apart."""


class Demo:
    def __init__(self, directory: Path, *, epochs: int, **changes: str) -> None:
        self._directory = directory
        self._log = directory / "output"
        env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        with self._log.open("wb") as output:
            self._popen = subprocess.Popen(
                [sys.executable, "-u", "manage.py", "demo", "--epochs", str(epochs)],
                cwd=PROJECT,
                env={**env, "KTRDR_DATA_DIR": str(directory), **changes},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.pid = self._popen.pid

    @property
    def output(self) -> str:
        return self._log.read_text()

    def wait(self) -> int:
        return self._popen.wait(600)  # on a machine with much else to do

    def wait_for(self, words: str) -> None:
        wait_until(lambda: self._has_said(words), 120, describe=lambda: self.output)

    def send(self, number: signal.Signals) -> None:
        self._popen.send_signal(number)

    def processes(self) -> list[psutil.Process]:
        """Whatever on this machine works in the demo's directory."""
        return [it for it in psutil.process_iter() if self._data() in environment(it).values()]

    def _data(self) -> str:
        return str(self._directory / "demo")

    def _has_said(self, words: str) -> bool:
        assert self._popen.poll() is None, self.output
        return words in self.output


def environment(process: psutil.Process) -> dict[str, str]:
    try:
        return dict(process.environ())
    except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        return {}


@pytest.fixture
def start(tmp_path: Path, servers: Servers) -> Iterator[Callable[..., Demo]]:
    started: list[Demo] = []

    def starts(**changes: str) -> Demo:
        running = Demo(tmp_path, epochs=EPOCHS, **changes)
        started.append(running)
        servers.watchdog.watch(Ward(stage=0, pid=running.pid, stop_signal=signal.SIGINT))
        return running

    yield starts
    for running in started:
        running.send(signal.SIGINT)
        running.wait()
        servers.watchdog.forget(running.pid)


@pytest.fixture
def demo(start: Callable[..., Demo]) -> Demo:
    return start()


def test_a_killed_cancelled_and_resumed_training_ends_with_its_twins_bytes(demo: Demo) -> None:
    assert demo.wait() == 0, demo.output

    for scene in ("SIGKILL to the worker", "worker_lost", "recovered", "cancelled", "resumed"):
        assert scene in demo.output
    state, weights = pairs(demo.output)
    assert state[0] == state[1] and weights[0] == weights[1]
    assert "Equal, byte for byte." in demo.output
    assert demo.processes() == []
    assert_its_model_comes_from_the_end_and_beats_the_class_prior(demo.output)


@pytest.mark.repeats
def test_a_demo_whose_resumes_forget_something_fails(start: Callable[..., Demo]) -> None:
    demo = start(DJANGO_SETTINGS_MODULE="tests.acceptance.forgetful_site")

    assert demo.wait() == 1, demo.output

    state, weights = pairs(demo.output)
    assert state[0] != state[1] and weights[0] != weights[1]
    assert "did not end with the same bytes" in demo.output
    assert "Equal" not in demo.output


@pytest.mark.parametrize(
    "other", [Digests(state="b", weights="w"), Digests(state="a", weights="v")]
)
def test_equal_weights_or_an_equal_state_alone_prove_nothing(other: Digests) -> None:
    result = {"best_epoch": 3, "epochs_trained": 8000}
    same = Digests(state="a", weights="w")
    command = Command(stdout=(told := io.StringIO()))
    command._compare(Outcome(disturbed=same, undisturbed=same, result=result))
    assert "the best epoch, the 4th of 8,000" in told.getvalue()
    with pytest.raises(StoryFailed):
        command._compare(Outcome(disturbed=other, undisturbed=same, result=result))


def assert_its_model_comes_from_the_end_and_beats_the_class_prior(output: str) -> None:
    """Else its weights would be equal whatever a resume did wrong, and the model a joke."""
    [found] = re.findall(r"best epoch, the ([\d,]+)[a-z]+ of ([\d,]+)", output)
    best, trained = (int(number.replace(",", "")) for number in found)
    assert best > trained * 2 / 3
    [(model, prior)] = re.findall(r"log loss is ([\d.]+); .* gives ([\d.]+)\.\n", output)
    assert float(model) <= float(prior)


def pairs(output: str) -> list[tuple[str, str]]:
    """Of the disturbed training and its twin: state digests, and the models' SHA-256."""
    digests = [re.findall(rf"^  {name} +([0-9a-f]{{64}})$", output, re.M) for name in TRAININGS]
    return list(zip(*digests, strict=True))


@pytest.mark.parametrize(
    "number", [pytest.param(signal.SIGINT, marks=pytest.mark.repeats), signal.SIGTERM]
)
def test_a_stopped_demo_leaves_nothing_running(demo: Demo, number: signal.Signals) -> None:
    demo.wait_for("started")
    assert len(demo.processes()) >= 5

    demo.send(number)

    assert demo.wait() == 130
    assert demo.processes() == []


@pytest.mark.repeats  # test_up.py kills the same watchdog's ward
def test_a_killed_demo_leaves_nothing_running(demo: Demo) -> None:
    demo.wait_for("started")

    demo.send(signal.SIGKILL)

    wait_until(lambda: demo.processes() == [], 60)
