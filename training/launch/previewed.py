"""What the last preview on a start page found, so that a start of the same passes it on.

It travels with the page's form, sealed, for whichever process of the site gets the start.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from django.core import signing

from training.canonical import json_digest
from training.errors import WouldFail
from training.launch.request import TrainingRequest

SALT = "training.previewed"


@dataclass(frozen=True, kw_only=True)
class Previewed:
    subject: str
    """As `subject_of` names what was previewed."""
    refusal: str = ""
    """Why a training of it would end before its first epoch; empty if it would not."""
    warnings: tuple[str, ...] = ()

    def seal(self) -> str:
        return signing.dumps(asdict(self), salt=SALT, compress=True)

    @classmethod
    def unseal(cls, sealed: str) -> Self | None:
        """None for what `seal` did not make."""
        try:
            found = signing.loads(sealed, salt=SALT)
        except signing.BadSignature:
            return None
        return cls(**{**found, "warnings": tuple(found["warnings"])})

    def is_of(self, request: TrainingRequest) -> bool:
        """Whether it is the preview of this strategy on these bars."""
        return self.subject == subject_of(request.strategy, request.data)

    def require_trainable(self, request: TrainingRequest) -> None:
        """Raises `WouldFail` where this is the preview of the same, and it was refused."""
        if self.refusal and self.is_of(request):
            raise WouldFail(reason=self.refusal)


def subject_of(strategy: Mapping[str, Any], data: Mapping[str, str]) -> str:
    """Return a name of a snapshot, its end date fixed, and of the bars' fingerprints."""
    return json_digest([strategy, dict(data)])
