"""The page of one operation: where it stands, what can be done and what that costs, its history."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from checkpoints.models import Checkpoint
from operations import lifecycle
from operations.models import Attempt, EventType, Operation, Status
from operations.reading import attempt_logs
from operations.resume import resume_operation
from operations.views import panels
from tests.operations import scenes
from tests.operations.dashboard.pictures import records, reports
from training.presentation import epochs

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_type", "redis_down")]


def shown(page: Client, operation: Operation, name: str = "operation", query: str = "") -> str:
    answer = page.get(reverse(name, args=[operation.pk]) + query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def press(page: Client, name: str, operation: Operation, **data: str) -> str:
    answer = page.post(reverse(name, args=[operation.pk]), data, follow=True)
    return " ".join(answer.content.decode().split())


def button(html: str, id: str) -> str:
    found = re.search(rf'<button class="[^"]*" id="{id}"[^>]*>', html)
    assert found is not None
    return found[0]


# -- What can be done


def test_resume_says_from_where_how_much_and_whether_it_was_verified(page: Client) -> None:
    operation = scenes.cancelled(12)
    assert "Resume after 13 epochs (20 B, not verified yet)" in shown(page, operation)
    told = press(page, "verify-checkpoint", scenes.newest(operation))
    assert "The checkpoint after 13 epochs is whole: every byte was read back." in told
    assert "Resume after 13 epochs (20 B, verified)" in told


def test_resume_resumes(page: Client) -> None:
    operation = scenes.cancelled(12)
    assert ", after 13 epochs." in press(page, "resume", operation)
    assert scenes.reread(operation).status == Status.RUNNING


def test_changed_data_are_accepted_only_when_that_is_ticked(page: Client) -> None:
    operation = scenes.cancelled(3, data_changed=True)
    refused = press(page, "resume", operation)
    assert f"The data of operation {operation.pk} have changed." in refused
    assert scenes.reread(operation).status == Status.CANCELLED
    press(page, "resume", operation, accept_changed_data="on")
    assert scenes.reread(operation).status == Status.RUNNING


def test_a_disabled_button_says_why(page: Client) -> None:
    html = shown(page, scenes.failed())
    assert "disabled" in button(html, "resume")
    assert "has no checkpoint to resume from" in html


@pytest.mark.parametrize(
    ("scene", "buttons"),
    [
        (scenes.running, {"cancel"}),
        (lambda: scenes.cancelled(3), {"resume"}),
        (scenes.failed, {"resume"}),
        (scenes.completed, set()),
    ],
)
def test_what_its_status_leaves_nothing_to_do_for_is_no_button(
    page: Client, scene: Callable[[], Operation], buttons: set[str]
) -> None:
    html = shown(page, scene())
    assert {name for name in ("cancel", "resume") if f'id="{name}"' in html} == buttons


def test_cancel_says_what_it_costs(page: Client) -> None:
    assert "Loses no batch" in shown(page, scenes.running())
    assert "No worker has it yet: it is cancelled at once." in shown(page, scenes.pending())


def test_a_cancel_that_is_not_answered_can_be_forced_at_a_cost_that_is_said(page: Client) -> None:
    operation = scenes.running()
    scenes.save(operation, 7)
    assert "Cancel by force" not in shown(page, operation)
    pressed = press(page, "cancel", operation)
    assert "It was asked to stop" in pressed
    assert "Its worker was asked to stop already: it finishes the batch and saves." in pressed
    html = shown(page, operation)
    assert "it is fenced off, and what came after 8 epochs is lost" in html
    assert "disabled" in button(html, "cancel")
    press(page, "cancel", operation, force="on")
    assert scenes.reread(operation).status == Status.CANCELLED


def test_nothing_stays_above_an_operation_that_its_cancel_ends(page: Client) -> None:
    """Its page is kept current without being loaded again, what stands above it is not."""
    told = press(page, "cancel", scenes.running())
    assert '<div class="message' not in told
    assert "It was asked to stop" in told
    assert "is cancelled." in press(page, "cancel", scenes.pending())


# -- Where it stands


def test_a_failure_is_told_in_words_before_its_traceback(page: Client) -> None:
    html = shown(page, scenes.failed(4))
    told, folded = html.index("It broke."), html.index("Traceback: it broke")
    assert told < html.index('<details id="traceback">') < folded
    assert "resume goes on after 5 epochs" in html


def test_what_has_ended_runs_no_more(page: Client) -> None:
    assert "Running for" in shown(page, scenes.running())
    assert "Ran for" in shown(page, scenes.completed())


def test_what_makes_a_result_doubtful_is_a_warning(page: Client) -> None:
    operation = scenes.running()
    Attempt.objects.filter(operation=operation).update(
        exact=False, differences=["torch was 1, is 2"], replay_verified=False, replayed_epochs=2
    )
    html = shown(page, operation)
    assert "attempt 1 is not exact: torch was 1, is 2" in html
    assert "trained recorded epochs again and they came out different" in html


def test_progress_is_shown_with_what_remains(page: Client) -> None:
    operation = reports(
        scenes.running(), phase="training", epoch=9, total_epochs=40, percent=25, eta_seconds=185
    )
    html = shown(page, operation, "operation-header")
    assert "3 min 05 s left" in html
    assert re.search(r'data-live="epoch"[^>]*>10</span> of <span data-live="total_epochs"', html)
    assert re.search(r'data-live="total_epochs"[^>]*>40', html)


def silence(page: Client, operation: Operation) -> str | None:
    """What is said of its worker: `hidden` or `shown`; None where it has none."""
    found = re.search(r'data-silent-after="12.0"( hidden)?', shown(page, operation))
    return None if found is None else "hidden" if found[1] else "shown"


def test_a_worker_is_silent_when_it_has_missed_two_beats(page: Client) -> None:
    operation = scenes.running()
    assert silence(page, operation) == "hidden"
    Operation.objects.filter(pk=operation.pk).update(heartbeat_at=Now() - timedelta(seconds=13))
    assert silence(page, operation) == "shown"


def test_what_waits_for_a_worker_has_none_that_could_be_silent(page: Client) -> None:
    operation = scenes.cancelled(3)
    resume_operation(operation.pk)
    Operation.objects.filter(pk=operation.pk).update(heartbeat_at=Now() - timedelta(hours=3))
    assert silence(page, operation) is None


# -- Its history


def test_the_timeline_tells_what_happened_newest_first(page: Client) -> None:
    operation = scenes.cancelled(3)
    resume_operation(operation.pk)
    html = shown(page, operation, "operation-history")
    titles = re.findall(r'class="event"><b>([^<]+)</b>', html)
    assert titles[0] == "Resumed"
    assert titles[-1] == "Created"
    assert "by w1 on cpu" in html
    assert "enough" in html


def test_periodic_checkpoints_in_a_row_are_told_together(page: Client) -> None:
    operation = scenes.running()
    for epoch in (9, 19, 29):
        data = {"checkpoint_type": "periodic", "epoch": epoch, "batch": 0, "size_bytes": 1}
        with lifecycle.fenced(operation.pk, 1, EventType.CHECKPOINT_SAVED, data):
            pass
    html = shown(page, operation, "operation-history")
    assert "<b>3 checkpoints saved</b>" in html
    assert "10 epochs to 30 epochs" in html


def test_a_long_timeline_comes_in_pages(page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panels, "PAGE_SIZE", 2)
    operation = scenes.cancelled(3)
    html = shown(page, operation, "operation-history")
    assert "Created" not in html
    before = re.search(r"events_before=(\d+)", html)
    assert before is not None
    html = shown(page, operation, query="?events_before=2")
    assert "<b>Created</b>" in html
    assert "Earlier events" not in html


def test_damaged_checkpoints_say_so_and_files_can_be_downloaded(page: Client) -> None:
    operation = scenes.cancelled(3, 5)
    checkpoint = scenes.newest(operation)
    scenes.spoil(checkpoint)
    told = press(page, "verify-checkpoint", checkpoint)
    assert "The checkpoint after 6 epochs is damaged, nothing starts from it now" in told
    assert "Resume after 4 epochs" in told
    whole = Checkpoint.objects.usable().get(operation=operation)
    address = reverse("api:artifact", args=[whole.pk, "model.pt"])
    assert f'href="{address}"' in told


def test_the_numbers_behind_the_curve_are_a_table_in_pages(
    page: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(epochs, "EPOCHS_SHOWN", 3)
    operation = scenes.running()
    records(operation, range(5))
    reports(operation, epoch=4, best_epoch=1)
    assert re.findall(r'<td class="num">(\d)</td><td class="num">1<', shown(page, operation)) == [
        "5",
        "4",
        "3",
    ]
    html = shown(page, operation, query="?epochs_before=2")
    assert "1.010</td>" in html
    assert re.search(r"<td>best ?</td>", html)
    assert '<details id="epochs" open>' in html


def test_the_log_of_each_attempt_can_be_read(page: Client) -> None:
    operation = scenes.cancelled(3)
    attempt_logs.write(operation.pk, 1, text="first <life>")
    resume_operation(operation.pk)
    assert "Attempt 2 has logged nothing yet" in shown(page, operation)
    assert "first &lt;life&gt;" in shown(page, operation, query="?log=1")
    assert page.get(reverse("operation", args=[operation.pk]) + "?log=3").status_code == 400


def test_the_snapshot_is_compared_with_that_of_another(page: Client) -> None:
    one, two = scenes.pending(rate=1, kept="same"), scenes.pending(rate=2, kept="same")
    html = shown(page, two, query=f"?against={one.pk}")
    assert '<span class="removed">-rate: 1</span>' in html
    assert '<span class="added">+rate: 2</span>' in html
    assert "exactly the same" in shown(page, two, query=f"?against={two.pk}")
    assert "There is no operation nothing" in shown(page, two, query="?against=nothing")
