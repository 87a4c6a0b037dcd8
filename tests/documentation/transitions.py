"""The state machine, as the docstrings in `operations/lifecycle.py` tell it."""

import ast
import inspect
import re
from dataclasses import dataclass

from operations import lifecycle
from tests.documentation.table import table

EDGE = re.compile(r"^[a-z, ]+ → [a-z]+(; [a-z, ]+ → [a-z]+)*\.$")


@dataclass(frozen=True, kw_only=True)
class Transition:
    """One function of the lifecycle."""

    name: str
    summary: str
    edges: dict[str, str]
    """Where each situation leads to; in one that is not named it changes nothing."""
    events: tuple[str, ...]


def transitions() -> list[Transition]:
    """In the order of the module."""
    found = []
    for node in ast.parse(inspect.getsource(lifecycle)).body:
        if isinstance(node, ast.FunctionDef) and (docstring := ast.get_docstring(node)):
            *lines, last = docstring.splitlines()
            if EDGE.match(last):
                found.append(_transition(node, " ".join(lines), last))
    return found


def written_into(page: str) -> str:
    """The page with the table as it is now, between its two marks."""
    before, begin, rest = page.partition("<!-- transitions: made by `make reference` -->\n")
    _, end, after = rest.partition("<!-- end of transitions -->")
    return f"{before}{begin}{as_table()}\n{end}{after}"


def as_table() -> str:
    rows = [
        (
            f"`{it.name}`",
            _arrows(it.edges),
            ", ".join(f"`{event}`" for event in it.events),
            it.summary,
        )
        for it in transitions()
    ]
    return table(("function", "from → to", "event", ""), rows)


def _transition(node: ast.FunctionDef, docstring: str, edges: str) -> Transition:
    leads = {}
    for edge in edges.rstrip(".").split("; "):
        sources, _, target = edge.partition(" → ")
        leads |= dict.fromkeys(sources.split(", "), target)
    return Transition(
        name=node.name,
        summary=docstring.partition(". ")[0].rstrip(".") + ".",
        edges=leads,
        events=tuple(dict.fromkeys(_events(node))),
    )


def _events(node: ast.FunctionDef) -> list[str]:
    return [
        inner.attr.lower()
        for inner in ast.walk(node)
        if isinstance(inner, ast.Attribute)
        and isinstance(inner.value, ast.Name)
        and inner.value.id == "EventType"
    ]


def _arrows(edges: dict[str, str]) -> str:
    targets = dict.fromkeys(edges.values())
    grouped = {to: [source for source, target in edges.items() if target == to] for to in targets}
    return "; ".join(f"{', '.join(sources)} → {to}" for to, sources in grouped.items())
