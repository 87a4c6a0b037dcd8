"""GET models/{id}/download: the bundle as one file, the same bytes each time."""

import base64
import hashlib
import io
import zipfile
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.http import StreamingHttpResponse
from rest_framework.test import APIClient

from checkpoints import files
from operations import lifecycle
from tests.asking.downloads import received
from training.models import FINAL_STATE, MODELS, ModelArtifact, TrainedModel
from training.trained import bundle_archive

BUNDLE = {
    "manifest.json": b"{}",
    "model.safetensors": bytes(range(256)) * 2000,
    "reader.py": b"pass\n",
}


@pytest.fixture
def model(owner: User) -> TrainedModel:
    operation = lifecycle.start(
        operation_type="training", request={}, queue="training", owner=owner
    )
    model = TrainedModel.objects.create(
        operation=operation, name="", size_bytes=1, weights_sha256="", evaluation={}, strategy={}
    )
    contents = {**BUNDLE, f"{FINAL_STATE}optimizer.pt": b"moments"}
    paths = files.write_each(f"{MODELS}/{operation.pk}", contents)
    for (name, content), path in zip(contents.items(), paths, strict=True):
        ModelArtifact.objects.create(
            trained_model=model,
            name=name,
            file=path,
            size_bytes=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
        )
    return model


def download(api: APIClient, model: TrainedModel) -> StreamingHttpResponse:
    answer: StreamingHttpResponse = api.get(f"/api/v1/models/{model.pk}/download")
    return answer


def test_it_holds_the_bundle_and_nothing_else(api: APIClient, model: TrainedModel) -> None:
    answer = download(api, model)
    content = received(answer)
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Length"] == str(len(content))
    assert answer["Content-Disposition"] == f'attachment; filename="{model.operation_id}.zip"'
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    assert answer["Repr-Digest"] == f"sha-256=:{digest}:"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == BUNDLE
        assert archive.testzip() is None


@pytest.mark.parametrize("in_memory_bytes", [1, 1 << 20])
def test_it_is_the_same_bytes_each_time_in_memory_or_not(
    in_memory_bytes: int, api: APIClient, model: TrainedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = received(download(api, model))
    monkeypatch.setattr(bundle_archive, "IN_MEMORY_BYTES", in_memory_bytes)
    assert received(download(api, model)) == first


def test_a_damaged_file_is_422_before_the_first_byte(api: APIClient, model: TrainedModel) -> None:
    weights = model.artifacts.get(name="model.safetensors")
    Path(weights.file.path).write_bytes(b"other")
    answer = download(api, model)
    assert (answer.status_code, answer.json()["code"]) == (422, "model_damaged")
    Path(weights.file.path).unlink()
    assert download(api, model).json()["code"] == "model_damaged"


def test_a_client_may_accept_the_zip_alone(api: APIClient, model: TrainedModel) -> None:
    path = f"/api/v1/models/{model.pk}/download"
    assert received(api.get(path, headers={"accept": "application/zip"}))
    answer = api.get("/api/v1/models/0/download", headers={"accept": "application/zip"})
    assert (answer.status_code, answer.json()["code"]) == (404, "model_not_found")
