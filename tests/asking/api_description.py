"""The committed description, read as strictly as it can be."""

import json
from typing import Any

from django.conf import settings

TYPE_TELLS_MORE = {"WholeOperation", "BranchedOperation"}
"""Have members that only the operation's type knows."""


def strict_description() -> dict[str, Any]:
    """With no member in any answer that is not described: clients must ignore such, tests not."""
    document: dict[str, Any] = json.loads(settings.API_DESCRIPTION.read_text())
    for name, component in document["components"]["schemas"].items():
        if "properties" in component and name not in TYPE_TELLS_MORE:
            component["additionalProperties"] = False
    return document
