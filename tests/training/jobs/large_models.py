"""Models as large as nobody trains for a test: the files of a small one, in another size."""

import hashlib
import json

import numpy as np
import safetensors.numpy
from django.contrib.auth.models import User

from checkpoints import files
from operations.models import Operation
from training.models import TrainedModel


def owned(model: TrainedModel, owner: User) -> TrainedModel:
    Operation.objects.filter(pk=model.operation_id).update(owner=owner)
    return model


def stored(model: TrainedModel, name: str, content: bytes) -> None:
    """Another file in place of what was trained."""
    [path] = files.write_each(f"models/changed-{model.pk}", {name: content})
    digest = hashlib.sha256(content).hexdigest()
    model.artifacts.filter(name=name).update(file=path, size_bytes=len(content), sha256=digest)


def grow(model: TrainedModel, *, hidden: int, length: int) -> None:
    """As if such an LSTM had been trained; its weights are zeros."""
    manifest = json.loads(files.read(model.artifacts.get(name="manifest.json").file.name))
    manifest["sequence_length"] = length
    inputs = len(manifest["feature_ids"])
    shapes = {
        "recurrent.weight_ih_l0": (4 * hidden, inputs),
        "recurrent.weight_hh_l0": (4 * hidden, hidden),
        "recurrent.bias_ih_l0": (4 * hidden,),
        "recurrent.bias_hh_l0": (4 * hidden,),
        "output.weight": (3, hidden),
        "output.bias": (3,),
    }
    zeros = {name: np.zeros(shape, np.float32) for name, shape in shapes.items()}
    stored(model, "model.safetensors", safetensors.numpy.save(zeros))
    stored(model, "manifest.json", json.dumps(manifest).encode())
