"""The curve of an operation as an event file of TensorBoard: one value a step.

However often it was resumed: each step is as the latest attempt that reached it reported it, as on
its page. TensorBoard keeps numbers in float32; CSV and Parquet have them in full.
"""

from pathlib import Path

from operations.models import Metric, Operation
from training.export.errors import NothingToExport, PackagesMissing
from training.tables.metrics import all_metrics

VERSION = "brain.Event:2"


def file_name(operation: Operation) -> str:
    """The same for each export of an operation: TensorBoard would show a second file, too."""
    return f"events.out.tfevents.{int(operation.created_at.timestamp())}.ktrdr"


def write_events(operation: Operation, path: Path) -> int:
    """How many steps were written. Raises `PackagesMissing`, `NothingToExport`."""
    try:
        from tensorboardX.proto.event_pb2 import Event
        from tensorboardX.proto.summary_pb2 import Summary
        from tensorboardX.record_writer import RecordWriter
    except ImportError as error:
        raise PackagesMissing(format="tensorboard", package="tensorboardX") from error
    writer, steps = RecordWriter(str(path)), 0
    try:
        began = operation.created_at.timestamp()
        writer.write(Event(wall_time=began, file_version=VERSION).SerializeToString())
        for row in all_metrics(operation.pk):
            values = [Summary.Value(tag=tag, simple_value=it) for tag, it in _numbers(row).items()]
            event = Event(
                wall_time=row.created_at.timestamp(),
                step=row.step,
                summary=Summary(value=values),
            )
            writer.write(event.SerializeToString())
            steps += 1
    finally:
        writer.close()
    if not steps:
        raise NothingToExport(reason=f"{operation.pk} has reported no epoch yet.")
    return steps


def _numbers(row: Metric) -> dict[str, float]:
    return {
        name: float(value)
        for name, value in sorted(row.values.items())
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
