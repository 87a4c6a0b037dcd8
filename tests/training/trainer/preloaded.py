"""What the fork server imports before it forks: torch without a tensor operation, the kernel."""

import gc

import django
import torch

django.setup()

import tests.training.trainer.attempt  # noqa: E402, F401
from training.trainer.engines import kernel  # noqa: E402

assert kernel.unavailable() is None
torch.set_num_threads(1)
gc.freeze()
