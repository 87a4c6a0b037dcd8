"""How the tests find their way on the site."""

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from playwright.sync_api import (
    Page,
    expect,
)

from tests.running.stack import PROJECT

WAIT_MS = 120_000


@dataclass(frozen=True, kw_only=True)
class Site:
    url: str
    user: str
    password: str
    data: Path
    """Its KTRDR_DATA_DIR."""

    def sign_in(self, page: Page) -> None:
        page.goto("/login/")
        page.get_by_label("User name").fill(self.user)
        page.get_by_label("Password").fill(self.password)
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        page.wait_for_url(re.compile("/operations/"))

    def newcomer(self) -> "Site":
        """The same site for a user who may start, and has not yet."""
        user, password = "newcomer", secrets.token_urlsafe(12)
        made = f"User.objects.create_user({user!r}, password={password!r})"
        self._manage("shell", "-c", f"from django.contrib.auth.models import User; {made}")
        return replace(self, user=user, password=password)

    def train(self, *start: str) -> list[str]:
        """The ids of what `start_training` starts, once all of it has completed: one worker takes
        one after the other."""
        said = self._manage("start_training", *start, "--user", self.user)
        ids = re.findall("^Started operation: (.+)$", said, re.MULTILINE)
        self._manage("follow_operation", ids[-1])
        return ids

    @contextmanager
    def acting(self, script: str) -> Iterator[Callable[[], str]]:
        """Run a script in the site's shell, where a test is the worker. Its `yield_(line)` hands a
        line over and waits; each call goes on to the next one, which it returns. It beats only
        while it is called, and a browser may take minutes: its lease lasts."""
        waiting = "def yield_(line):\n    print(line, flush=True)\n    input()\n"
        shell = subprocess.Popen(
            self._command("shell", "--no-imports", "-c", waiting + script),
            cwd=PROJECT,
            env={**self._environment(), "KTRDR_LEASE_SECONDS": "3600"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        assert shell.stdin and shell.stdout
        lines, answers = shell.stdout, shell.stdin
        is_first = True

        def step() -> str:
            nonlocal is_first
            if not is_first:
                answers.write("\n")
            is_first = False
            return lines.readline().strip()

        try:
            yield step
        finally:
            shell.kill()
            shell.communicate()

    def _manage(self, *command: str) -> str:
        return subprocess.run(
            self._command(*command),
            cwd=PROJECT,
            env=self._environment(),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout

    def _command(self, *command: str) -> list[str]:
        return [sys.executable, "manage.py", *command]

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
        return {**kept, "KTRDR_DATA_DIR": str(self.data)}


def slow_strategy(page: Page) -> str:
    """The shipped LSTM, a quarter of a second an epoch on a fast machine: larger, no early stop."""
    text = page.get_by_label("The strategy's text").input_value()
    return re.sub(r"\n  early_stopping:.*", "", text).replace("hidden_size: 32", "hidden_size: 96")


def expect_status(page: Page, status: str) -> None:
    """Without a reload."""
    expect(page.locator("#header .status")).to_have_text(status, timeout=WAIT_MS)


def expect_epochs(page: Page, at_least: int) -> None:
    page.wait_for_function(
        "least => +document.querySelector('#header [data-live=epoch]')?.textContent >= least",
        arg=at_least,
        timeout=WAIT_MS,
    )


def visit(page: Page, address: str) -> None:
    """Returns when the page's scripts have run: they come after its first paint."""
    page.goto(address)
    wait_for_scripts(page)


def wait_for_scripts(page: Page) -> None:
    page.wait_for_selector("html[data-script]", state="attached", timeout=WAIT_MS)


NewPage = Callable[..., Page]
Picture = Callable[..., None]
