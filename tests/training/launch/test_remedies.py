"""Whatever a training fails with, its page and `show_operation` say what helps."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

import operations
import training
from operations.models import Operation
from operations.restart import plan_restart
from tests.asking.commands import Manage
from tests.operations import scenes as acts
from tests.training.launch.attempts import SAMPLE, STRATEGY, import_rows, sample_without_last, start
from training.errors import DataChanged
from training.launch.changes import START_AGAIN
from training.launch.remedies import REMEDIES, remedy_of

pytestmark = pytest.mark.django_db(transaction=True)

OWN = STRATEGY.replace("symbol: SP500", "symbol: OWN")
OF_A_WORKER = {"worker_lost", "unexpected_error"}
"""Codes that no error class has."""
OF_A_REQUEST = {
    *("invalid", "operation_not_found", "ambiguous_operation_id", "not_resumable"),
    *("not_cancellable", "no_checkpoint", "checkpoint_not_found", "artifact_not_found"),
    *("checkpoint_in_use", "too_many_streams", "superseded", "permission_denied"),
    *("user_not_found", "no_result", "idempotency_key_in_flight", "idempotency_key_reused"),
    *("throttled", "too_busy", "replaced_by_newer", "client_gone", "invalid_request"),
    *("not_enough_disk", "not_enough_memory", "test_was_trained_on", "preview_failed"),
    *(
        "too_large_here",
        "would_fail",
        "cannot_branch",
        "window_changed",
        "model_not_found",
        "model_damaged",
    ),
    *("other_timeframe", "cumulative_input", "symbol_not_found", "upload_not_found"),
    *("too_many_uploads", "upload_in_use", "upload_used", "file_too_large_here"),
    *("ticket_stale", "option_invalid", "not_streamed", "reading_failed", "strategy_not_found"),
    *("market_data_invalid", "series_not_found", "too_many_bars", "too_many_downloads"),
    *("market_data_differs", "symbol_in_doubt", "nothing_to_undo", "market_data_pinned"),
    *("series_changed", "empty_folder", "would_overwrite", "part_of_live_family"),
    *("space_invalid", "scored_bars_gone", "training_bars_gone", "too_few_blocks", "nothing_live"),
    *("export_differs", "packages_missing", "nothing_to_export"),
}
"""No attempt ends with these: whoever adds an error says here, or in `REMEDIES`, which it is."""
OF_A_SEARCH = {"code_changed", "replay_mismatch"}
"""No training does: `training.sweep.outcome` has these."""


def failed(operation: Operation, code: str, message: str = "It broke.", *epochs: int) -> Operation:
    acts.claim(operation)
    for epoch in epochs:
        acts.save(operation, epoch)
    failure = acts.Failure(code=code, message=message, traceback="")
    assert acts.lifecycle.fail(operation.pk, operation.attempt, failure)
    return acts.reread(operation)


def page_of(operation: Operation) -> str:
    browser = Client()
    browser.force_login(User.objects.create_superuser("admin"))
    return unescape(browser.get(f"/operations/{operation.pk}/").content.decode())


def codes_in_the_source() -> Iterator[str]:
    """Of every error class, whatever was imported by now."""
    for package in (operations, training):
        for path in Path(package.__path__[0]).rglob("*.py"):
            yield from re.findall(r'^    code = "(\w+)"$', path.read_text(), re.MULTILINE)


def test_every_code_that_an_attempt_can_end_with_has_a_row() -> None:
    known = set(codes_in_the_source()) | OF_A_WORKER
    assert known - OF_A_REQUEST - OF_A_SEARCH == set(REMEDIES)
    assert known >= OF_A_REQUEST


def test_a_failed_training_leads_to_a_fork_and_a_resume_is_second() -> None:
    operation = failed(start(epochs=4), "training_failed", "The loss is nan.", 1)
    html = page_of(operation)
    fork = f'<a class="button primary" href="/operations/{operation.pk}/fork/">'
    assert f"{fork}Fork with other settings</a>" in html
    assert 'class="button" id="resume"' in html


@pytest.mark.parametrize(
    ("message", "epochs"), [(f"It has diverged. {START_AGAIN}", [1]), ("The loss is nan.", [])]
)
def test_where_no_state_is_worth_it_a_fork_is_not_what_helps(
    message: str, epochs: list[int]
) -> None:
    operation = failed(start(epochs=4), "training_failed", message, *epochs)
    told = remedy_of(operation)
    assert told.link and told.link.url == f"/start/?like={operation.pk}"
    assert "begin again" in told.words


def test_a_lost_worker_leads_to_a_resume(manage: Manage) -> None:
    operation = failed(start(epochs=4), "worker_lost", "It died.", 1)
    html = page_of(operation)
    assert 'class="button primary" id="resume"' in html
    words = REMEDIES["worker_lost"].words
    assert words in html and words in manage("show_operation", operation.pk).out


def test_changed_data_are_told_by_their_ranges(tmp_path: Path) -> None:
    import_rows(tmp_path, SAMPLE.read_text(), symbol="OWN")
    operation = start(epochs=4, strategy_yaml=OWN)
    import_rows(tmp_path, sample_without_last(7), symbol="OWN")
    changed = DataChanged.between(operation.pk, before={"OWN/1d": "a"}, now={"OWN/1d": "b"})
    told = remedy_of(failed(operation, "data_changed", str(changed), 1))
    assert told.details == (
        "OWN/1d: started with 5,031 bars, 1999-01-04 to 2018-12-31; "
        "today 5,024 bars, 1999-01-04 to 2018-12-19",
    )
    assert told.is_resume
    plan = dict(plan_restart(operation.pk, owner=None))
    assert plan["bars"] == "others than then: OWN/1d; the result will be another one"


def test_where_nothing_can_be_read_any_more_it_leads_to_a_start_from_the_beginning() -> None:
    told = remedy_of(failed(start(epochs=4), "checkpoint_corrupted", "Unreadable.", 1))
    assert told.link and told.link.url.endswith("/restart/")


def test_a_code_of_another_version_has_words_too() -> None:
    assert "resume" in remedy_of(failed(start(epochs=4), "of_another_version", "?", 1)).words
