"""What the buttons do: the same functions as the API's, told in a message."""

from collections.abc import Callable, Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.safestring import SafeString

from checkpoints.models import Checkpoint
from operations import operation_types, selectors
from operations.access import permissions
from operations.access.permissions import Permission
from operations.bounded.visit import visit_of
from operations.cancel import cancel_operation
from operations.errors import DomainError, InvalidInput
from operations.models import Operation, Status
from operations.reading.words import cancel_words, done_words, resume_words
from operations.resume import resume_operation
from operations.upkeep.checkpoints import Verdict, verify_asked
from operations.views.base import PageView

LINES_OPEN = 5
"""More lines than these open at a click."""
MOST_AT_ONCE = 50
"""Operations in one request: each has a line in the message."""


class OperationActionView(PageView):
    """POST: act on one operation, and go back to its page with what came of it."""

    permission: Permission

    def post(self, request: HttpRequest, operation_id: str) -> HttpResponse:
        operation = selectors.get_visible(request.user, operation_id)
        try:
            permissions.require(request.user, self.permission)
            shown = self.act(request, operation)
        except DomainError as error:
            messages.error(request, str(error))
            shown = operation
        return redirect("operation", shown.pk)

    def act(self, request: HttpRequest, operation: Operation) -> Operation:
        """Returns the operation to go on with. Raises a domain error."""
        raise NotImplementedError


class ResumeView(OperationActionView):
    permission = Permission.RESUME

    def act(self, request: HttpRequest, operation: Operation) -> Operation:
        offered = operation_types.resume_options(operation.operation_type)
        ticked = {
            option.name: request.POST.get(option.name) == "on" for option in offered if option.label
        }
        messages.success(request, _resume(operation, **ticked))
        return operation


class CancelView(OperationActionView):
    permission = Permission.CANCEL

    def act(self, request: HttpRequest, operation: Operation) -> Operation:
        reason = request.POST.get("reason", "")
        force = request.POST.get("force") == "on"
        answer = cancel_operation(operation.pk, reason=reason, force=force)
        # That its worker was asked stands on its page, for as long as it is so.
        if answer.status != Status.RUNNING:
            messages.success(request, cancel_words(answer, called=_named(operation)))
        return operation


class VerifyView(PageView):
    """POST: read a checkpoint back, every byte of it."""

    def post(self, request: HttpRequest, checkpoint_id: int) -> HttpResponse:
        permissions.require(request.user, Permission.MANAGE_CHECKPOINTS)
        checkpoint = selectors.get_visible_checkpoint(request.user, checkpoint_id)
        try:
            level, words = _verify(request, checkpoint)
        except DomainError as error:
            level, words = messages.ERROR, str(error)
        messages.add_message(request, level, words)
        return redirect("operation", checkpoint.operation_id)


class BulkView(PageView):
    """POST: act on the selected operations, with one message about all of them."""

    def post(self, request: HttpRequest) -> HttpResponse:
        if request.POST.get("action") == "compare":
            return redirect(_compared(request.POST.getlist("operation")))
        permission, act = _bulk_action(request.POST.get("action", ""))
        permissions.require(request.user, permission)
        chosen = request.POST.getlist("operation")
        if not chosen:
            messages.warning(request, "No operation was selected.")
        if len(chosen) > MOST_AT_ONCE:
            raise InvalidInput(reason=f"Select {MOST_AT_ONCE} operations at most.")
        told = [_tried(request, operation_id, act) for operation_id in chosen]
        if told:
            messages.add_message(request, *_summary(told))
        return redirect(_next(request))


def _verify(request: HttpRequest, checkpoint: Checkpoint) -> tuple[int, str]:
    found = verify_asked(checkpoint, user=request.user.pk, visit=visit_of(request))
    place = done_words(checkpoint.epoch, checkpoint.batch)
    if found.verdict is Verdict.WHOLE:
        return messages.SUCCESS, f"The checkpoint after {place} is whole: every byte was read back."
    if found.verdict is Verdict.DELETED:
        return messages.WARNING, f"The checkpoint after {place} was deleted meanwhile."
    words = f"The checkpoint after {place} is damaged, nothing starts from it now: {found.reason}"
    return messages.ERROR, words


def _compared(ids: Sequence[str]) -> str:
    """The address of the page that compares them, which is of the types of operations."""
    return f"{reverse('compare')}?{urlencode({'ids': ids}, doseq=True)}"


def _bulk_action(name: str) -> tuple[Permission, Callable[[Operation], str]]:
    if name == "resume":
        return Permission.RESUME, _resume
    if name == "cancel":
        return Permission.CANCEL, _cancel
    raise InvalidInput(reason="The action is resume, cancel or compare.")


def _tried(
    request: HttpRequest, operation_id: str, act: Callable[[Operation], str]
) -> tuple[bool, str]:
    """Whether it was done, and what came of it."""
    try:
        return True, act(selectors.get_visible(request.user, operation_id))
    except DomainError as error:
        return False, str(error)


def _summary(told: Sequence[tuple[bool, str]]) -> tuple[int, str]:
    """One message: of several how many were done, and a line for each."""
    refused = [words for was_done, words in told if not was_done]
    level = messages.SUCCESS if not refused else messages.WARNING
    if len(refused) == len(told):
        level = messages.ERROR
    if len(told) == 1:
        return level, told[0][1]
    done = f"{len(told) - len(refused)} of {len(told)} done"
    heading = f"{done}; {len(refused)} refused." if refused else f"{done}."
    lines = format_html_join("", "<li>{}</li>", ((words,) for _, words in sorted(told)))
    is_open = "" if len(told) > LINES_OPEN else SafeString(" open")
    return level, format_html(
        "<details{}><summary>{}</summary><ul>{}</ul></details>", is_open, heading, lines
    )


def _resume(operation: Operation, **options: bool) -> str:
    return resume_words(resume_operation(operation.pk, **options), called=_named(operation))


def _cancel(operation: Operation) -> str:
    return cancel_words(cancel_operation(operation.pk), called=_named(operation), is_kept=True)


def _named(operation: Operation) -> str:
    return f"{operation.name} ({operation.pk})" if operation.name else operation.pk


def _next(request: HttpRequest) -> str:
    """Where the form was, if that is on this site."""
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else "operations"
