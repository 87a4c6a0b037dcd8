"""The one file `reader.py` that ships in every bundle, made of the modules that it consists of."""

import ast
from collections import defaultdict
from functools import cache
from pathlib import Path
from types import ModuleType

from training.trained import bundle_reader, rule_reader
from training.trained.from_bars import bar_file, command, indicators, inputs, smoothing

PARTS: tuple[ModuleType, ...] = (
    bundle_reader,
    rule_reader,
    smoothing,
    indicators,
    bar_file,
    inputs,
    command,
)
"""In this order: each uses those before it."""
OURS = "training."


@cache
def reader_source() -> bytes:
    """Its text: the first module's docstring, everybody's imports, then module by module."""
    texts = [Path(str(part.__file__)).read_text() for part in PARTS]
    imported: dict[str, set[str]] = defaultdict(set)
    bodies = [_body(text, imported) for text in texts]
    docstrings = [ast.get_docstring(ast.parse(text)) or "" for text in texts]
    sections = [bodies[0], *map(_section, docstrings[1:], bodies[1:])]
    return "\n\n\n".join([f'"""{docstrings[0]}\n"""\n\n{_imports(imported)}', *sections]).encode()


def _body(text: str, imported: dict[str, set[str]]) -> str:
    """The text without docstring and imports, which are noted by module."""
    lines = text.splitlines()
    _, *statements = ast.parse(text).body
    body = next(line for line in statements if not isinstance(line, ast.Import | ast.ImportFrom))
    for line in statements[: statements.index(body)]:
        if isinstance(line, ast.Import):
            imported[""] |= {ast.unparse(name) for name in line.names}
        elif isinstance(line, ast.ImportFrom) and not str(line.module).startswith(OURS):
            imported[str(line.module)] |= {ast.unparse(name) for name in line.names}
    first = min([body.lineno, *(d.lineno for d in getattr(body, "decorator_list", ()))])
    return "\n".join(lines[first - 1 :]).strip()


def _section(docstring: str, body: str) -> str:
    told = "\n".join(f"# {line}".rstrip() for line in docstring.splitlines())
    return f"# {'-' * 78}\n{told}\n\n\n{body}"


def _imports(imported: dict[str, set[str]]) -> str:
    whole = [f"import {name}" for name in sorted(imported.pop("", ()))]
    parts = [f"from {name} import {', '.join(sorted(imported[name]))}" for name in sorted(imported)]
    return "\n".join([*whole, *parts])
