"""What may come in through the API: queries and bodies, judged by their shape alone."""

from typing import Any

from rest_framework import serializers
from rest_framework.fields import Field

from operations import operation_types
from operations.api.base import StrictSerializer
from operations.cancel import REASON_MAX_LENGTH
from operations.describing import MOST_TAGS, NOTE_MAX_LENGTH, TAG_MAX_LENGTH
from operations.labels import LABEL_MAX_LENGTH, LARGEST_NUMBER
from operations.models import LARGEST_INTEGER, Status
from operations.operation_types import LabelKind
from operations.reading.choosing import NEWEST_FIRST, orderings
from operations.resume_options import ResumeOption

MAX_DAYS = 36_500


class ListQuery(StrictSerializer):
    status = serializers.ChoiceField(Status.choices, required=False)
    operation_type = serializers.CharField(required=False, max_length=32)
    resumable = serializers.BooleanField(required=False)
    active = serializers.BooleanField(required=False)
    search = serializers.CharField(
        required=False,
        max_length=200,
        help_text="A part of a name, or the beginning or end of an id.",
    )
    tag = serializers.CharField(
        required=False, max_length=LABEL_MAX_LENGTH, help_text="Among those that it has."
    )
    owner = serializers.CharField(
        required=False, max_length=150, help_text="A username; others' operations are for staff."
    )
    lineage = serializers.CharField(
        required=False, max_length=64, help_text="The id of the operation that they all come from."
    )
    created_after = serializers.DateTimeField(required=False)
    since = serializers.DateTimeField(required=False, help_text="Created then or later.")
    until = serializers.DateTimeField(required=False, help_text="Created before then.")
    part_of = serializers.CharField(
        required=False, max_length=64, help_text="Only the parts of this one."
    )
    parts = serializers.BooleanField(
        default=False, help_text="Parts of others, too; else they are left out."
    )
    cursor = serializers.CharField(required=False, max_length=500)
    page_size = serializers.IntegerField(default=50, min_value=1, max_value=200)

    def get_fields(self) -> dict[str, Field[Any, Any, Any, Any]]:
        """What the site's types of operations are found and sorted by, too."""
        kinds = operation_types.label_kinds()
        ordering = serializers.ChoiceField(
            orderings(),
            default=NEWEST_FIRST,
            help_text="With `-` the largest first. "
            "By duration or a figure, operations without it are left out.",
        )
        found_by = {name: _of_kind(kind) for name, kind in kinds.items()}
        return {**super().get_fields(), **found_by, "ordering": ordering}


def _of_kind(kind: LabelKind) -> Field[Any, Any, Any, Any]:
    if kind.is_number:
        return serializers.IntegerField(
            required=False, min_value=0, max_value=LARGEST_NUMBER, help_text=kind.about
        )
    return serializers.CharField(required=False, max_length=LABEL_MAX_LENGTH, help_text=kind.about)


class MetricsQuery(StrictSerializer):
    after_epoch = serializers.IntegerField(default=-1, min_value=-1, max_value=LARGEST_INTEGER)


class EventsQuery(StrictSerializer):
    after = serializers.IntegerField(default=0, min_value=0, max_value=LARGEST_INTEGER)


class LogsQuery(StrictSerializer):
    attempt = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_INTEGER)


class CancelBody(StrictSerializer):
    reason = serializers.CharField(default="", allow_blank=True, max_length=REASON_MAX_LENGTH)
    force = serializers.BooleanField(default=False)


class ResumeBody(StrictSerializer):
    def get_fields(self) -> dict[str, Field[Any, Any, Any, Any]]:
        """What the site's types of operations let a caller decide."""
        return {option.name: _field(option) for option in operation_types.all_resume_options()}


def _field(option: ResumeOption) -> Field[Any, Any, Any, Any]:
    if option.choices:
        return serializers.ChoiceField(list(option.choices), required=False)
    return serializers.BooleanField(default=False)


def _tags(words: str) -> serializers.ListField:
    of_one = serializers.CharField(max_length=TAG_MAX_LENGTH)
    return serializers.ListField(
        child=of_one, required=False, max_length=MOST_TAGS, help_text=words
    )


class DescribeBody(StrictSerializer):
    tags = _tags("Instead of those that it has.")
    add = _tags("Beside those that it has.")
    remove = _tags("No longer.")
    note = serializers.CharField(
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        max_length=NOTE_MAX_LENGTH,
        help_text="Text of any number of lines, instead of what it has.",
    )


class EmptyBody(StrictSerializer):
    pass


class CheckpointsQuery(StrictSerializer):
    older_than_days = serializers.IntegerField(required=False, min_value=0, max_value=MAX_DAYS)
    cursor = serializers.CharField(required=False, max_length=500)
    page_size = serializers.IntegerField(default=50, min_value=1, max_value=200)


class DeleteQuery(StrictSerializer):
    force = serializers.BooleanField(default=False)


class CleanUpBody(StrictSerializer):
    max_age_days = serializers.IntegerField(min_value=0, max_value=MAX_DAYS)
    dry_run = serializers.BooleanField(default=False)
