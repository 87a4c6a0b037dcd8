"""A test's own processes: on the test database, and gone with the test."""

import signal

import psutil
import pytest
from django.contrib.auth.models import User

from ktrdr_site.local.watchdog import session_pids
from tests.running.nursery import Nursery
from tests.running.stack import Stack, wait_until

COUNT_USERS = "from django.contrib.auth.models import User; print(User.objects.count(), 'users')"

FORK_INTO_A_GROUP_OF_ITS_OWN = "import os, time; os.fork() or os.setpgrp(); time.sleep(600)"


def test_a_process_sees_what_the_test_committed(stack: Stack) -> None:
    User.objects.create_user("ada")

    process = stack.start("count", "shell", "-c", COUNT_USERS)

    assert process.wait() == 0
    assert "1 users" in process.output


def test_a_process_ends_with_what_it_forked(stack: Stack) -> None:
    process = stack.start("forks", "shell", "-c", FORK_INTO_A_GROUP_OF_ITS_OWN)
    wait_until(lambda: len(process.pids()) == 2, describe=lambda: process.output)

    stack.stop()

    assert session_pids(process.pid) == []


def test_waiting_in_vain_says_for_what() -> None:
    with pytest.raises(AssertionError, match="the moon is new"):
        wait_until(lambda: False, timeout=0.1, describe=lambda: "the moon is new")


def test_a_fork_of_the_nursery_is_a_process_of_its_own(stack: Stack, nursery: Nursery) -> None:
    sweeper = stack.sweeper(KTRDR_FAILPOINTS="sweep.begin=kill")
    assert psutil.Process(sweeper.pid).parent() == psutil.Process(nursery.pid)
    assert sweeper.wait() == -signal.SIGKILL
    assert not sweeper.alive
    assert "failpoint sweep.begin: kill" in sweeper.output
    refused = stack.start("refused", "sweep_operations", "--unknown")
    assert refused.wait() == 2
    assert "unrecognized arguments: --unknown" in refused.output
    assert not sweeper.pids() and not refused.pids()


def test_whoever_needs_other_settings_is_no_fork(stack: Stack, nursery: Nursery) -> None:
    others = stack.sweeper(KTRDR_LEASE_SECONDS="7"), stack.start("count", "shell", "-c", "")
    for process in (*others, stack.start("sweeper", "sweep_operations", afresh=True)):
        assert psutil.Process(process.pid).parent() == psutil.Process()
