"""Parts of a family wait behind whatever is trained by itself, on a GPU, too."""

import pytest
from django.conf import settings

from training.family import queue_of_part
from training.launch.start import queue_for
from training.management.commands import rqworker
from training.trainer import device


@pytest.mark.parametrize("asked", ["auto", "cpu", "cuda"])
@pytest.mark.parametrize("priority", ["high", "normal"])
def test_a_part_waits_behind_a_training_for_the_same_device(asked: str, priority: str) -> None:
    request = {"device": asked, "priority": priority}
    order = settings.QUEUES.index
    assert order(queue_of_part(request)) > order(queue_for(request))


@pytest.mark.parametrize("has_gpu", [False, True])
def test_only_who_has_a_gpu_takes_a_part_for_one(
    has_gpu: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    local = ["cuda", "cpu"] if has_gpu else ["cpu"]
    monkeypatch.setattr(device, "local_devices", lambda: local)
    served = rqworker._served_here()
    assert (queue_of_part({"device": "cuda"}) in served) is has_gpu
    assert queue_of_part({"device": "auto"}) in served
