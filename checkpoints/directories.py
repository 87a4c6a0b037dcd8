"""How a checkpoint's directory is named, so that its name alone tells whose it is."""

import re
import secrets
from dataclasses import dataclass

from checkpoints.files import ROOT, safe_name

DIRECTORY = re.compile(
    rf"{ROOT}/(?P<operation_id>.+)-a(?P<attempt>\d+)-e(?P<epoch>-1|\d+)-b(?P<batch>\d+)"
    r"-(?P<token>[0-9a-f]{8})",
    re.ASCII,
)


@dataclass(frozen=True, kw_only=True)
class CheckpointDirectory:
    operation_id: str
    attempt: int
    epoch: int
    batch: int
    token: str
    """8 random hex: no two saves share a directory, not even of one position."""

    @classmethod
    def new(
        cls, *, operation_id: str, attempt: int, epoch: int, batch: int
    ) -> "CheckpointDirectory":
        """Raises ValueError for an operation id that cannot be part of a path."""
        return cls(
            operation_id=safe_name(operation_id, what="Operation id", max_length=64),
            attempt=attempt,
            epoch=epoch,
            batch=batch,
            token=secrets.token_hex(4),
        )

    @classmethod
    def parse(cls, path: str) -> "CheckpointDirectory | None":
        """None for a name that this package never gave."""
        match = DIRECTORY.fullmatch(path)
        if match is None:
            return None
        return cls(
            operation_id=match["operation_id"],
            attempt=int(match["attempt"]),
            epoch=int(match["epoch"]),
            batch=int(match["batch"]),
            token=match["token"],
        )

    @property
    def path(self) -> str:
        position = f"a{self.attempt}-e{self.epoch}-b{self.batch}"
        return f"{ROOT}/{self.operation_id}-{position}-{self.token}"
