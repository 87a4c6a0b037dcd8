"""Static files under names of their content, which browsers keep for a year.

`/static/VERSION/operations/dashboard.css`: the version is that of all files together, so what one
loads by a relative address (a module, a worker, an icon) has it, too, and nothing is written or
collected after an upgrade.
"""

import functools
import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware

A_YEAR = "public, max-age=31536000, immutable"
VERSION_LENGTH = 16
VERSION = re.compile(rf"([0-9a-f]{{{VERSION_LENGTH}}})/")


@functools.cache
def version() -> str:
    return version_of(_files())


def version_of(files: Iterable[tuple[str, bytes]]) -> str:
    """Of their names and contents: any other file has another."""
    digest = hashlib.sha256()
    for name, content in files:
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:VERSION_LENGTH]


def _files() -> Iterator[tuple[str, bytes]]:
    for finder in finders.get_finders():
        for path, storage in sorted(finder.list(None), key=lambda found: found[0]):
            with storage.open(path) as file:
                yield path, file.read()


class VersionedStaticFiles(StaticFilesStorage):
    def url(self, name: str | None) -> str:
        return super().url(f"{version()}/{name}")


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]
    """Serves them by name, with the version or without.

    Another version's name is a page's from before an upgrade, or of a web process that has it yet
    ahead: it gets what is here, and keeps it for no year.
    """

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path, asked = self._without_version(request.path_info)
        file: Any = self.find_file(path) if self.autorefresh else self.files.get(path)
        if file is None:
            return self.get_response(request)  # type: ignore[no-any-return]
        response: HttpResponseBase = self.serve(file, request)
        if asked == version() and not self.autorefresh:  # while debugging, files change
            response["Cache-Control"] = A_YEAR
        return response

    def _without_version(self, path: str) -> tuple[str, str]:
        prefix: str = self.static_prefix
        found = VERSION.match(path, len(prefix)) if path.startswith(prefix) else None
        return (prefix + path[found.end() :], found[1]) if found else (path, "")
