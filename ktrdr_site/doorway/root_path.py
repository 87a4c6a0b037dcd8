"""A site below its host's root: what comes in is named without the path, what goes out with it.

The proxy may pass the path on or take it away: both are the same request.
"""

from django.conf import settings

from ktrdr_site.in_turn import Application, Receive, Scope, Send


def without(scope: Scope) -> Scope:
    """As the doorway and its probe know their addresses."""
    root: str = settings.KTRDR_ROOT_PATH
    path: str = scope["path"]
    if not root or not (path == root or path.startswith(f"{root}/")):
        return scope
    return {**scope, "path": path[len(root) :] or "/", "root_path": ""}


class UnderRoot:
    """In front of Django, which takes the path away itself and puts it before what it links to."""

    def __init__(self, django: Application) -> None:
        self._django = django

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if root := settings.KTRDR_ROOT_PATH:
            scope = {**scope, "path": root + scope["path"], "root_path": root}
        await self._django(scope, receive, send)
