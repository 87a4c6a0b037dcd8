"""Find trained models, and read their networks from the storage. Free of torch."""

import hashlib
import logging
from collections.abc import Iterator

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import F, QuerySet
from django.db.models.fields.json import KeyTextTransform

from checkpoints import files
from checkpoints.errors import StorageUnreachableError
from operations import selectors
from operations.errors import StorageUnavailable
from training.errors import ModelDamaged, ModelNotFound
from training.models import ModelArtifact, TrainedModel
from training.trained.bundle_reader import MANIFEST, WEIGHTS, TrainedNetwork, read_files

logger = logging.getLogger(__name__)

_OF_ITS_EVALUATION = {
    "test_metrics": F("evaluation__metrics"),
    "seen_test": F("evaluation__seen_test"),
}
"""What lists show of it: the rest has a curve in it."""

_OF_ITS_RESULT = {
    name: F(f"operation__result__{name}") for name in ("epochs_trained", "data_ranges")
}
"""What `facts.py` tells of how a model came about."""

_OF_ITS_FAMILY = {
    "part_of": F("operation__part_of_id"),
    "part_number": F("operation__part_number"),
    "family_name": F("operation__part_of__name"),
}
"""What a model of a part is shown through: of a search's trials whoever won has one."""

_STATE_DIGEST = {"state_digest": KeyTextTransform("state_digest", "operation__result")}
"""As text: read as JSON, SQLite's answer of digits alone would become a number."""


def visible_to(user: AbstractBaseUser | AnonymousUser) -> QuerySet[TrainedModel]:
    """The models of the operations that a user may see, `annotated`."""
    visible = TrainedModel.objects.all()
    if not selectors.sees_all(user):  # to look for each among all operations takes a second
        visible = visible.filter(operation__in=selectors.visible_to(user))
    return annotated(visible)


def annotated(models: QuerySet[TrainedModel]) -> QuerySet[TrainedModel]:
    """With what lists show of them; `test_metrics` are those of the test part.

    Lists defer `evaluation`, which has a curve in it.
    """
    shown = {**_OF_ITS_EVALUATION, **_OF_ITS_RESULT, **_OF_ITS_FAMILY}
    return with_state_digest(models.annotate(**shown))


def with_state_digest(models: QuerySet[TrainedModel]) -> QuerySet[TrainedModel]:
    """`state_digest` is that of the whole last state, from the operation's result."""
    return models.annotate(**_STATE_DIGEST)


def get_visible(user: AbstractBaseUser | AnonymousUser, model_id: int) -> TrainedModel:
    """Raises `ModelNotFound` also for another's model: nobody learns that it exists."""
    model = visible_to(user).filter(pk=model_id).first()
    if model is None:
        if TrainedModel.objects.filter(pk=model_id).exists():
            logger.warning("refused: model %s to its non-owner %s", model_id, user)
        raise ModelNotFound(model_id=model_id)
    return model


def find_model(name: str, among: QuerySet[TrainedModel] | None = None) -> TrainedModel:
    """The model with this id, or whose operation has this id, or a unique beginning or end of it.

    Raises `ModelNotFound`, `AmbiguousOperationId`.
    """
    models = TrainedModel.objects.all() if among is None else among
    if name.isascii() and name.isdecimal() and len(name) <= 18:
        model = models.filter(pk=int(name)).first()
    else:
        model = selectors.by_part(models, "operation__pk", name)
    if model is None:
        raise ModelNotFound(model_id=name)
    return model


def read_network(model: TrainedModel) -> TrainedNetwork:
    """The network and its manifest. Raises `ModelDamaged`, `StorageUnavailable`."""
    artifacts = model.artifacts.filter(name__in=(WEIGHTS, MANIFEST))
    return read_files(
        {artifact.name: b"".join(verified_chunks(model, artifact)) for artifact in artifacts}
    )


def read_artifact(model: TrainedModel, name: str) -> bytes | None:
    """A file of the bundle; None where it has none of that name. Raises as `read_network`."""
    artifact = model.artifacts.filter(name=name).first()
    return None if artifact is None else b"".join(verified_chunks(model, artifact))


def verified_chunks(model: TrainedModel, artifact: ModelArtifact) -> Iterator[bytes]:
    """A stored file in parts, good only if the iteration ends without an error.

    Raises `ModelDamaged`, `StorageUnavailable`.
    """
    digest = hashlib.sha256()
    try:
        for chunk in files.chunks(str(artifact.file.name)):
            digest.update(chunk)
            yield chunk
    except FileNotFoundError as error:
        raise _damaged(model, artifact, "missing from the storage") from error
    except StorageUnreachableError as error:
        raise StorageUnavailable(reason=str(error)) from error
    if digest.hexdigest() != artifact.sha256:
        raise _damaged(model, artifact, "not what was stored")


def _damaged(model: TrainedModel, artifact: ModelArtifact, reason: str) -> ModelDamaged:
    return ModelDamaged(
        file=artifact.name, model_id=model.pk, operation_id=model.operation_id, reason=reason
    )
