"""What the fork server imports before it forks: torch without a single tensor operation."""

import gc

import django
import torch
import torch._dynamo

django.setup()

import tests.training.trainer.attempt  # noqa: E402, F401

torch.set_num_threads(1)
gc.freeze()
