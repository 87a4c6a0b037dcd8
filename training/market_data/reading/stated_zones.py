"""Lines beside a table that say on whose clock its times are: `# Timezone: America/New_York`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from training.market_data.reading.zones import parse_zone

_NAMED = re.compile(
    r"(?:time[ _-]?zone|\btz\b|zeitzone|fuso|fuseau|huso|(?:utc|gmt)[ _-]?offset)"
    r"(?: horari[oa]| horaire)?\W*?(?:(?:is|are|in)\b\s*)?(?P<zone>[\w+-].*)?$",
    re.IGNORECASE,
)
_TIMES_ARE = re.compile(
    r"\btime(?:s|stamps?)?(?: (?:are|is|all|given|shown|expressed|displayed|in))+ (?P<zone>\S.*)$",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"(?:UTC|GMT) ?[+-] ?\d{1,2}(?::?\d{2})?", re.IGNORECASE)
_PLAIN = re.compile(r"[A-Za-z_]+(?:/[A-Za-z_]+)+|Z|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?|UTC|GMT")
"""What means one clock: EST may be New York's, or five hours behind UTC all year."""


@dataclass(frozen=True, kw_only=True)
class StatedZone:
    """What a line says of the zone."""

    place: str
    """`line 1`"""
    text: str
    """The line."""
    zone: str | None
    """As `parse_zone` reads it; None of a clock that may be several."""


def stated_zones(lines: Iterable[tuple[int, str]]) -> list[StatedZone]:
    """Of numbered lines that are neither header nor rows of prices."""
    found = []
    for number, line in lines:
        text = line.strip(" \t\r#;,\"'")
        says = _NAMED.search(text) or _TIMES_ARE.search(text)
        if says is not None:
            zone = _zone(says["zone"] or "")
            found.append(StatedZone(place=f"line {number}", text=text, zone=zone))
    return found


def zone_in_name(name: str) -> StatedZone | None:
    """Of a column like `Time (UTC+2)`."""
    found = _OFFSET.search(name)
    if found is None:
        return None
    offset = found[0].replace(" ", "")
    return StatedZone(place="the name of their column", text=name.strip(), zone=_zone(offset))


def _zone(said: str) -> str | None:
    word = re.split(r"[\s;,\"'()\[\]]", said.strip(" ;,\"'(["), maxsplit=1)[0].rstrip(".")
    if not _PLAIN.fullmatch(word.upper() if "/" not in word else word):
        return None
    try:
        return parse_zone("UTC" if word == "Z" else word if "/" in word else word.upper()).text
    except ValueError:
        return None
