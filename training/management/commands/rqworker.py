"""Run a training worker: takes waiting operations from the queues and trains them."""

from typing import Any

from django.conf import settings
from django_rq.management.commands.rqworker import Command as DjangoRqWorker

from operations.doorbell.patience import complain_at_once
from training.launch.start import GPU_QUEUES


class Command(DjangoRqWorker):
    help = (
        "Run a training worker. Without names it serves every queue that this machine can, in "
        "strict order; SIGTERM lets it save, and its operation goes on on the next free worker."
    )

    def handle(self, *args: str, **options: Any) -> None:
        complain_at_once()
        super().handle(*(args or _served_here()), **options)  # type: ignore[no-untyped-call]


def _served_here() -> list[str]:
    from training.trainer.device import (
        local_devices,
    )  # torch: for the worker, not for whoever asks for help

    has_gpu = "cuda" in local_devices()
    return [name for name in settings.QUEUES if has_gpu or name not in GPU_QUEUES]
