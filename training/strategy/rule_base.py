"""`model` of type tsk: a network whose hidden layer is rules, written or learned."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Discriminator, Field, Tag

from training.strategy.section import Section
from training.strategy.values import WORD_OR_OTHER, Identifier, Integer, Number, unique

MOST_RULES = 200
MOST_PREMISES = 6

SetNames = Annotated[tuple[Identifier, ...], Field(min_length=1), AfterValidator(unique)]
InputName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=100)]
"""`1d_momentum`, or `momentum` where that is seen at one timeframe only."""
NameOrNames = Annotated[
    Annotated[Identifier, Tag("word")] | Annotated[SetNames, Tag("other")], WORD_OR_OTHER
]
Conditions = dict[InputName, NameOrNames]


def _one_by_one(given: Any) -> tuple[dict[str, tuple[str, ...]], ...]:
    """Mappings as one for each premise: a database keeps the order of a list alone."""
    return tuple(
        {name: (sets,) if isinstance(sets, str) else sets}
        for conditions in ((given,) if isinstance(given, dict) else given)
        for name, sets in conditions.items()
    )


Consequent = tuple[
    Annotated[
        Annotated[Number, Tag("number")] | Annotated[tuple[Number, ...], Tag("list")],
        Discriminator(lambda value: "list" if isinstance(value, list | tuple) else "number"),
    ],
    ...,
]


class Rule(Section):
    """How much a row belongs to some fuzzy sets, and what follows then."""

    model_config = ConfigDict(validate_by_name=False)

    conditions: Annotated[
        Annotated[Conditions, Tag("mapping")] | Annotated[tuple[Conditions, ...], Tag("list")],
        Discriminator(lambda value: "list" if isinstance(value, list | tuple) else "mapping"),
        AfterValidator(_one_by_one),
    ] = Field(
        alias="if",
        description="Memberships by input, `1d_momentum` or `momentum` where that is seen at one "
        "timeframe only; all must hold. A list of memberships is an or: their sum, at most 1. A "
        "list of mappings names an input twice; `{}` always holds.",
    )
    then: Consequent | None = Field(
        None,
        description="Where the consequent begins, a number for each output: what it adds to buy, "
        "hold and sell before the softmax, or the return; 0 without. With `linear` one may be a "
        "list: the constant and a factor for each column.",
    )

    @property
    def premises(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Input and names of its memberships, in order."""
        given: Any = self.conditions  # as `_one_by_one` makes it
        return tuple((name, sets) for mapping in given for name, sets in mapping.items())


class TskArchitecture(Section):
    """Rules, of which those that hold more count more; OTHERWISE counts 0.05 always."""

    rules: Annotated[
        Annotated[Integer, Field(ge=1, le=MOST_RULES), Tag("number")]
        | Annotated[tuple[Rule, ...], Field(min_length=1, max_length=MOST_RULES), Tag("list")],
        Discriminator(lambda value: "list" if isinstance(value, list | tuple) else "number"),
    ] = Field(12, description="How many are learned; or the rules, whose consequents are learned.")
    premises: Annotated[Integer, Field(ge=1, le=MOST_PREMISES)] = Field(
        3, description="Memberships that a rule multiplies, at most."
    )
    consequent: Literal["constant", "linear"] = Field(
        "constant",
        description="What a rule says: always the same, or a linear function of the columns.",
    )
    otherwise: Consequent | None = Field(
        None, description="Where the consequent of OTHERWISE begins, as `then` of a rule."
    )

    @property
    def written(self) -> tuple[Rule, ...]:
        """The rules; none where they are learned."""
        return () if isinstance(self.rules, int) else self.rules

    @property
    def num_rules(self) -> int:
        """OTHERWISE not counted."""
        return self.rules if isinstance(self.rules, int) else len(self.rules)

    @property
    def num_slots(self) -> int:
        """Premises of all rules, used or not."""
        if isinstance(self.rules, int):
            return self.rules * self.premises
        return len(self.rules) * max(1, *(len(rule.premises) for rule in self.rules))


class Tsk(Section):
    """Fuzzy rules over one row, each with a consequent of its own (Takagi, Sugeno 1985)."""

    type: Literal["tsk"]
    architecture: TskArchitecture = Field(default_factory=TskArchitecture, description="Its rules.")

    def num_weights(self, *, memberships: int, columns: int, outputs: int) -> int:
        """Of every choice of a premise, and of every consequent."""
        own = self.architecture
        choices = 0 if own.written else own.num_slots * (memberships + 1)
        factors = columns if own.consequent == "linear" else 0
        return choices + (own.num_rules + 1) * outputs * (1 + factors)
