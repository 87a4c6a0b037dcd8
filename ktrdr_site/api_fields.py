"""What the API's fields and parameters are, in words with units: where its code does not say it.

A name has one meaning wherever it appears; where it has another one, the schema stands before it.
A field that needs more than a sentence, or whose limits are its own, says it as `help_text`.
"""

from collections.abc import Iterator
from typing import Any

TIME = "UTC, ISO 8601"
EPOCH = "Number of the last completed epoch, from 0; -1 before the first is complete."

FIELDS = {
    "about": "What was decided.",
    "accept_changed_data": "Go on although the bars are no longer those of the start; recorded.",
    "accept_seen_test": "Go on although the weights were trained on bars of the validation or test "
    "part; recorded, and said beside each score.",
    "allowed_actions": "What its state allows now; whether you may is a question of permissions.",
    "artifacts": "The files of its bundle, each with its digest.",
    "at": f"When it was imported, {TIME}.",
    "attempt": "Number of the attempt, from 1: each resume begins the next.",
    "attempts": "Its attempts, the oldest first; the newest 1,000 of more.",
    "batch": "Batches done of the epoch after `epoch`.",
    "beat_at": f"When it last said that it is alive, {TIME}.",
    "before": "Open of the first bar after it, UTC.",
    "best_val_loss": "The lowest validation loss so far: of the epoch `best_epoch`.",
    "by": "What decided it: an option, the memory of earlier imports, proof, or a default.",
    "by_type": "The same by `checkpoint_type`.",
    "cancel_reason": "What was said with the first request to cancel; empty without.",
    "cancel_requested_at": f"When a cancel was first asked for, {TIME}; null where none was.",
    "checkpoint": "How often to save, and how many checkpoints to keep.",
    "checkpoint_id": "Number of the checkpoint.",
    "checkpoint_type": "Why it was saved: periodic, or at a cancellation, a shutdown, a failure.",
    "claimed_at": f"When a worker took it, {TIME}; null while it waits for one.",
    "code": "Which one it is, for programs; REFERENCE lists all.",
    "completed_at": f"When it ended, however it did, {TIME}; null before.",
    "container": "Form of the file: csv, xlsx, parquet, ….",
    "count": "How many checkpoints.",
    "created_at": f"When it was made, {TIME}.",
    "data": "What was asked for.",
    "delimiter": "Character between two columns of a text file; null of other files.",
    "description": "What the strategy says of itself.",
    "detail": "What happened and what to do, for people.",
    "details": "What it says of itself: the queues it serves and the devices it has.",
    "device": "Where to train, or where it is trained: cpu, cuda, or auto for any worker.",
    "dry_run": "Only say what would be deleted.",
    "duplicates_removed": "Rows of the file that said the same as another row, and were left out.",
    "end_date": "Last bar to train on: an ISO date or UTC time; without, the newest there is.",
    "ended_at": f"When it ended, {TIME}; null while it goes on.",
    "epoch": EPOCH,
    "epochs": "Passes over the training part.",
    "epochs_trained": "How many epochs were trained: fewer than asked for where it stopped early.",
    "error": "Why it failed; null where it did not.",
    "errors": "Each fault, where there are several.",
    "eta_seconds": "Seconds that are left, estimated; 0 of what has completed.",
    "evaluation": "What it scored on its test part; docs/EVALUATION.md defines each number.",
    "event_type": "What happened; REFERENCE explains each.",
    "every_epochs": "Epochs between two checkpoints, as a rule not within two seconds; without, "
    "the site's default.",
    "every_seconds": "Seconds between two checkpoints; without, the site's default.",
    "exact": "Whether its conditions are those of the start, so that it ends with the same bytes; "
    "null before the data are prepared.",
    "expires_at": f"When it is deleted if nobody imports it, {TIME}.",
    "faults": "What makes it invalid; empty of a valid one.",
    "fingerprint": "SHA-256 over the bars, in hex.",
    "force": "Cancel over the head of a worker that does not answer: what came after its last "
    "checkpoint is lost.",
    "heartbeat_at": f"When its worker last reported, {TIME}; null before one has it.",
    "held_at": f"Since when a part waits for its family, {TIME}; null where it does not.",
    "hold_at": "The step at which a part waits for its family; null of what runs to its end.",
    "host": "Name of its machine.",
    "id": "Its number, by which an address names it.",
    "keep": "How many of the newest checkpoints to keep; without, the site's default.",
    "kind": "What the import did to the series.",
    "last": "Open of the last bar, UTC.",
    "last_written": "What the file's clock showed at the last bar; null of samples.",
    "latest_checkpoint": "The newest one that is whole: where a resume goes on; null without.",
    "learning_rate": "Step size of the optimizer.",
    "lenient": "Warn of unknown keys in place of refusing them.",
    "line": "In the text, from 1; null where it has none.",
    "max_age_days": "Delete checkpoints that are older, in days.",
    "max_restarts": "How often it may be started again by itself after a lost worker.",
    "message": "What is wrong and what to do, for people.",
    "metrics": "What the epoch it was saved in reported: losses, accuracy, learning rate.",
    "model": "Kind of the network: mlp, lstm or gru.",
    "name": "What it is called.",
    "next": "Address of the next page; null on the last one.",
    "notes": "What to know of these bars.",
    "num_gaps": "How many gaps there are, the short ones among them.",
    "num_missing": "Bars that are missing in it.",
    "number": "Counts from 1 in its operation.",
    "open": "Price at the bar's open.",
    "high": "Highest price of the bar.",
    "low": "Lowest price of the bar.",
    "close": "Price at the bar's close.",
    "volume": "What was traded in the bar, in the file's own unit; 0 where it has none.",
    "operation_id": "Id of the operation.",
    "operation_type": "What kind of operation it is.",
    "option": "Name of the option.",
    "options": "How to read the file; without, it is found out or remembered.",
    "outcome": "How it ended; null while it goes on.",
    "parent_id": "Id of the operation that it was made from; null of one that was started.",
    "part": "What is carried: weights, optimizer, history, ….",
    "part_number": "Its number among the parts of its family, from 1; null of no part.",
    "path": "Where in the strategy, as `training.labels.source`.",
    "percent": "Of the whole training, 0 to 100.",
    "pid": "Number of its process on that machine.",
    "pointer": "Where in the strategy: JSON Pointer (RFC 6901).",
    "predicted_return": "The return that the network foretells, as a fraction: 0.01 is 1 %.",
    "predictions": "A decision for each bar, the oldest first.",
    "previous": "Address of the page before; null on the first one.",
    "priority": "Which queue it waits in: high takes a permission of its own.",
    "probabilities": "What the network gives each class, adding up to 1.",
    "progress": "How far it is, as its worker last said.",
    "pruned": "Checkpoints that were deleted, or would be.",
    "quarantine_reason": "Why nothing starts from it; empty where something may.",
    "quarantined": "Those that are damaged, and that nothing starts from.",
    "quarantined_at": f"When its bytes were found damaged, {TIME}; null where they were not.",
    "queue": "On which queue it waits for a worker.",
    "reason": "Why, for whoever reads it later.",
    "replay_verified": "Whether the epochs that were trained again came out as recorded; null "
    "where none was.",
    "replayed_epochs": "How many recorded epochs it trained again.",
    "restarts": "How often it was started again by itself after a lost worker.",
    "resumable": "Whether a resume would find a checkpoint to go on from.",
    "resumed_from": "The checkpoint that it went on from; null of one that began anew.",
    "rows": "How many bars.",
    "rows_moved": "Rows of the file that stood before an earlier one, and were put in order.",
    "samples_per_second": "Rows trained a second, lately.",
    "seed": "Seed of initialisation, order and dropout.",
    "set": "Settings to change, by path: `training.learning_rate`: 0.0005.",
    "sha256": "SHA-256 of the file, in hex.",
    "size_bytes": "Bytes of its files.",
    "start_date": "First bar to train on: an ISO date or UTC time; without, as early as indicators "
    "have settled.",
    "started_at": f"When it began, {TIME}; null before.",
    "status": "Where it stands.",
    "strategy": "The strategy as it was trained, with every default.",
    "strategy_yaml": "The strategy's text, in YAML.",
    "success": "Always true: what went wrong is a problem (RFC 9457).",
    "symbol": "Whose bars, as imported.",
    "symbols": "Whose bars it is trained on.",
    "tags": "What its users have tagged it with, sorted.",
    "text": "What it says, in a sentence.",
    "time_form": "How the file writes its times.",
    "timeframe": "Length of a bar: 1m, 5m, 1h, 1d, 1w, ….",
    "timeframes": "Lengths of the bars; the rows are those of the base timeframe.",
    "title": "What kind of problem it is, in a few words.",
    "total": "All checkpoints together.",
    "total_batches": "Batches of one epoch.",
    "total_epochs": "Epochs of the whole training.",
    "train_loss": "Loss on the training part, of the last completed epoch.",
    "training": "What it was trained with, and how long.",
    "val_loss": "Loss on the validation part, of the last completed epoch.",
    "value": "What the option would be.",
    "values": "What was reported, by name: train_loss, val_loss, val_accuracy, learning_rate, "
    "seconds, cpu_percent (of one core), memory_bytes, gpu_memory_bytes, ….",
    "verdict": "Whether every byte is what was saved.",
    "verified_at": f"When every byte was last compared, {TIME}; null before the first time.",
    "words": "In a sentence.",
    "worker": "Name of the worker that has it or had it last; empty before the first.",
    # Where a name means something else.
    "Artifact.name": "Name of the file.",
    "Artifact.size_bytes": "Bytes of the file.",
    "Checkpoint.artifacts": "Its files, each with its digest.",
    "Event.data": "What belongs to an event of its type; epochs in it count from 0.",
    "ForkBodyRequest.checkpoint": "Id of the checkpoint to begin with; without, the newest one.",
    "GetResultsAnswer.data": "What came out of a training: best epoch (from 0), scores of the test "
    "part, digests, the model's id.",
    "Metric.epoch": "Number of the epoch, from 0.",
    "Problem.status": "The HTTP status.",
    "Problem.type": "Address of the description of problems of this code.",
    "Problem.code": "Which problem it is, for programs; the reference lists all.",
    "ShownUpload.id": "Id of the upload.",
    "StartBodyRequest.strategy": "Name of a shipped strategy; give this or `strategy_yaml`.",
    "StartBodyRequest.strategy_yaml": "Text of a strategy, in YAML; give this or `strategy`.",
    "StartBodyRequest.name": "What it is called in lists; without, the strategy's own name.",
    "StartBodyRequest.epochs": "Passes over the training part, in place of the strategy's.",
    "StartBodyRequest.symbols": "Whose bars, in place of the strategy's.",
    "StartBodyRequest.timeframes": "Lengths of the bars, in place of the strategy's.",
    "ExtendBodyRequest.epochs": "How many epochs there shall be in all.",
    "StrategyChange.message": "What is different, and why.",
    "Stored.size_bytes": "Bytes of the files of these checkpoints.",
    "Log.text": "The lines that it logged and printed.",
    "Validation.warnings": "What can be trained, but hardly as it was meant.",
}
"""By name, or by schema and name."""

