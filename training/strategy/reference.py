"""
The JSON schema for editors and the reference page, both generated from the grammar.

`python -m training.strategy.reference` writes them to `docs/`; with `--check` it only says, by its
exit code, whether they are current.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from training.strategy.faults import dotted
from training.strategy.indicators import Indicator, IndicatorSection
from training.strategy.lenient import KEYS_THAT_ACTED, KEYS_WITHOUT_EFFECT
from training.strategy.strategy import Strategy
from training.strategy.values import Source

DOCS = Path(__file__).parents[2] / "docs"
Schema = dict[str, Any]

_WORDS = {
    "integer": "whole number",
    "number": "number",
    "string": "text",
    "boolean": "`true` `false`",
    "object": "mapping",
    "null": "`null`",
}

INTRODUCTION = """\
# Strategy reference

Generated from the grammar in `training/strategy/` by `python -m training.strategy.reference`: do
not edit. An editor that knows YAML schemas completes and checks strategies with
`strategy.schema.json`, for instance after a first line
`# yaml-language-server: $schema=docs/strategy.schema.json`. `manage.py validate_strategy FILE…`
also checks what a schema cannot say, and names every fault with its line.

Every key has an effect or is refused. Ids are a letter, then letters, digits, `_` or `-`; the dot
is for an indicator's outputs.
"""


def json_schema() -> str:
    """The grammar as a JSON schema (draft 2020-12)."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    schema |= Strategy.model_json_schema()
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def reference() -> str:
    """The grammar as a page of Markdown."""
    schema = Strategy.model_json_schema()
    parts = [INTRODUCTION, *_sections(schema), _indicators(), _lenient()]
    return "\n".join(parts)


def _sections(root: Schema) -> Iterator[str]:
    """Every section but the indicators, each once, those inside a section right after it."""
    definitions = root["$defs"]
    seen = set()
    waiting = [("The document", root)]
    while waiting:
        title, section = waiting.pop(0)
        if section["title"] in seen:
            continue
        seen.add(section["title"])
        yield _section(title, section)
        inside = _inside(section, "" if section is root else title.split(" ")[0] + ".")
        waiting = [
            (_title(path, definitions[name]), definitions[name]) for path, name in inside
        ] + waiting


def _inside(section: Schema, prefix: str) -> Iterator[tuple[str, str]]:
    """Paths and names of the definitions that a section's keys refer to."""
    for key, value in section["properties"].items():
        if key != "indicators":
            yield from ((prefix + key, name) for name in _references(value))
    others = section.get("additionalProperties")
    yield from ((f"{prefix}NAME", name) for name in _references(others))


def _title(path: str, section: Schema) -> str:
    """`training.labels (source: zigzag)`; a section without a tag goes by its first key."""
    key, first = next(iter(section["properties"].items()))
    if "const" in first:
        return f"{path} ({key}: {first['const']})"
    is_of_lists = first.get("items", {}).get("type") == "array"
    return f"{path} ({key}: lists, …)" if is_of_lists else f"{path} ({key}, …)"


def _section(title: str, section: Schema) -> str:
    lines = [f"## {title}", "", _paragraph(section["description"]), ""]
    lines += ["| key | accepts | default | definition |", "|---|---|---|---|"]
    for key, value in section["properties"].items():
        default = _default(value, required=key in section.get("required", ()))
        lines.append(f"| `{key}` | {_accepts(value)} | {default} | {_cell(value)} |")
    return "\n".join(lines) + "\n"


def _accepts(value: Schema) -> str:
    """What a value may be, in words."""
    for key in ("anyOf", "oneOf"):
        if key in value:
            return " or ".join(dict.fromkeys(_accepts(choice) for choice in value[key]))
    if "enum" in value or "const" in value:
        return " ".join(f"`{word}`" for word in value.get("enum", [value.get("const")]))
    if value.get("type") == "array":
        return _list(value)
    return f"{_WORDS[value.get('type', 'object')]}{_range(value)}"


def _list(value: Schema) -> str:
    if "prefixItems" in value:
        kind = _WORDS[value["prefixItems"][0]["type"]]
        return f"list of {len(value['prefixItems'])} {'texts' if kind == 'text' else f'{kind}s'}"
    longest = f", at most {value['maxItems']}" if "maxItems" in value else ""
    return f"list of: {_accepts(value['items'])}{longest}"


