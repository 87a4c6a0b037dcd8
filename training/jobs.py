"""RQ's entry point: one attempt of one training, from its claim to its end."""

import logging
import secrets
from functools import partial

from checkpoints.failpoints import failpoint
from operations import actor, lifecycle
from operations.errors import Superseded
from operations.log_context import process_about
from operations.models import Operation
from operations.outage import patiently
from operations.staying import hold_device
from training.attempt import endings
from training.attempt.captured_log import CapturedLog
from training.attempt.conditions import choose_pinned
from training.attempt.horse import is_horse, this_horse
from training.attempt.horse_memory import limit_memory
from training.attempt.liveness import Liveness
from training.attempt.requests import StopReason, StopRequestedError
from training.attempt.restore import go_on_from
from training.attempt.run_context import RunContext
from training.attempt.worker_name import worker_name
from training.market_data.pinned import PinnedBars
from training.pipeline import TrainedStrategy, TrainingPipeline
from training.trainer.device import local_devices

logger = logging.getLogger(__name__)


def run_training(operation_id: str, attempt: int) -> None:
    """Claim, train, end. A duplicate or superseded delivery leaves quietly."""
    worker = worker_name()
    with actor.process_is(actor.system(worker)):
        _claim_and_train(operation_id, attempt, worker)


def _claim_and_train(operation_id: str, attempt: int, worker: str) -> None:
    failpoint("claim.begin")
    operation = _claim(operation_id, attempt, worker)
    if operation is None:
        logger.info("%s, attempt %d: another one has it", operation_id, attempt)
        return
    failpoint("claim.end")
    horse, run = this_horse(), RunContext(operation)
    horse.when_told_to_stop(partial(run.requests.stop, StopReason.SHUTDOWN))
    with process_about(*run.key), CapturedLog(*run.key) as log, Liveness(run, horse, log):
        logger.info("attempt %d of %s, by %s", attempt, operation_id, operation.worker)
        try:
            _train_to_an_end(operation, run)
        except Superseded as superseded:
            logger.warning("%s", superseded)
        finally:
            run.saver.let_go()


def _claim(operation_id: str, attempt: int, worker: str) -> Operation | None:
    token = secrets.token_hex(16)
    device = local_devices()[0]  # until the attempt knows which it uses
    return patiently(
        lambda: lifecycle.claim(operation_id, attempt, worker=worker, device=device, token=token)
    )


def _train_to_an_end(operation: Operation, run: RunContext) -> None:
    try:
        trained = _train(operation, run)
        if run.holds:
            endings.hold(run)
        elif trained is None:
            endings.stop(run)
        else:
            endings.complete(run, trained)
    except StopRequestedError:
        endings.stop(run)
    except Superseded:
        raise
    except Exception as error:  # noqa: BLE001  # the process's edge: whatever it was, its user is told
        endings.fail(run, error)


def _train(operation: Operation, run: RunContext) -> TrainedStrategy | None:
    pinned = choose_pinned(operation, run.strategy)
    if pinned.device != "cpu":
        hold_device()
    elif is_horse():
        limit_memory()
    bars = PinnedBars(imports=run.request.imports or {})
    return TrainingPipeline.train_strategy(
        run.strategy,
        run=run,
        pinned=pinned,
        resume_context=go_on_from(run),
        seen_test=run.request.seen_test,
        load_bars=bars.load_bars,
        read_as=partial(bars.readings_by_symbol, run.strategy),
    )
