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
    assert psutil.Process(nursery.pid) in psutil.Process(sweeper.pid).parents()
    assert sweeper.wait() == -signal.SIGKILL
    assert not sweeper.alive
    assert "failpoint sweep.begin: kill" in sweeper.output
    refused = stack.start("refused", "sweep_operations", "--unknown")
    assert refused.wait() == 2
    assert "unrecognized arguments: --unknown" in refused.output
    assert not sweeper.pids() and not refused.pids()


def test_who_needs_other_settings_is_a_fork_that_has_read_them(
    stack: Stack, nursery: Nursery
) -> None:
    usual, other = stack.sweeper(), stack.sweeper(KTRDR_LOG_FORMAT="text")
    processes = [psutil.Process(process.pid) for process in (usual, other)]
    assert all(psutil.Process(nursery.pid) in process.parents() for process in processes)
    wait_until(lambda: usual.output and other.output)
    assert (usual.output[0] == "{", other.output[0] == "{") == (True, False)
    mother, mother_of_other = (process.parent() for process in processes)
    stack.stop()
    wait_until(lambda: mother_of_other.status() == psutil.STATUS_ZOMBIE)
    assert mother.status() != psutil.STATUS_ZOMBIE


def test_what_is_read_before_any_setting_is_read_by_a_process_of_its_own(stack: Stack) -> None:
    started = stack.sweeper(OMP_NUM_THREADS="1"), stack.start("count", "shell", "-c", "")
    for process in (*started, stack.start("sweeper", "sweep_operations", afresh=True)):
        assert psutil.Process(process.pid).parent() == psutil.Process()
