"""Operations side by side: their curves, and only what differs."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from operations.models import Operation
from tests.training.views import scenes
from tests.training.views.scenes import signed_in
from training.launch.start import StartRequest, start_training
from training.strategy import find_strategy
from training.views.charts import MOST_ROWS, Chart, Series
from training.views.comparison import CURVE_POINTS, MOST_COMPARED, compare


@pytest.fixture
def pair(owner: User) -> list[Operation]:
    return [scenes.started(owner, epochs=40, seed=1), scenes.started(owner, epochs=60, seed=1)]


def opened(browser: Client, operations: list[Operation]) -> Any:
    return browser.get("/compare/", {"ids": [operation.pk for operation in operations]})


def fresh(operations: list[Operation]) -> list[Operation]:
    return [Operation.objects.get(pk=operation.pk) for operation in operations]


def test_only_settings_that_differ_are_shown(browser: Client, pair: list[Operation]) -> None:
    comparison = opened(browser, pair).context["comparison"]
    assert [(row.path, row.cells) for row in comparison.settings] == [
        ("training.epochs", ("40", "60"))
    ]


def test_a_section_that_one_lacks_is_one_row(owner: User, pair: list[Operation]) -> None:
    other = start_training(StartRequest(strategy="rsi_reversal"), owner=owner)
    rows = {row.path: row.cells for row in compare([pair[0], other]).settings}
    assert rows["indicators.adx_14"] == ("{type: adx, period: 14}", "\N{EN DASH}")
    assert not any(path.startswith("indicators.adx_14.") for path in rows)


def test_curves_lie_over_each_other_with_gaps_where_one_has_no_epoch(
    browser: Client, pair: list[Operation]
) -> None:
    scenes.trained_epochs(pair[0], [0.9, 0.8])
    scenes.trained_epochs(pair[1], [0.7, 0.6, 0.5])
    chart = compare(fresh(pair)).losses[0].chart
    numbers = [("1", "0.9000", "0.7000"), ("2", "0.8000", "0.6000"), ("3", "\N{EM DASH}", "0.5000")]
    assert list(chart.rows()) == numbers
    assert '<td class="num">0.7000</td>' in opened(browser, pair).content.decode()
    assert list(chart.x) == [1, 2, 3]
    assert [list(series.values) for series in chart.series] == [[0.9, 0.8, None], [0.7, 0.6, 0.5]]


def test_the_table_of_a_long_curve_has_its_ends_and_some_points_between() -> None:
    series = Series(label="a", values=[float(place) for place in range(400)], place=1)
    rows = list(Chart(axis="time", x=[86_400 * day for day in range(400)], series=[series]).rows())
    assert (len(rows), len(set(rows))) == (MOST_ROWS, MOST_ROWS)
    assert (rows[0][0], rows[-1]) == ("1970-01-01", ("1971-02-04", "399.0"))


def test_losses_of_different_kinds_get_an_axis_each(
    browser: Client, owner: User, pair: list[Operation]
) -> None:
    text = find_strategy("sp500_daily").text
    focal = text.replace("\ntraining:\n", "\ntraining:\n  loss: focal\n")
    other = start_training(StartRequest(strategy_yaml=focal), owner=owner)
    panels = compare([pair[0], other, pair[1]]).losses
    shown = [(panel.loss, [one.place for one in panel.chart.series]) for panel in panels]
    same = ("cross_entropy", [1, 3])
    assert shown == [same, same, ("focal 2.0", [2]), ("focal 2.0", [2])]
    assert len({panel.key for panel in panels}) == 4
    assert [panel.loss for panel in compare(pair).losses] == ["", ""]
    assert "focal 2.0" in opened(browser, [pair[0], other]).content.decode()


def test_a_curve_has_the_colour_of_its_operation(pair: list[Operation]) -> None:
    scenes.stored_model(pair[1])
    equity = compare(pair).equity
    assert equity is not None
    assert [(one.label, one.place) for one in equity.series] == [("2 sp500_daily", 2)]


def test_of_an_epoch_that_was_trained_again_the_latest_attempt_counts(
    pair: list[Operation],
) -> None:
    scenes.trained_epochs(pair[0], [0.9], attempt=1)
    scenes.trained_epochs(pair[0], [0.4], attempt=2)
    assert compare(fresh(pair)).losses[0].chart.series[0].values == [0.4]


def test_a_long_history_is_not_read_whole(pair: list[Operation]) -> None:
    Operation.objects.filter(pk=pair[0].pk).update(progress={"epoch": 1_000_000})
    scenes.Metric.objects.create(operation=pair[0], attempt=1, step=1_000_000, values={})
    scenes.Metric.objects.create(operation=pair[0], attempt=1, step=1, values={})
    assert list(compare(fresh(pair)).losses[0].chart.x) == [1_000_001]
    assert CURVE_POINTS < 1000


def test_metrics_and_equity_of_completed_ones_stand_side_by_side(
    browser: Client, pair: list[Operation]
) -> None:
    scenes.stored_model(pair[0], net_return=0.3)
    answer = opened(browser, pair)
    comparison = answer.context["comparison"]
    rows = {row.name: row.cells for row in comparison.metrics}
    assert rows["net_return"] == ("+30.0 %", "\N{EN DASH}")
    assert [series.label for series in comparison.equity.series] == ["1 sp500_daily"]
    assert "none yet" in answer.content.decode()


def test_with_fewer_than_two_there_is_a_list_to_choose_from(
    browser: Client, pair: list[Operation]
) -> None:
    for chosen in ([], pair[:1]):
        page = opened(browser, chosen).content.decode()
        assert all(f'value="{operation.pk}"' in page for operation in pair)
        assert page.count(" checked") == len(chosen)


def test_more_than_fit_are_refused(browser: Client, owner: User) -> None:
    operation = scenes.started(owner)
    ids = [operation.pk, *(f"op_{number}" for number in range(MOST_COMPARED))]
    answer = browser.get("/compare/", {"ids": ids})
    assert answer.status_code == 400
    assert "At most 20" in answer.content.decode()


def test_rows_ticked_in_operations_are_compared_without_javascript(
    browser: Client, pair: list[Operation]
) -> None:
    ids = [operation.pk for operation in pair]
    html = browser.get("/operations/").content.decode()
    assert '<button class="button" name="action" value="compare">' in html
    sent = {"action": "compare", "operation": ids}
    answer = browser.post("/operations/-/act/", sent, follow=True)
    assert [operation.pk for operation in answer.context["comparison"].operations] == ids


def test_of_many_each_is_compared_with_the_best(browser: Client, owner: User) -> None:
    operations = [scenes.started(owner, seed=seed) for seed in range(MOST_COMPARED)]
    for place, operation in enumerate(operations):
        scenes.trained_epochs(operation, [1.0, 0.5])
        sharpe = 9.0 if place == 2 else 0.5
        scenes.stored_model(operation, sharpe=sharpe, sharpe_standard_error=0.1)
    comparison = opened(browser, operations).context["comparison"]
    pairs = [(row.first, row.second) for row in comparison.differences]
    assert pairs == [(3, place) for place in range(1, MOST_COMPARED + 1) if place != 3]
    assert len(comparison.losses[0].chart.series) == MOST_COMPARED


def test_anothers_operation_is_not_there(pair: list[Operation]) -> None:
    stranger = signed_in(User.objects.create_user("stranger"))
    assert opened(stranger, pair).status_code == 404
    assert pair[0].pk not in stranger.get("/compare/").content.decode()


def test_more_operations_need_no_more_queries(
    browser: Client, owner: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    operations = [scenes.started(owner, seed=seed) for seed in range(8)]
    for operation in operations:
        scenes.stored_model(operation)
    with django_assert_max_num_queries(7):
        opened(browser, operations)
