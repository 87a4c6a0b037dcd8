"""The list of operations: what a row says, how one finds it, and acting on several."""

import re

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from pytest import MonkeyPatch

from operations.models import Operation, Process, Status
from operations.reading import summaries
from operations.reading.words import capped
from operations.upkeep import presence
from operations.views import listing
from tests.asking.clients import Browser
from tests.operations import scenes
from tests.operations.dashboard.pictures import owned_by, records, reports

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_type", "redis_down")]

ROW = re.compile(r'id="row-([^"]+)"')


def shown(page: Client, address: str = "/operations/") -> str:
    answer = page.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def rows(page: Client, address: str = "/operations/") -> list[str]:
    return ROW.findall(shown(page, address))


def link(html: str, rel: str) -> str:
    found = re.search(rf'href="([^"]+)" rel="{rel}"', html)
    assert found is not None
    return found[1].replace("&amp;", "&")


def test_before_the_first_operation_there_is_a_button_that_starts_one(page: Client) -> None:
    html = shown(page)
    assert "Train the sample</button>" in html
    assert f"{settings.MANAGE} start_training sp500_daily --user staff" in html
    assert 'id="rows"' not in html
    scenes.pending()
    cache.clear()
    assert "Train the sample" not in shown(page)


def test_who_may_not_start_is_told_so_and_not_that_nothing_was_trained(
    browser: Browser, owner: User
) -> None:
    scenes.completed(3)
    owner.groups.clear()
    html = shown(browser(owner))
    assert "Train the sample" not in html
    assert "Nothing has been trained" not in html
    assert "takes the permission “Can start operations”" in html


def test_a_row_says_how_far_and_how_good(page: Client) -> None:
    operation = scenes.running()
    records(operation, range(12))
    scenes.save(operation, 11)
    reports(
        operation,
        phase="training",
        epoch=11,
        total_epochs=40,
        percent=30.0,
        val_loss=0.5432,
        best_val_loss=0.4321,
        best_epoch=7,
    )
    html = shown(page)
    for words in (
        "running",
        "training",
        "0.5432",
        'data-live-as="metric">0.4321<',
        "w1",
        'value="30.0"',
    ):
        assert words in html
    assert re.search(r'data-live="epoch"[^>]*>12</span>/<span data-live="total_epochs"', html)
    assert re.search(r'data-live="total_epochs"[^>]*>40', html)
    assert 'aria-label="Validation loss from 1.000 to 1.110"' in html


