"""What can be done with an operation, what it costs, and why a button is disabled."""

from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from checkpoints.models import Checkpoint
from operations.errors import NoCheckpoint, NotCancellable
from operations.models import Operation
from operations.operation_types import out_note, presentation
from operations.parts import of_live_family
from operations.reading.overview import Action, Overview
from operations.reading.words import FINISHES_AND_SAVES, done_words, size
from operations.resume import why_not_resumable
from operations.views.refusals import Refusals, refusals


@dataclass(frozen=True, kw_only=True)
class Offer:
    label: str
    note: str
    """What it does, and what it costs."""
    refusal: str
    """Why it cannot be done; empty when it can."""


@dataclass(frozen=True, kw_only=True)
class Offers:
    resume: Offer
    cancel: Offer
    force: Offer | None
    """Only after a cancel that its worker has not answered."""
    restart: Offer


def offers(now: Overview, user: AbstractBaseUser | AnonymousUser) -> Offers:
    refused = refusals(user)
    return Offers(
        resume=_resume(now, refused),
        cancel=_cancel(now, refused),
        force=_force(now, refused),
        restart=Offer(
            label="Start again",
            note=presentation(now.operation.operation_type).restart_note,
            refusal=_of_live_family(now) or refused.start,
        ),
    )


def _resume(now: Overview, refused: Refusals) -> Offer:
    checkpoint = now.latest_checkpoint
    if now.resumable and checkpoint:
        place = done_words(checkpoint.epoch, checkpoint.batch)
        label = f"Resume after {place} ({size(checkpoint.size_bytes)}, {_verified(checkpoint)})"
        return Offer(label=label, note=out_note(now.operation), refusal=refused.resume)
    if now.resumable:
        return Offer(label="Resume", note="", refusal=refused.resume)
    if why := _of_live_family(now):
        return Offer(label="Resume", note="", refusal=why)
    if now.operation.is_resumable:
        return Offer(
            label="Resume", note="", refusal=str(NoCheckpoint(operation_id=now.operation.pk))
        )
    return Offer(label="Resume", note="", refusal=why_not_resumable(now.operation))


def _of_live_family(now: Overview) -> str:
    return str(of_live_family(now.operation)) if now.is_of_live_family else ""


def _verified(checkpoint: Checkpoint) -> str:
    return "verified" if checkpoint.verified_at else "not verified yet"


def _cancel(now: Overview, refused: Refusals) -> Offer:
    operation = now.operation
    if Action.CANCEL in now.allowed_actions:
        return Offer(label="Cancel", note=_cost_of_cancel(operation), refusal=refused.cancel)
    if operation.is_live:
        refusal = f"Its worker was asked to stop already: it {FINISHES_AND_SAVES}."
    else:
        refusal = str(NotCancellable(operation_id=operation.pk, status=operation.status))
    return Offer(label="Cancel", note="", refusal=refusal)


def _cost_of_cancel(operation: Operation) -> str:
    if operation.claimed_at is None:
        return "No worker has it yet: it is cancelled at once."
    return "Loses no batch: the worker finishes the one it is at, and saves."


def _force(now: Overview, refused: Refusals) -> Offer | None:
    if Action.FORCE_CANCEL not in now.allowed_actions or Action.CANCEL in now.allowed_actions:
        return None
    checkpoint = now.latest_checkpoint
    lost = "everything" if checkpoint is None else "what came after "
    if checkpoint is not None:
        lost += done_words(checkpoint.epoch, checkpoint.batch)
    note = f"For a worker that does not answer: it is fenced off, and {lost} is lost."
    return Offer(label="Cancel by force", note=note, refusal=refused.cancel)
