"""Guessing at one user's password from many addresses: the next try waits, the user does not."""

import math
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models.functions import Now
from django.test import Client, RequestFactory
from pytest_django import Settings
from redis import Redis

from operations.access import addresses, delays, rates
from operations.access.addresses import KnownAddress
from operations.upkeep.housekeeping import clean_up
from tests.running.servers import NOBODY_LISTENS

pytestmark = pytest.mark.django_db

RIGHT = "correct horse"
HOME, OFFICE = "203.0.113.5", "2001:db8:1::7"
PAGES = ("/login/", "/admin/login/")


UNIT = 1000
"""Seconds of a first wait here: no machine is so slow that one is over before it is looked at."""


@pytest.fixture(autouse=True)
def first_wait_is_long(valkey: Redis, settings: Settings) -> Iterator[None]:
    settings.KTRDR_FAILED_LOGINS_PER_MINUTE = 10
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(delays, "FIRST_SECONDS", UNIT)
        patched.setattr(delays, "MOST_SECONDS", 30 * UNIT)
        patched.setattr(delays, "FORGOTTEN_AFTER_SECONDS", 1000 * UNIT)
        yield
    rates._quiet_until.clear()
    delays._own_tries = delays._OwnTries()


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada", password=RIGHT, is_staff=True)


@pytest.fixture(params=["redis", "process"])
def counted_in(request: pytest.FixtureRequest, settings: Settings) -> str:
    """Both ways of counting."""
    if request.param == "process":
        settings.REDIS_URL = NOBODY_LISTENS
        rates._quiet_until[NOBODY_LISTENS] = math.inf
    return str(request.param)


def sign_in(name: str, password: str, *, address: str, page: str = "/login/") -> Any:
    return Client(REMOTE_ADDR=address).post(page, {"username": name, "password": password})


def guess(name: str, number: int, page: str = "/login/") -> Any:
    """From an address of its own each."""
    return sign_in(name, "a guess", address=f"198.51.100.{number}", page=page)


def guess_until_delayed(name: str) -> Any:
    for number in range(3):
        assert guess(name, number).status_code == 200
    return guess(name, 4)


def waits(answer: Any) -> int:
    """How many times the first one it has to wait for; 0 where it may go on."""
    assert (answer.status_code == 429) == ("Retry-After" in answer.headers)
    return round(int(answer.headers.get("Retry-After", 0)) / UNIT)


def later(valkey: Redis) -> None:
    """When the wait is over, and what was tried is still counted."""
    for key in valkey.keys("ktrdr:tries:*:wait"):
        valkey.delete(key)
    tries = delays._own_tries._tries
    now = time.monotonic()
    tries.update({key: (count, now) for key, (count, _) in tries.items()})


def test_the_delay_doubles_up_to_half_a_minute() -> None:
    told = [delays.seconds_after(tries) / UNIT for tries in range(1, 11)]
    assert told == [0, 0, 1, 2, 4, 8, 16, 30, 30, 30]
    assert delays.seconds_after(10**6) == 30 * UNIT


@pytest.mark.usefixtures("counted_in")
def test_the_next_guess_at_a_name_waits_from_wherever_it_comes(ada: User) -> None:
    refused = guess_until_delayed("ada")
    assert waits(refused) == 1
    assert f"Try again in {refused['Retry-After']} s." in refused.content.decode()
    assert guess("bob", 5).status_code == 200, "another name"


@pytest.mark.parametrize("page", PAGES)
def test_the_right_password_waits_too_where_its_user_is_not_known(page: str, ada: User) -> None:
    guess_until_delayed("ada")
    refused = sign_in("ada", RIGHT, address=HOME, page=page)
    assert "Too many failed tries to sign in. Try again in" in refused.content.decode()


@pytest.mark.usefixtures("counted_in")
@pytest.mark.parametrize("address", [HOME, OFFICE])
def test_a_user_waits_for_no_guesser_where_they_signed_in_lately(address: str, ada: User) -> None:
    assert sign_in("ada", RIGHT, address=address).status_code == 302
    guess_until_delayed("ada")
    assert sign_in("ada", RIGHT, address=address).status_code == 302
    assert guess("ada", 9).status_code == 429, "that sign-in forgets no guess"


def test_an_address_is_known_for_a_month_for_its_own_user_only(ada: User) -> None:
    User.objects.create_user("bob", password=RIGHT)
    sign_in("ada", RIGHT, address=HOME)
    for name in ("ada", "bob"):
        guess_until_delayed(name)
    assert sign_in("bob", RIGHT, address=HOME).status_code == 429
    KnownAddress.objects.update(last_at=Now() - timedelta(days=31))
    assert sign_in("ada", RIGHT, address=HOME).status_code == 429


@pytest.mark.usefixtures("counted_in")
def test_each_wait_is_longer_until_the_password_was_right(ada: User, valkey: Redis) -> None:
    guess_until_delayed("ada")
    told = []
    for number in range(10, 13):
        later(valkey)
        assert guess("ada", number).status_code == 200
        told.append(waits(guess("ada", number)))
    assert told == [2, 4, 8]
    later(valkey)
    assert sign_in("ada", RIGHT, address=HOME).status_code == 302
    assert guess("ada", 20).status_code == 200


def test_a_name_that_nobody_has_is_answered_as_one_that_somebody_has(ada: User) -> None:
    told = {name: [waits(guess(name, number)) for number in range(5)] for name in ("ada", "nobody")}
    assert told["ada"] == told["nobody"] == [0, 0, 0, 1, 1]


@pytest.mark.usefixtures("counted_in")
def test_of_many_at_once_one_goes_on() -> None:
    for _ in range(2):
        assert delays.take("ada") is None
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: delays.take("ada"), range(40)))
    assert waits.count(None) == 1


def test_no_limit_of_failed_sign_ins_is_no_delay(ada: User, settings: Settings) -> None:
    settings.KTRDR_FAILED_LOGINS_PER_MINUTE = 0
    assert [guess("ada", number).status_code for number in range(6)] == [200] * 6


@pytest.mark.django_db(transaction=True)  # as the clean-up of checkpoints needs it
def test_where_nobody_signed_in_for_a_month_is_forgotten_and_nothing_else(ada: User) -> None:
    for address in (HOME, HOME, OFFICE):
        sign_in("ada", RIGHT, address=address)
    old, kept = KnownAddress.objects.order_by("pk")
    KnownAddress.objects.filter(pk=old.pk).update(last_at=Now() - timedelta(days=31))
    clean_up()
    assert KnownAddress.objects.get() == kept
    assert HOME not in old.digest


def test_all_of_a_64_is_one_address() -> None:
    def counted_as(told: str) -> str:
        return addresses.address_of(RequestFactory().get("/", REMOTE_ADDR=told))

    assert counted_as("2001:db8::1") == counted_as("2001:db8::ffff:2") == "2001:db8::/64"
    assert counted_as("2001:db8:0:1::1") != counted_as("2001:db8::1")
    assert counted_as("::ffff:192.0.2.1") == counted_as("192.0.2.1") == "192.0.2.1"
    assert counted_as("") == ""
