"""`fuzzy_sets`: the memberships of an indicator's value."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    model_serializer,
    model_validator,
)

from training.strategy.section import Section
from training.strategy.values import IDENTIFIER, IDENTIFIER_TEXT, IndicatorReference, Number


class Triangular(Section):
    """0 outside a and c, 1 at b, straight between; a <= b <= c and a < c."""

    type: Literal["triangular"]
    parameters: tuple[Number, Number, Number] = Field(description="[a, b, c], rising.")

    @model_validator(mode="after")
    def _rises(self) -> Self:
        _check_rising(self.parameters)
        return self


class Trapezoidal(Section):
    """0 outside a and d, 1 from b to c; a <= b <= c <= d and a < d."""

    type: Literal["trapezoidal"]
    parameters: tuple[Number, Number, Number, Number] = Field(description="[a, b, c, d], rising.")

    @model_validator(mode="after")
    def _rises(self) -> Self:
        _check_rising(self.parameters)
        return self


class Gaussian(Section):
    """exp(-((x - centre) / sigma)^2 / 2); sigma > 0."""

    type: Literal["gaussian"]
    parameters: tuple[Number, Number] = Field(description="[centre, sigma]; sigma above 0.")

    @model_validator(mode="after")
    def _has_width(self) -> Self:
        if self.parameters[1] <= 0:
            raise ValueError(f"sigma must be above 0, not {self.parameters[1]}")
        return self


def _bare_list(value: Any) -> Any:
    return {"type": "triangular", "parameters": value} if isinstance(value, list) else value


Membership = Annotated[
    Annotated[Triangular | Trapezoidal | Gaussian, Field(discriminator="type")],
    BeforeValidator(
        _bare_list,
        json_schema_input_type=Annotated[
            Triangular | Trapezoidal | Gaussian, Field(discriminator="type")
        ]
        | tuple[Number, Number, Number],
    ),
]


class FuzzySet(Section):
    """
    An indicator and the named memberships of its value; every key beside `indicator` is one.

    A snapshot lists the memberships under `memberships`, because their order is the features'
    and a database does not keep the order of an object's keys.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Membership] = Field(init=False)

    indicator: IndicatorReference = Field(
        description="Id of an indicator, with .output where it has several."
    )

    @property
    def memberships(self) -> Mapping[str, Triangular | Trapezoidal | Gaussian]:
        """Memberships by name, in the order of the features."""
        return self.__pydantic_extra__

    @model_validator(mode="before")
    @classmethod
    def _accept_snapshot(cls, value: Any) -> Any:
        if not isinstance(value, dict) or not isinstance(value.get("memberships"), list):
            return value
        flat = {key: item for key, item in value.items() if key != "memberships"}
        for membership in value["memberships"]:
            if not isinstance(membership, dict) or not isinstance(membership.get("name"), str):
                raise ValueError("each of memberships needs a name")
            if membership["name"] in flat:
                raise ValueError(f"{membership['name']} is given twice")
            flat[membership["name"]] = {k: v for k, v in membership.items() if k != "name"}
        return flat

    @model_validator(mode="after")
    def _has_memberships(self) -> Self:
        for name in self.memberships:
            if not re.fullmatch(IDENTIFIER, name) or len(name) > 64:
                raise ValueError(f"{name!r} is no name for a membership: {IDENTIFIER_TEXT}")
        if not self.memberships:
            raise ValueError("needs at least one membership, like `low: [0, 30, 45]`")
        return self

    @model_serializer
    def _snapshot(self) -> dict[str, Any]:
        memberships = [
            {"name": name, **membership.model_dump(mode="json")}
            for name, membership in self.memberships.items()
        ]
        return {"indicator": self.indicator, "memberships": memberships}


def _check_rising(parameters: tuple[float, ...]) -> None:
    shown = ", ".join(f"{parameter:g}" for parameter in parameters)
    if list(parameters) != sorted(parameters):
        raise ValueError(f"parameters must not fall, but are [{shown}]")
    if parameters[0] == parameters[-1]:
        raise ValueError(f"the first parameter must be below the last, but they are [{shown}]")
