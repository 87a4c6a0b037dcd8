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

from training.strategy import learnable
from training.strategy.section import Section
from training.strategy.values import IDENTIFIER, IDENTIFIER_TEXT, IndicatorReference, Number


class Straight(Section):
    """A membership of straight lines, with four corners."""

    @property
    def corners(self) -> tuple[float, float, float, float]:
        """a, b, c, d: 0 outside [a, d], 1 on [b, c], straight in between."""
        raise NotImplementedError

    @property
    def extent(self) -> tuple[float, float]:
        """From where to where it is above 0."""
        return self.corners[0], self.corners[3]

    @property
    def widths(self) -> tuple[float, ...]:
        """Left flank, half the plateau, right flank; each may be 0, not all of them."""
        a, b, c, d = self.corners
        return b - a, (c - b) / 2.0, d - c


class Triangular(Straight):
    """0 outside a and c, 1 at b, straight between; a <= b <= c and a < c."""

    type: Literal["triangular"]
    parameters: tuple[Number, Number, Number] = Field(description="[a, b, c], rising.")

    @property
    def corners(self) -> tuple[float, float, float, float]:
        a, b, c = self.parameters
        return a, b, b, c

    @model_validator(mode="after")
    def _rises(self) -> Self:
        _check_rising(self.parameters)
        return self


class Trapezoidal(Straight):
    """0 outside a and d, 1 from b to c; a <= b <= c <= d and a < d."""

    type: Literal["trapezoidal"]
    parameters: tuple[Number, Number, Number, Number] = Field(description="[a, b, c, d], rising.")

    @property
    def corners(self) -> tuple[float, float, float, float]:
        return self.parameters

    @model_validator(mode="after")
    def _rises(self) -> Self:
        _check_rising(self.parameters)
        return self


class Gaussian(Section):
    """exp(-((x - centre) / sigma)^2 / 2); sigma > 0."""

    type: Literal["gaussian"]
    parameters: tuple[Number, Number] = Field(description="[centre, sigma]; sigma above 0.")

    @property
    def extent(self) -> tuple[float, float]:
        """Two sigma on each side; it ends nowhere."""
        return self.peak - 2.0 * self.widths[0], self.peak + 2.0 * self.widths[0]

    @property
    def peak(self) -> float:
        return self.parameters[0]

    @property
    def widths(self) -> tuple[float, ...]:
        """Sigma alone."""
        return self.parameters[1:]

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


class Learning(Section):
    """How fast the memberships are learned, and what holds them."""

    rate: Annotated[Number, Field(gt=0, le=100)] = Field(
        0.1, description="Multiplies the learning rate of the schedule."
    )
    pull: Annotated[Number, Field(ge=0, le=1e6)] = Field(
        0.0,
        description="Draws the memberships to those of this file: a step takes the share "
        "learning rate x `rate` x `pull` of the way back.",
    )


def _switched(value: Any) -> Any:
    """`true` and `false` in place of settings."""
    if isinstance(value, bool):
        return {} if value else None
    if not isinstance(value, dict | Learning | None):
        raise ValueError(
            "is a reserved name: true, false or {rate: …, pull: …}; a membership needs another one"
        )
    return value


class FuzzySet(Section):
    """
    An indicator and the named memberships of its value; every key beside `indicator` and `learn`
    is one.

    A snapshot lists the memberships under `memberships`, because their order is the features'
    and a database does not keep the order of an object's keys.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Membership] = Field(init=False)

    indicator: IndicatorReference = Field(
        description="Id of an indicator, with .output where it has several."
    )
    learn: Annotated[
        Learning | None, BeforeValidator(_switched, json_schema_input_type=bool | Learning | None)
    ] = Field(
        None,
        description="Whether the memberships are learned with the network's weights, beginning at "
        "these; `true`, or a mapping.",
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
            if membership["name"] in cls.model_fields:
                raise ValueError(f"{membership['name']} is a reserved name")
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
        if self.learn is not None:
            learnable.check(self.memberships)
        return self

    @model_serializer
    def _snapshot(self) -> dict[str, Any]:
        memberships = [
            {"name": name, **membership.model_dump(mode="json")}
            for name, membership in self.memberships.items()
        ]
        learning = {"learn": self.learn.model_dump(mode="json")} if self.learn else {}
        return {"indicator": self.indicator, **learning, "memberships": memberships}


def _check_rising(parameters: tuple[float, ...]) -> None:
    shown = ", ".join(f"{parameter:g}" for parameter in parameters)
    if list(parameters) != sorted(parameters):
        raise ValueError(f"parameters must not fall, but are [{shown}]")
    if parameters[0] == parameters[-1]:
        raise ValueError(f"the first parameter must be below the last, but they are [{shown}]")
