"""The file in a form: its very bytes, however the form comes in pieces."""

import random
from itertools import pairwise

import pytest

from ktrdr_site.doorway.multipart import BadMultipart, part_reader

TYPE = "multipart/form-data; boundary=----WebKitFormBoundaryX"
MARK = b"------WebKitFormBoundaryX"
HEAD = (
    b'Content-Disposition: form-data; name="file"; filename="my prices.csv"\r\n'
    b"Content-Type: x\r\n\r\n"
)


def form(content: bytes) -> bytes:
    return MARK + b"\r\n" + HEAD + content + b"\r\n" + MARK + b"--\r\n"


def read(body: bytes, *cuts: int, content_type: str = TYPE) -> bytes:
    reader = part_reader(content_type)
    edges = [0, *sorted(cuts), len(body)]
    found = b"".join(reader.feed(body[start:end]) for start, end in pairwise(edges))
    reader.end()
    assert content_type != TYPE or reader.name == "my prices.csv"
    return found


@pytest.mark.parametrize(
    "content", [b"", b"\r\n", b"a,b\r\n1,2\r\n", b"\r\n--", MARK[:-1] * 3, bytes(range(256)) * 9]
)
def test_the_file_is_the_same_wherever_the_body_is_cut(content: bytes) -> None:
    body = form(content)
    assert read(body) == content
    assert read(body, *range(len(body))) == content
    for seed in range(50):
        draw = random.Random(seed)
        assert read(body, *(draw.randrange(len(body)) for _ in range(4))) == content


def test_a_body_of_another_type_is_the_file() -> None:
    assert read(form(b"x"), 3, content_type="text/csv") == form(b"x")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (form(b"x")[:-6], "cut off"),
        (b"", "cut off"),
        (MARK + b"--\r\n", "cut off"),
        (form(b"x").replace(b"filename", b"size"), "is to be the file"),
        (form(b"x")[:-4] + b"\r\n" + HEAD + b"y\r\n" + MARK + b"--\r\n", "more than one field"),
        (b"hello" * 4000, "does not begin with a file"),
        (MARK + b"\r\n" + b"x" * 9000, "does not begin with a file"),
    ],
)
def test_another_form_is_refused(body: bytes, words: str) -> None:
    for cuts in ((), range(len(body))):
        with pytest.raises(BadMultipart, match=words):
            read(body, *cuts)
