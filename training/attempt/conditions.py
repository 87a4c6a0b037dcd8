"""Under which conditions an attempt trains, and whether they are those of the first one."""

import logging

import torch

from operations import lifecycle
from operations.models import Operation
from training.errors import DataChanged, DeviceUnavailable
from training.features.dataset import Dataset
from training.strategy import Strategy
from training.trainer import device
from training.trainer.engines import kernel
from training.trainer.engines.choice import KERNEL
from training.trainer.fingerprint import Fingerprint, take_fingerprint
from training.trainer.pinned import Pinned

logger = logging.getLogger(__name__)


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
    requested = operation.request["device"]
    if operation.pinned:
        pinned = Pinned.from_json(operation.pinned["training"])
        if requested in ("auto", pinned.device) and pinned.device in device.local_devices():
            return pinned
    try:
        return Pinned.by_rule(strategy, device.choose_device(requested))
    except ValueError as error:
        raise DeviceUnavailable(reason=str(error)) from error


def record_conditions(
    operation: Operation, strategy: Strategy, dataset: Dataset, pinned: Pinned
) -> list[str]:
    """Pin a first attempt's conditions, and compare a later one's with them before it trains.

    Returns what differs, in words: then the result will not be exact. Raises `DataChanged` for
    another dataset than was pinned, unless that was accepted; and `Superseded`.
    """
    key = (operation.pk, operation.attempt)
    device.prepare(threads=pinned.threads)
    fingerprint = take_fingerprint(strategy, dataset, pinned)
    if not operation.pinned:
        conditions = {"training": pinned.to_json(), "fingerprint": fingerprint.to_json()}
        lifecycle.pin(*key, pinned=conditions)
        differences: list[str] = []
    else:
        differences = _compare(operation, fingerprint)
    lifecycle.describe_attempt(
        *key,
        device=fingerprint.device,
        fingerprint=fingerprint.to_json(),
        exact=not differences,
        differences=differences,
    )
    return differences


def _compare(operation: Operation, fingerprint: Fingerprint) -> list[str]:
    first = Fingerprint.from_json(operation.pinned["fingerprint"])
    if first.dataset != fingerprint.dataset and not operation.request.get("accepted_data_changes"):
        raise DataChanged.between(
            operation.pk, before={"dataset": first.dataset}, now={"dataset": fingerprint.dataset}
        )
    differences = [str(difference) for difference in fingerprint.differences(first)]
    if differences:
        logger.warning("%s will not be exact: %s", operation.pk, "; ".join(differences))
    return differences
