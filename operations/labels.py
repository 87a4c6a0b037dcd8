"""Words that an operation is found by, as they are written; `places` has what finds it."""

from django.db import models

TAG = "tag"
"""The kind of label that users give; the others come from what was asked for."""
LABEL_MAX_LENGTH = 200
LARGEST_NUMBER = 2**63 - 1
"""Of a kind whose values are numbers: a seed."""


class Label(models.Model):
    operation = models.ForeignKey(
        "operations.Operation",
        on_delete=models.CASCADE,
        related_name="labels",
        db_index=False,  # `label_once` begins with it
    )
    kind = models.CharField(max_length=16)
    """`TAG`, or one that a type of operations names in its presentation."""
    value = models.CharField(max_length=LABEL_MAX_LENGTH)

    class Meta:
        db_table = "training_label"  # where it stood before there were tags
        constraints = [
            models.UniqueConstraint(fields=["operation", "kind", "value"], name="label_once")
        ]

    def __str__(self) -> str:
        return f"{self.operation_id}: {self.kind} {self.value}"