def _range(value: Schema) -> str:
    low, high = value.get("minimum"), value.get("maximum")
    above, below = value.get("exclusiveMinimum"), value.get("exclusiveMaximum")
    bounds = [
        f"from {low:,}" if low is not None else "",
        f"above {above:,}" if above is not None else "",
        f"to {high:,}" if high is not None else "",
        f"below {below:,}" if below is not None else "",
    ]
    return "".join(f" {bound}" for bound in bounds if bound)


def _default(value: Schema, *, required: bool) -> str:
    if required:
        return "required"
    if value.get("default") is None:
        return "none"
    return f"`{json.dumps(value['default'])}`"


def _cell(value: Schema) -> str:
    return _paragraph(value.get("description", "")).replace("|", "\\|")


def _paragraph(text: str) -> str:
    return " ".join(text.split())


def _references(value: Any) -> list[str]:
    """Names of the definitions a schema refers to, each once."""
    if isinstance(value, dict):
        own = [value["$ref"].rpartition("/")[2]] if "$ref" in value else []
        inner = [name for key, item in value.items() if key != "$ref" for name in _references(item)]
        return list(dict.fromkeys(own + inner))
    if isinstance(value, list):
        return list(dict.fromkeys(name for item in value for name in _references(item)))
    return []


def _indicators() -> str:
    lines = [
        "## `indicators.NAME`",
        "",
        "Parameters stand beside `type`. Of several outputs one is chosen with a dot: "
        "`macd_std.histogram`. "
        f"`source` is one of {', '.join(get_args(Source))}, default close.",
        "",
        "| type | parameters | outputs | definition |",
        "|---|---|---|---|",
    ]
    lines += [_indicator(indicator) for indicator in get_args(get_args(Indicator)[0])]
    return "\n".join(lines) + "\n"


def _indicator(indicator: type[IndicatorSection]) -> str:
    schema = indicator.model_json_schema()
    properties = dict(schema["properties"])
    name = properties.pop("type")["const"]
    parameters = "; ".join(
        f"`{key}` {_accepts(value)}, default {_default(value, required=False)}"
        for key, value in properties.items()
        if key != "source"
    )
    if "source" in properties:
        parameters += "; `source`"
    outputs = " ".join(
        f"`{output}`" + (" (never an input)" if output in indicator.look_ahead else "")
        for output in indicator.outputs
    )
    if "" in indicator.look_ahead:
        outputs = "(never an input)"
    return f"| `{name}` | {parameters or 'none'} | {outputs or 'one'} | {_cell(schema)} |"


def _lenient() -> str:
    keys, acted = (
        ", ".join(f"`{dotted(path)}`" for path in sorted(paths, key=str))
        for paths in (KEYS_WITHOUT_EFFECT, KEYS_THAT_ACTED)
    )
    return f"""\
## Older files

`manage.py convert_strategy FILE…` writes a file of the original KTRDR as one of this grammar, and
tells every difference.

With `--lenient` these keys, which never had an effect, are ignored with a warning: {keys}; and
these, which acted in the backtest of the original KTRDR and do nothing here: {acted}.

Always understood: `training_data.date_range` with `start` and `end`, the zigzag labels'
`zigzag_threshold` and `label_lookahead`, and keltner's `ema` and `atr`.
"""


def main() -> int:
    """Write both files, or check them; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="Write nothing.")
    check = parser.parse_args().check
    stale = []
    for name, text in documents().items():
        path = DOCS / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if not check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    for name in stale:
        print(f"docs/{name} {'is not current' if check else 'written'}")
    return int(check and bool(stale))


def documents() -> dict[str, str]:
    """Names of the generated files in `docs/`, and what they hold.

    The editor of the start page reads the schema, too, where a browser can ask for it.
    """
    return {
        "strategy.schema.json": json_schema(),
        "STRATEGY_REFERENCE.md": reference(),
        "../training/static/training/strategy.schema.json": json_schema(),
    }


if __name__ == "__main__":
    raise SystemExit(main())
