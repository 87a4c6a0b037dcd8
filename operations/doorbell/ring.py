"""A ring: which of this site's jobs to run, for which attempt of which operation. Nothing else.

Whoever can write to Redis can ring, ring wrongly, and take rings away: work comes later, for the
sweeper rings again. Which code runs is never theirs to say: a ring names a job of `OPERATION_TYPES`
by its path, and an attempt that waits in the database, of an operation whose type has that job.
"""

import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string
from rq.job import Job

from operations.models import Operation
from operations.outage import patiently

MAX_STORED_BYTES = 1024
"""A ring takes some 100 compressed; more than this is not even read."""
MAX_TEXT_BYTES = 4096

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MAX_ATTEMPT = 2**31 - 1


class NotARing(Exception):
    """Something else than a ring of this site; the text says what is wrong with it."""


@dataclass(frozen=True, kw_only=True)
class Ring:
    job: str
    """The dotted path of a job function: one that `OPERATION_TYPES` names."""
    operation_id: str
    attempt: int

    @classmethod
    def read(cls, stored: bytes) -> "Ring":
        """From what RQ stores of a call: compressed JSON. Raises `NotARing`."""
        try:
            call = json.loads(_inflated(stored))
        except (ValueError, RecursionError, zlib.error) as error:
            raise NotARing("it is no compressed JSON") from error
        if not isinstance(call, list) or len(call) != 4:
            raise NotARing("it is no call")
        return cls.of_call(*call)

    @classmethod
    def of_call(cls, job: Any, instance: Any, args: Any, kwargs: Any) -> "Ring":
        """Raises `NotARing` unless it is one of this site's jobs with (operation id, attempt)."""
        if job not in _site_jobs():
            raise NotARing("it names no job of this site")
        if instance is not None or kwargs != {} or not isinstance(args, list | tuple):
            raise NotARing("its arguments are not an operation's id and an attempt's number")
        match args:
            case [str(operation_id), int(attempt)] if (
                _ID.fullmatch(operation_id)
                and not isinstance(attempt, bool)
                and 1 <= attempt <= _MAX_ATTEMPT
            ):
                return cls(job=job, operation_id=operation_id, attempt=attempt)
        raise NotARing("its arguments are not an operation's id and an attempt's number")

    def __str__(self) -> str:
        return f"{self.job}, {self.operation_id}, attempt {self.attempt}"

    def answer(self) -> None:
        """Run the job, which claims the attempt if it is still there to be claimed.

        Raises `NotARing` where the operation is none of this job's: another type's function would
        read the request as its own.
        """
        operation_type = patiently(partial(_type_of, self.operation_id))
        if self.job not in _jobs_of(settings.OPERATION_TYPES.get(operation_type, {})):
            raise NotARing(f"it rings for no operation of its job: {self}")
        import_string(self.job)(self.operation_id, self.attempt)


class DoorbellJob(Job):
    """RQ's record of a ring: the only class in which this site reads one.

    Of what Redis holds under its id only the call is read, and that only as a `Ring`: it has no
    callbacks, webhooks, results, repeats, retries, time limits, dependents or status of Redis's.
    """

    def restore(self, raw_data: dict[bytes, bytes]) -> None:
        """Raises `NotARing`."""
        ring = Ring.read(raw_data.get(b"data", b""))
        self._func_name, self._instance = ring.job, None
        self._args, self._kwargs = (ring.operation_id, ring.attempt), {}
        self.description = str(ring)
        self.timeout = -1

    @property
    def ring(self) -> Ring:
        """Raises `NotARing` where another call was put into this record."""
        return Ring.of_call(self.func_name, self.instance, self.args, self.kwargs)

    def _execute(self) -> None:
        self.ring.answer()

    def get_status(self, refresh: bool = True) -> Any:
        return self._status

    @property
    def dependent_ids(self) -> list[str]:
        return []


def _type_of(operation_id: str) -> str:
    """Which never changes, so that it can be looked at before the claim. Empty of none."""
    found = Operation.objects.filter(pk=operation_id).values_list("operation_type", flat=True)
    return found.first() or ""


def _site_jobs() -> list[str]:
    return [job for row in settings.OPERATION_TYPES.values() for job in _jobs_of(row)]


def _jobs_of(row: Mapping[str, Any]) -> list[str]:
    """What a ring of such an operation may name: its own job, and that which takes a part of it."""
    return [row[name] for name in ("job", "parts_job") if name in row]


def _inflated(stored: bytes) -> bytes:
    """Raises `zlib.error`, also for what would become larger than a ring can be."""
    if len(stored) > MAX_STORED_BYTES:
        raise zlib.error("too large")
    inflating = zlib.decompressobj()
    text = inflating.decompress(stored, MAX_TEXT_BYTES)
    if not inflating.eof:
        raise zlib.error("too large, or cut off")
    return text
