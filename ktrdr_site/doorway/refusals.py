"""How a request is turned away before it reaches Django."""

import json
import logging

from ktrdr_site.in_turn import Scope, Send
from operations.api.problems import API_ROOT, CONTENT_TYPE, Problem

logger = logging.getLogger(__name__)

MOST_PATH_CHARACTERS = 200
"""In the log: what is sent here may be thousands."""
PLAIN = "text/plain; charset=utf-8"


async def refuse(
    problem: Problem, scope: Scope, send: Send, *, pause_seconds: int | None = None
) -> None:
    """The connection closes: what may still come on it is read by nobody."""
    path = scope["path"][:MOST_PATH_CHARACTERS]
    logger.warning("refused: %s %r: %s", scope["method"][:20], path, problem.code)
    is_api = scope["path"].startswith(API_ROOT)
    content = json.dumps(problem.as_json()) if is_api else f"{problem.detail}\n"
    await answer(
        content,
        send=send,
        status=problem.status,
        content_type=CONTENT_TYPE if is_api else PLAIN,
        more={"connection": "close"} | _retry_after(pause_seconds),
    )


def _retry_after(pause_seconds: int | None) -> dict[str, str]:
    return {} if pause_seconds is None else {"retry-after": str(pause_seconds)}


async def answer(
    content: str, *, send: Send, status: int, content_type: str, more: dict[str, str]
) -> None:
    """The whole of an answer that nobody may keep."""
    body = content.encode()
    headers = {
        "content-type": content_type,
        "content-length": str(len(body)),
        "cache-control": "private, no-store",
        "x-content-type-options": "nosniff",
        **more,
    }
    lines = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": body})
