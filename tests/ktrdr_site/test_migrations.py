"""The migrations are the models, on this database; and they can be undone."""

import math
from datetime import UTC, datetime
from importlib import import_module
from statistics import NormalDist
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import StateApps

from operations import places
from operations.access import permissions
from operations.access.permissions import OF_OPERATORS, Permission
from operations.labels import Label
from operations.models import Operation
from operations.places import Place
from training.models import Import, Pin, TrainedModel
from training.trained import columns, looks

OWN_APPS = ("checkpoints", "operations", "training")


def tables() -> set[str]:
    models = [model for app in OWN_APPS for model in apps.get_app_config(app).get_models()]
    own = {model._meta.db_table for model in models}
    return own & set(connection.introspection.table_names())


@pytest.mark.django_db
def test_no_change_of_a_model_lacks_its_migration() -> None:
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)


@pytest.mark.django_db(transaction=True)
def test_migrations_can_be_undone_and_done_again_with_what_there_was_before() -> None:
    """One walk back to nothing and forward again; on the way each era leaves rows of its time."""
    before = tables()
    try:
        for app in OWN_APPS:
            call_command("migrate", app, "zero", verbosity=0)
        assert tables() == set()
        for leave_rows, *era in ERAS:
            leave_rows(_migrated_to(era))
    finally:
        call_command("migrate", verbosity=0)
    assert tables() == before
    whoever_was_there_before_permissions_were_may_go_on()
    models_of_before_are_counted_by_what_they_were_scored_on()
    what_was_imported_before_are_the_first_imports_and_stays_for_what_stands_on_it()
    models_and_operations_of_before_are_sorted_and_found()


def _migrated_to(era: list[tuple[str, str]]) -> StateApps:
    """The models as they were then."""
    executor = MigrationExecutor(connection)
    executor.migrate(era)
    return executor.loader.project_state(era).apps


def leave_a_user(old: StateApps) -> None:
    old.get_model("auth", "User").objects.create(username="early")


def whoever_was_there_before_permissions_were_may_go_on() -> None:
    user = User.objects.get(username="early")
    assert {known for known in Permission if permissions.may(user, known)} == set(OF_OPERATORS)


def leave_unscored_models(old: StateApps) -> None:
    data = {"symbols": {"mode": "multi_symbol", "list": ["B", "A"]}}
    data |= {"timeframes": {"mode": "single", "timeframe": "1d"}}  # type: ignore[dict-item]
    yearly = math.sqrt(365.25)  # as many periods as days
    curve = {"metrics": {"sharpe": 0.1 * yearly}, "equity_curve": {"times": [0, 86_400, 172_800]}}
    evaluations = ({"first_time": 0, "last_time": 86_400, **curve}, {})
    for number, evaluation in enumerate(evaluations):
        operation = old.get_model("operations", "Operation").objects.create(
            pk=f"op_scored_{number}", request={}, max_restarts=0
        )
        old.get_model("training", "TrainedModel").objects.create(
            operation=operation,
            size_bytes=0,
            evaluation=evaluation,
            strategy={"training_data": data},
        )


def models_of_before_are_counted_by_what_they_were_scored_on() -> None:
    scored, unknown = TrainedModel.objects.filter(operation__pk__startswith="op_scored").order_by(
        "operation_id"
    )
    assert (unknown.test_first_time, unknown.score) == (None, None)
    score = scored.score
    assert score is not None
    assert (score.symbols, score.timeframe) == (["A", "B"], "1d")
    assert (score.first_time, score.end_time) == (0, 2 * 86_400)
    assert (score.operation_id, score.scored_at) == ("op_scored_0", scored.created_at)
    found = {(row.symbol, row.look, row.seconds) for row in score.by_symbol.all()}
    assert found == {(symbol, score.look, 2 * 86_400) for symbol in ("A", "B")}
    assert score.look == score.identity
    looks.count([scored, unknown])
    assert (scored.looks.times_scored, unknown.looks.times_scored) == (1, 1)
    assert scored.looks.deflated_sharpe == pytest.approx(
        NormalDist().cdf(0.1 * math.sqrt(2 / 1.005))
    )


def leave_market_data(old: StateApps) -> None:
    stored = old.get_model("training", "MarketData").objects
    for day, name in enumerate(("A", "B", "A"), start=1):
        stored.create(
            symbol=name,
            timeframe="1d",
            fingerprint=str(day),
            num_rows=day,
            first_time=0,
            last_time=0,
            report={"rows": day},
            imported_at=datetime(2026, 1, 9 - day, tzinfo=UTC),
        )
    old.get_model("operations", "Operation").objects.create(
        pk="op_imported", request={"data": {"A/1d": "1"}}, max_restarts=0
    )