def test_chips_count_by_status_and_filter(page: Client, monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setattr(summaries, "COUNT_AT_MOST", 2)
    failed = [scenes.failed().pk for _ in range(3)]
    scenes.pending()
    html = shown(page)
    counts = dict(re.findall(r"</svg>(\w+) <b>([^<]+)</b>", html))
    assert (counts["Failed"], counts["Pending"], counts["Running"]) == ("3", "1", "0")
    assert set(rows(page, "/operations/?status=failed")) == set(failed)


def test_no_chip_counts_what_filters_leave(page: Client) -> None:
    """It could be all of a million; the numbers of the whole list stood there."""
    scenes.failed()
    assert "Failed <b>1</b>" in shown(page)
    for address in ("/operations/?tag=oil", "/operations/?search=oil"):
        assert "Failed</a>" in shown(page, address)


def test_a_filter_that_cannot_be_read_is_told_by_its_label(page: Client) -> None:
    """It was `since: * Enter a valid date/time.`, and no field showed how one is written."""
    answer = page.get("/operations/?since=yesterday")
    assert answer.status_code == 400
    assert "Created from: Enter a valid date/time." in answer.content.decode()
    scenes.pending()
    assert 'placeholder="2026-01-31 15:00"' in shown(page)


def test_an_id_breaks_between_its_parts_alone(page: Client) -> None:
    """A long one of a family broke within its time, where its column ended."""
    assert f">{scenes.pending().pk.replace('_', '_<wbr>')}<" in shown(page)


def test_a_count_is_said_as_far_as_it_was_counted() -> None:
    assert [capped(number) for number in (7, 1000, 1001)] == ["7", "1,000", "1,000+"]


def test_search_finds_by_name_and_by_the_beginning_of_an_id(page: Client, owner: User) -> None:
    found = owned_by(owner, scenes.pending(), name="Oil, weekly")
    scenes.pending()
    assert rows(page, "/operations/?search=weekly") == [found.pk]
    assert rows(page, f"/operations/?search={found.pk}") == [found.pk]
    assert "Nothing fits these filters" in shown(page, "/operations/?search=gold")


def test_pages_follow_each_other_in_either_order(page: Client, monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    oldest_first = [scenes.pending().pk for _ in range(5)]
    for ordering, expected in (("-created_at", oldest_first[::-1]), ("created_at", oldest_first)):
        html = shown(page, f"/operations/?ordering={ordering}&status=pending")
        seen = ROW.findall(html)
        while 'rel="next"' in html:
            html = shown(page, link(html, "next"))
            assert 'name="status" value="pending"' in html
            seen += ROW.findall(html)
        assert len(seen) == 5
        assert [Operation.objects.get(pk=pk).created_at for pk in seen] == [
            Operation.objects.get(pk=pk).created_at for pk in expected
        ]
        assert ROW.findall(shown(page, link(html, "prev"))) == seen[2:4]


@pytest.mark.parametrize("query", ["status=sleeping", "ordering=name", "cursor=made-up"])
def test_an_address_that_is_none_is_refused_with_a_sentence(page: Client, query: str) -> None:
    answer = page.get(f"/operations/?{query}")
    assert answer.status_code == 400
    assert "This was not done" in answer.content.decode()


@pytest.mark.parametrize("address", ["/operations/", "/workers/"])
def test_without_a_worker_the_command_that_starts_one_is_shown(page: Client, address: str) -> None:
    told = shown(page, address)
    assert "No worker is running" in told
    assert f"<code>{settings.MANAGE} rqworker</code>" in told
    presence.starting("w1")
    told = shown(page, address)
    assert "A worker is starting: it compiles once" in told
    assert "No worker is running" not in told
    presence.beat(Process.Kind.WORKER, "w1", queues=["training"])
    assert 'class="banner"' not in shown(page)


def test_an_open_page_learns_of_new_operations_but_its_rows_stay_where_they_are(
    page: Client,
) -> None:
    first = scenes.pending()
    html = shown(page)
    summary = re.search(r'id="summary"[^>]*hx-get="([^"]+)"', html)
    assert summary is not None
    address = summary[1].replace("&amp;", "&")
    assert "new: show" not in shown(page, address)
    second = scenes.pending()
    assert re.search(r"<b>1</b> new: show", shown(page, address))
    found = re.search(r'id="rows"[^>]*hx-get="([^"]+)"', html)
    assert found is not None
    assert rows(page, found[1].replace("&amp;", "&")) == [first.pk]
    assert rows(page, f"/operations/-/rows/?id={first.pk}&id={second.pk}") == [first.pk, second.pk]


def test_acting_on_several_tells_of_each_what_happened_or_why_not(page: Client) -> None:
    stopped, bare, live = scenes.cancelled(4), scenes.cancelled(), scenes.running()
    answer = page.post(
        "/operations/-/act/",
        {"action": "resume", "operation": [stopped.pk, bare.pk, live.pk], "next": "/operations/"},
        follow=True,
    )
    told = answer.content.decode()
    assert f"Successfully resumed operation: {stopped.pk}, after 5 epochs." in told
    assert f"Operation {bare.pk} has no checkpoint to resume from." in told
    assert f"Operation {live.pk} is already running." in told
    assert scenes.reread(stopped).status == Status.RUNNING


def test_one_message_tells_of_all_of_them(page: Client) -> None:
    ended = [scenes.cancelled() for _ in range(6)]
    for chosen, level, words in (
        ([*ended, scenes.pending()], "warning", "1 of 7 done; 6 refused."),
        (ended, "error", "0 of 6 done; 6 refused."),
        ([scenes.pending(), scenes.pending()], "success", "2 of 2 done."),
        (ended[:1], "error", f"Operation {ended[0].pk} is already cancelled"),
    ):
        data = {"action": "cancel", "operation": [operation.pk for operation in chosen]}
        told = page.post("/operations/-/act/", data, follow=True).content.decode()
        assert re.findall(r'<div class="message (\w+)"', told) == [level]
        assert words in told
        assert all(operation.pk in told for operation in chosen)


def test_several_are_cancelled_each_in_its_own_way(page: Client) -> None:
    waiting, claimed = scenes.pending(), scenes.running()
    data = {"action": "cancel", "operation": [waiting.pk, claimed.pk]}
    told = page.post("/operations/-/act/", data, follow=True).content.decode()
    assert f"Operation {waiting.pk} is cancelled." in told
    assert f"Cancel requested: {claimed.pk}.<" in told  # what its worker does then is soon past
    assert scenes.reread(claimed).cancel_requested_at is not None
