"""The one file in a form as a browser sends it (RFC 7578), while it comes."""

import re
from typing import Protocol

MOST_HEADER_BYTES = 8 * 1024
"""Of the file's part, its name among them."""
BOUNDARY = re.compile(r'multipart/form-data\s*;.*?boundary="?([^";,\s]{1,70})"?', re.IGNORECASE)


class BadMultipart(ValueError):
    """A form that holds no file, or more than one; the message says which."""


FILE_NAME = re.compile(rb'\bfilename="((?:[^"\\\r\n]|\\.)*)"')


class PartReader(Protocol):
    name: str | None
    """Of the file, as its form says it."""

    def feed(self, piece: bytes) -> bytes:
        """What of a piece of the body is the file's. Raises `BadMultipart`."""

    def end(self) -> None:
        """The body is over. Raises `BadMultipart`."""


def part_reader(content_type: str) -> PartReader:
    """By the type of the body: the file in a form, or the body itself."""
    found = BOUNDARY.match(content_type)
    return OnePart(found[1].encode("latin-1")) if found else Whole()


class Whole:
    """A body that is the file."""

    name: str | None = None

    def feed(self, piece: bytes) -> bytes:
        return piece

    def end(self) -> None:
        pass


class OnePart:
    """A form of one field."""

    def __init__(self, boundary: bytes) -> None:
        self.name: str | None = None
        self._delimiter = b"\r\n--" + boundary
        self._held = b"\r\n"  # as if the first delimiter began a line, as the others do
        self._is_inside = self._is_over = False

    def feed(self, piece: bytes) -> bytes:
        self._held += piece
        if not (self._is_inside or self._is_over):
            self._look_for_the_file()
        if self._is_inside:
            return self._of_the_file()
        if self._is_over:
            self._look_for_another()
        return b""

    def end(self) -> None:
        if not self._is_over:
            raise BadMultipart("The form is cut off, or has no file.")

    def _look_for_the_file(self) -> None:
        head, blank, rest = self._held.partition(b"\r\n\r\n")
        if len(head) > MOST_HEADER_BYTES or not self._held.startswith(
            self._delimiter[: len(self._held)]
        ):
            raise BadMultipart("The form does not begin with a file.")
        if blank:
            if (found := FILE_NAME.search(head)) is None:
                raise BadMultipart("The form's one field is to be the file.")
            self.name = found[1].decode(errors="replace")
            self._is_inside, self._held = True, rest

    def _of_the_file(self) -> bytes:
        """All but what could be the beginning of the delimiter."""
        content, found, rest = self._held.partition(self._delimiter)
        if found:
            self._is_inside, self._is_over, self._held = False, True, rest
            self._look_for_another()
            return content
        keep = min(len(self._delimiter) - 1, len(content))
        self._held = content[len(content) - keep :]
        return content[: len(content) - keep]

    def _look_for_another(self) -> None:
        """After the last delimiter come two dashes."""
        if len(self._held) >= 2 and not self._held.startswith(b"--"):
            raise BadMultipart("The form has more than one field: send the file alone.")
        self._held = self._held[:2]