def what_was_imported_before_are_the_first_imports_and_stays_for_what_stands_on_it() -> None:
    columns = ("symbol", "number", "kind", "based_on", "fingerprint", "data__num_rows")
    assert list(Import.objects.order_by("symbol", "number").values_list(*columns)) == [
        ("A", 1, "append", None, "3", 3),
        ("A", 2, "replace", 1, "1", 1),
        ("B", 1, "append", None, "2", 2),
    ]
    pinned = Pin.objects.values_list("operation_id", "data__fingerprint")
    assert sorted(pinned) == [("op_imported", "1"), ("op_imported", "3")]


def leave_unsorted_models(old: StateApps) -> None:
    data = {"symbols": {"list": ["B", "A", "B"]}, "timeframes": {"timeframe": "1d"}}
    strategy: dict[str, Any] = {"name": "s", "model": {"type": "mlp"}, "training": {"seed": 7}}
    strategy["training_data"] = data
    scored = {"metrics": {"net_return": 0.25, "sharpe": None, "accuracy": 0.5}}
    began, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 0, 1, tzinfo=UTC)
    ended = {"status": "completed", "started_at": began, "completed_at": end}
    owner = old.get_model("auth", "User").objects.get(username="early")
    for number, (evaluation, own) in enumerate([(scored, strategy), ({}, {})]):
        operation = old.get_model("operations", "Operation").objects.create(
            pk=f"op_sorted_{number}",
            request={"strategy": own},
            result={"best_epoch": 3} if own else None,
            max_restarts=0,
            owner_id=owner.pk if own else None,
            **(ended if own else {}),
        )
        old.get_model("training", "TrainedModel").objects.create(
            operation=operation, size_bytes=0, evaluation=evaluation, strategy=own
        )
    for attempt, loss in ((1, 9.0), (2, 1.5)):
        old.get_model("operations", "Metric").objects.create(
            operation_id="op_sorted_0", attempt=attempt, step=3, values={"val_loss": loss}
        )


def models_and_operations_of_before_are_sorted_and_found() -> None:
    columns = (
        *("net_return", "sharpe", "accuracy", "val_loss", "best_epoch"),
        *("strategy_name", "network", "seed"),
    )
    ids = ("op_sorted_0", "op_sorted_1")
    found = TrainedModel.objects.filter(operation__in=ids).order_by("operation_id")
    assert list(found.values_list(*columns)) == [
        (0.25, None, 0.5, 1.5, 3, "s", "mlp", 7),
        (None, None, None, None, None, "", "", None),
    ]
    labels = Label.objects.filter(operation__in=ids).order_by("kind", "value")
    assert list(labels.values_list("operation_id", "kind", "value")) == [
        ("op_sorted_0", "network", "mlp"),
        ("op_sorted_0", "seed", "7"),
        ("op_sorted_0", "strategy", "s"),
        ("op_sorted_0", "symbol", "A"),
        ("op_sorted_0", "symbol", "B"),
        ("op_sorted_0", "timeframe", "1d"),
    ]
    lists_find(tuple(Operation.objects.order_by("pk").values_list("pk", flat=True)))


def lists_find(operation_ids: tuple[str, ...]) -> None:
    """Their places are as they would be written now; also those that an interrupted run left."""
    filled = list(Place.objects.order_by("operation", "word").values())
    places.renew(operation_ids)
    assert filled == list(Place.objects.order_by("operation", "word").values())
    assert {row["operation_id"] for row in filled} == set(operation_ids)
    for model in TrainedModel.objects.all():
        figures = columns.places_of(model)
        of_model = Place.objects.filter(operation=model.operation_id).values(*figures).distinct()
        assert list(of_model) == [figures]
    Place.objects.filter(operation=operation_ids[-1]).delete()
    fill_places = import_module("training.migrations.0015_fill_places")
    fill_places.fill(apps, SimpleNamespace(connection=connection))
    assert filled == list(Place.objects.order_by("operation", "word").values())


ERAS = (
    (leave_a_user, ("operations", "0001_initial")),
    (
        leave_unscored_models,
        ("operations", "0005_lean_indexes"),
        ("training", "0002_model_newest_first"),
    ),
    (
        leave_market_data,
        ("operations", "0008_high_priority"),
        ("training", "0004_data_permissions"),
    ),
    (leave_unsorted_models, ("operations", "0009_known_addresses"), ("training", "0005_imports")),
)
"""What was there, and the last migrations of its time."""
