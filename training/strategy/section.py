"""What every part of the grammar has in common."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, model_validator


class Section(BaseModel):
    """A mapping of the grammar: an unknown key is an error, and no number may be infinite."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        serialize_by_alias=True,
        validate_by_alias=True,
        validate_by_name=True,
    )

    other_names: ClassVar[Mapping[str, str]] = {}
    """Names of older files, and the key each stands for."""

    @model_validator(mode="before")
    @classmethod
    def _accept_other_names(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        renamed: dict[Any, Any] = {}
        for key, content in value.items():
            name = cls.other_names.get(key, key)
            if name in renamed or (name != key and name in value):
                raise ValueError(f"{name} is given twice, once under another of its names")
            renamed[name] = content
        return renamed
