"""Under which conditions an attempt trains, and whether they are those of the first one."""

import logging
from functools import partial
from typing import Any

import torch

from checkpoints.prepared import Prepared
from operations import lifecycle
from operations.models import Attempt, Operation
from training.errors import DataChanged, DeviceUnavailable, FeaturesChanged
from training.features.dataset import Dataset
from training.launch.request import TrainingRequest
from training.strategy import Strategy
from training.trainer import device
from training.trainer.engines import kernel
from training.trainer.engines.rule import KERNEL
from training.trainer.fingerprint import Fingerprint, machine_conditions, take_fingerprint
from training.trainer.pinned import Pinned

logger = logging.getLogger(__name__)

_PINNED = Prepared(
    lambda operation_id: Operation.objects.filter(pk=operation_id).order_by().values_list("pinned"),
    operation_id="an operation",
)


def choose_pinned(operation: Operation, strategy: Strategy) -> Pinned:
    """What the first attempt pinned, unless this machine or the request has another device.

    Autograd in place of the kernel where that cannot be compiled. Raises `DeviceUnavailable`.
    """
    pinned = _pinned(operation, strategy)
    if pinned.engine == KERNEL and kernel.unavailable():
        return Pinned.with_autograd(strategy, torch.device(pinned.device))
    return pinned


def engine_warnings(operation: Operation, strategy: Strategy, pinned: Pinned) -> list[str]:
    """What its user is told where autograd trains because the kernel cannot."""
    fitting = Pinned.by_rule(strategy, torch.device(pinned.device))
    if pinned.engine == fitting.engine or not (reason := kernel.unavailable()):
        return []
    warning = f"engine: autograd trains, several times slower: no kernel here ({reason})"
    logger.warning("%s: %s", operation.pk, warning)
    return [warning]


def _pinned(operation: Operation, strategy: Strategy) -> Pinned:
    requested = TrainingRequest.of(operation).device
    if operation.pinned:
        pinned = Pinned.from_json(operation.pinned["training"])
        if requested in ("auto", pinned.device) and pinned.device in device.local_devices():
            return pinned
    elif requested == "auto":
        requested = _of_family(operation).get("device_type", requested)
    try:
        return Pinned.by_rule(strategy, device.choose_device(requested))
    except ValueError as error:
        raise DeviceUnavailable(reason=str(error)) from error


def record_conditions(
    operation: Operation, strategy: Strategy, dataset: Dataset, pinned: Pinned
) -> list[str]:
    """Pin a first attempt's conditions, and compare a later one's with them before it trains.

    Of a part, with those of its family's first one, too.

    Returns what differs, in words: then the result will not be exact. Raises `DataChanged` or
    `FeaturesChanged` for another dataset than was pinned, or than the first attempt had after a
    change was accepted; and `Superseded`.
    """
    key = (operation.pk, operation.attempt)
    device.prepare(threads=pinned.threads)
    fingerprint = take_fingerprint(strategy, dataset, pinned)
    found: dict[str, Any] = {"device": fingerprint.device, "fingerprint": fingerprint.to_json()}
    if operation.pinned:
        differences = _compare(operation, fingerprint)
        write = lifecycle.describe_attempt
    else:
        _require_bars(operation, dataset)
        differences = _differences_in_family(operation, pinned)
        conditions = {"training": pinned.to_json(), "fingerprint": found["fingerprint"]}
        write = partial(lifecycle.pin, pinned=conditions)
    write(*key, **found, exact=not differences, differences=differences)
    return differences


def _of_family(operation: Operation) -> dict[str, Any]:
    """The machine on which its family's first part was trained; empty of no part, and before."""
    if operation.part_of_id is None:
        return {}
    (pinned,) = _PINNED.row(operation_id=operation.part_of_id)
    machine: dict[str, Any] = pinned.get("machine", {})
    return machine


def _differences_in_family(operation: Operation, pinned: Pinned) -> list[str]:
    """What is not as it was for the family's first part: then their values are not of one kind."""
    if operation.part_of_id is None:
        return []
    now = machine_conditions(pinned)
    first = _of_family(operation) or lifecycle.pin_family(
        operation.part_of_id, pinned={"machine": now}
    ).get("machine", now)
    return [
        f"{name} was {first[name]} for the first part of {operation.part_of_id}, is {now[name]}"
        for name in now
        if name in first and first[name] != now[name]
    ]


def _require_bars(operation: Operation, dataset: Dataset) -> None:
    """Where the pinned bars are gone, today's were loaded. Raises `DataChanged`."""
    request = TrainingRequest.of(operation)
    now = dict(dataset.data_fingerprints)
    if request.imports is not None and now != request.data:
        raise DataChanged.between(operation.pk, before=request.data, now=now)


def _compare(operation: Operation, fingerprint: Fingerprint) -> list[str]:
    request = TrainingRequest.of(operation)
    expected = _expected(operation, request)
    if expected is not None and expected.dataset != fingerprint.dataset:
        raise _refusal(operation, expected, fingerprint)
    first = Fingerprint.from_json(operation.pinned["fingerprint"])
    differences = [str(difference) for difference in fingerprint.differences(first)]
    if request.accepted_data_changes and first.dataset == fingerprint.dataset:
        differences.append("dataset: a change was accepted since, and the best model set aside")
    if differences:
        logger.warning("%s will not be exact: %s", operation.pk, "; ".join(differences))
    return differences


def _expected(operation: Operation, request: TrainingRequest) -> Fingerprint | None:
    """Of the first attempt since a change of the data was accepted, if any was; None before it."""
    if not request.accepted_data_changes:
        return Fingerprint.from_json(operation.pinned["fingerprint"])
    since = request.accepted_data_changes[-1].after_attempt
    attempts = Attempt.objects.filter(operation=operation, number__gt=since).order_by("number")
    told = (attempt.fingerprint for attempt in attempts if attempt.fingerprint)
    first = next(told, None)
    return None if first is None else Fingerprint.from_json(first)


def _refusal(
    operation: Operation, expected: Fingerprint, now: Fingerprint
) -> DataChanged | FeaturesChanged:
    if expected.rows_version != now.rows_version:
        return FeaturesChanged(operation_id=operation.pk)
    return DataChanged.between(
        operation.pk, before={"dataset": expected.dataset}, now={"dataset": now.dataset}
    )
