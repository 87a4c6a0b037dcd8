"""An import as JSON, for commands and the API."""

from typing import Any

from training.models import Import
from training.series.entering import Imported


def import_as_json(one: Import) -> dict[str, Any]:
    """What is known of an import, without the report of its file."""
    return {
        "number": one.number,
        "kind": one.kind,
        "symbol": one.symbol,
        "timeframe": one.timeframe,
        "fingerprint": one.fingerprint,
        "rows": one.num_rows,
        "words": one.words,
        "based_on": one.based_on,
        "back_to": one.back_to,
        "is_kept": one.data_id is not None,
        "by": one.actor_name,
        "at": one.imported_at,
    }


def imported_as_json(imported: Imported) -> dict[str, Any]:
    """What an import did: `report` is of the file, the rest of the series from then on."""
    return {
        **import_as_json(imported.entry),
        "changed": imported.changed,
        "words": list(imported.words),
        "report": imported.report.as_json(),
    }
