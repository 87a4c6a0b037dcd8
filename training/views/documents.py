"""A page of docs/ as a page of the site: the Markdown that our documents use, and no more."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import slugify

from operations.views.base import PageView

_CODE = re.compile(r"`([^`]+)`")
_BOLD = re.compile(r"\*\*([^*]+)\*\*")
"""There may be code in it."""


class EvaluationView(PageView):
    """What the numbers of a test part are."""

    def get(self, request: HttpRequest) -> HttpResponse:
        title, content = rendered(settings.EVALUATION_DOCUMENT)
        context = {"title": title, "content": content}
        return render(request, "training/document.html", context)


@cache
def rendered(path: Path) -> tuple[str, SafeString]:
    """Title and HTML of a document: headings, paragraphs, lists, tables, code, bold."""
    head, _, text = path.read_text(encoding="utf-8").partition("\n")
    return head.removeprefix("# "), format_html_join("\n", "{}", ((it,) for it in _blocks(text)))


def _blocks(text: str) -> Iterator[SafeString]:
    for block in re.split(r"\n{2,}", text.strip("\n")):
        lines = block.split("\n")
        if block.startswith("## "):
            yield format_html('<h2 id="{}">{}</h2>', slugify(block[3:]), _inline(block[3:]))
        elif block.startswith("```"):
            yield format_html('<pre tabindex="0"><code>{}</code></pre>', "\n".join(lines[1:-1]))
        elif block.startswith("|"):
            yield _table([_cells(line) for line in lines])
        elif block.startswith("- "):
            items = re.split(r"\n(?=- )", block)
            told = format_html_join("", "<li>{}</li>", ((_inline(item[2:]),) for item in items))
            yield format_html("<ul>{}</ul>", told)
        else:
            yield format_html("<p>{}</p>", _inline(block))


def _table(rows: list[list[str]]) -> SafeString:
    """A row that begins with code can be linked to by that name."""
    head, _, *body = rows
    heads = format_html_join("", '<th scope="col">{}</th>', ((_inline(cell),) for cell in head))
    told = format_html_join("\n", "<tr{}>{}</tr>", ((_id(row[0]), _row(row)) for row in body))
    return format_html(
        '<div class="scroll" tabindex="0" role="region" aria-label="{}"><table class="table">'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>",
        f"Table by {head[0].strip('`')}",
        heads,
        told,
    )


def _row(cells: list[str]) -> SafeString:
    first = format_html('<th scope="row">{}</th>', _inline(cells[0]))
    others = format_html_join("", "<td>{}</td>", ((_inline(cell),) for cell in cells[1:]))
    return format_html("{}{}", first, others)


def _id(cell: str) -> SafeString | str:
    name = _CODE.fullmatch(cell)
    return format_html(' id="{}"', name[1]) if name else ""


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def _inline(text: str) -> SafeString:
    plain, *others = _BOLD.split(text)
    pairs = zip(others[::2], others[1::2], strict=True)
    told = ((_with_code(bold), _with_code(rest)) for bold, rest in pairs)
    return _with_code(plain) + format_html_join("", "<strong>{}</strong>{}", told)


def _with_code(text: str) -> SafeString:
    plain, *others = _CODE.split(text)
    pairs = zip(others[::2], others[1::2], strict=True)
    return format_html("{}{}", plain, format_html_join("", "<code>{}</code>{}", pairs))