PARAMETERS = {
    "active": "true: only those that have not ended; false: only those that have.",
    "after": "Only what has a greater number than this.",
    "after_epoch": "Only epochs behind this one, counted from 0.",
    "attempt": "Number of the attempt, from 1; without, the current one.",
    "checkpoint_id": "Number of the checkpoint.",
    "created_after": f"Only what was made after this time, {TIME}.",
    "cursor": "Where a page begins, from the address in `next` or `previous`.",
    "force": "Cancel over the head of a worker that does not answer.",
    "format": "json comes in pages; csv and parquet as one file.",
    "model_id": "Number of the model.",
    "name": "Its name.",
    "older_than_days": "Only what is older, in days.",
    "operation_id": "Id of the operation.",
    "operation_type": "Only operations of this kind.",
    "ordering": "By when it was made: with a minus the newest first.",
    "page_size": "How many at most.",
    "resumable": "true: only those that a resume can go on with; false: only the others.",
    "search": "A part of a name, or the beginning or end of an id.",
    "since": "First bar: an ISO date or UTC time; without, the newest 30 bars.",
    "status": "Only those with this status.",
    "symbol": "Whose bars, as imported.",
    "timeframe": "Length of a bar: 1m, 5m, 1h, 1d, 1w, ….",
    "upload_id": "Id of the upload.",
}


def describe_fields(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """drf-spectacular's hook: say of each field and parameter what it is, unless it says so."""
    for name, key, field in fields_of(result):
        if "description" not in field and (words := FIELDS.get(f"{name}.{key}", FIELDS.get(key))):
            field["description"] = words
    for parameter in parameters_of(result):
        if "description" not in parameter and (words := PARAMETERS.get(parameter["name"])):
            parameter["description"] = words
    return result


def fields_of(description: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every member of every schema: the schema's name, the member's name, what is said of it."""
    for name, schema in description["components"]["schemas"].items():
        yield from _members(name, schema)


def parameters_of(description: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for operations in description["paths"].values():
        for operation in operations.values():
            yield from operation.get("parameters", [])


def _members(name: str, schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for key, member in schema.get("properties", {}).items():
        yield name, key, member
        yield from _members(name, member)
        yield from _members(name, member.get("items", {}))
