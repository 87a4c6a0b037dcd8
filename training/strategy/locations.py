"""From pydantic's error locations to the paths people wrote."""

from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import Tag

from training.strategy.faults import Location
from training.strategy.fuzzy_sets import FuzzySet, Membership
from training.strategy.section import Section
from training.strategy.strategy import Strategy


def written_location(location: Location, data: Any) -> Location:
    """
    The place in `data` that an error's location means.

    Leaves out the tags of unions, finds a key under another of its names, and ends where the
    data does: a missing key is named, what would have been inside it is not.
    """
    kind: Any = Strategy
    node: Any = data
    path: list[str | int] = []
    for part in location:
        names = _other_names(kind)
        kind, is_tag = _step(kind, part)
        if is_tag:
            continue
        key = next((name for name in names if names[name] == part and _has(node, name)), part)
        if not isinstance(node, dict) and not _has(node, key):
            break
        path.append(key)
        if not _has(node, key):
            break
        node = node[key]
    return tuple(path)


def accepted_keys(location: Location) -> tuple[str, ...]:
    """Keys that the section accepts in which an error's location ends."""
    kind: Any = Strategy
    for part in location[:-1]:
        kind, _ = _step(kind, part)
    section = _plain(kind)
    if not _is_section(section):
        return ()
    return tuple(field.alias or name for name, field in section.model_fields.items())


def _step(kind: Any, part: str | int) -> tuple[Any, bool]:
    """The kind of value one part further, and whether the part was only a union's tag."""
    kind = _plain(kind)
    if part == "[key]":
        return kind, True
    if _is_union(kind):
        return next((member for member in get_args(kind) if part in _tags(member)), None), True
    if _is_section(kind):
        fields = {field.alias or name: field for name, field in kind.model_fields.items()}
        inside = fields[part].annotation if part in fields else None
        return (Membership if inside is None and kind is FuzzySet else inside), False
    arguments = get_args(kind)
    return (arguments[-1 if get_origin(kind) is dict else 0] if arguments else None), False


def _plain(kind: Any) -> Any:
    """Without annotations, and without `| None`."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if _is_union(kind):
        members = [member for member in get_args(kind) if member is not NoneType]
        return _plain(members[0]) if len(members) == 1 else kind
    return kind


def _tags(member: Any) -> tuple[Any, ...]:
    """What a union's member goes by: its tag, or the one value of its first key."""
    tags = tuple(item.tag for item in get_args(member)[1:] if isinstance(item, Tag))
    section = _plain(member)
    if tags or not _is_section(section):
        return tags
    return get_args(next(iter(section.model_fields.values())).annotation)


def _other_names(kind: Any) -> Mapping[str, str]:
    section = _plain(kind)
    return section.other_names if _is_section(section) else {}


def _is_section(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Section)


def _is_union(kind: Any) -> bool:
    return get_origin(kind) in (Union, UnionType)


def _has(data: Any, key: str | int) -> bool:
    if isinstance(data, list):
        return isinstance(key, int) and key < len(data)
    return isinstance(data, dict) and key in data
