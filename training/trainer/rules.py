"""A network whose hidden layer is rules: how much each holds, and what follows then."""

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from training.features.plan import network_inputs, plan_features
from training.features.rules import beginnings, selection, written_rules
from training.strategy.rule_base import TskArchitecture
from training.trained.rule_reader import OTHERWISE
from training.trainer.learned_sets import LearnedSets

if TYPE_CHECKING:
    from training.strategy import Strategy

SPREAD = 0.3
"""Deviation of the weights that choices begin with."""


class HardChoice(torch.autograd.Function):
    """Of each premise the membership that weighs most; the slopes are those of the softmax.

    Memberships [batch, memberships] and weights [premises, memberships + 1] to factors
    [batch, premises]: 1 where a premise chooses the last one, which is none, or what an earlier
    premise of its rule has chosen.
    """

    @staticmethod
    def forward(ctx: Any, memberships: Tensor, weights: Tensor, num_rules: int) -> Tensor:
        chosen = weights.argmax(dim=1)
        counts = ~_is_repeated(chosen.view(num_rules, -1)).view(-1)
        counts &= chosen < memberships.shape[1]
        ctx.save_for_backward(memberships, weights, chosen, counts)
        none = memberships.new_ones(len(memberships), 1)
        factors = torch.cat([memberships, none], dim=1).index_select(1, chosen)
        return torch.where(counts, factors, 1.0)

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor | None, Tensor, None]:
        memberships, weights, chosen, counts = ctx.saved_tensors
        (slope,) = slopes
        of_members = None
        if ctx.needs_input_grad[0]:
            picked = nn.functional.one_hot(chosen, weights.shape[1])[:, :-1]
            of_members = torch.where(counts, slope, 0.0) @ picked.to(slope.dtype)
        worth = torch.cat([slope.T @ memberships, slope.sum(dim=0)[:, None]], dim=1)
        shares = torch.softmax(weights, dim=1)
        of_weights = shares * (worth - (shares * worth).sum(dim=1, keepdim=True))
        return of_members, of_weights, None


def _is_repeated(chosen: Tensor) -> Tensor:
    """[rules, premises]: whether an earlier premise of the rule has chosen the same."""
    same = chosen[:, :, None] == chosen[:, None, :]
    return same.tril(diagonal=-1).any(dim=2)


class RuleBase(nn.Module):
    """Rules of memberships: columns [batch, columns] to outputs [batch, outputs].

    Each rule's strength is the product of its factors, that of OTHERWISE is 0.05; the outputs are
    the consequents' mean by strength (Takagi, Sugeno 1985). With `sets` columns are those that
    these make inputs of.
    """

    choice: nn.Parameter | None
    selects: Tensor
    places: Tensor

    def __init__(
        self,
        strategy: "Strategy",
        architecture: TskArchitecture,
        columns: int,
        outputs: int,
        *,
        sets: LearnedSets | None = None,
    ) -> None:
        super().__init__()
        self.sets = sets
        self.num_rules, self.num_slots = architecture.num_rules, architecture.num_slots
        inputs = network_inputs(plan_features(strategy))
        places = [number for number, it in enumerate(inputs) if it.membership is not None]
        self.register_buffer("places", torch.tensor(places), persistent=False)
        self.num_inputs = len(inputs)
        if architecture.written:
            slots = selection(strategy, written_rules(strategy))
            flat = torch.from_numpy(slots.reshape(-1, slots.shape[-1]))
            self.register_buffer("selects", flat, persistent=False)
            self.choice = None
        else:
            shape = architecture.num_slots, len(places) + 1
            self.choice = nn.Parameter(SPREAD * torch.randn(shape))
        linear = architecture.consequent == "linear"
        begin = beginnings(architecture, outputs=outputs, columns=columns)
        values = torch.from_numpy(begin.astype(np.float32))
        self.then = nn.Parameter(values[:, :, 0].clone())
        """[rules + 1, outputs]: the constants; the last row is of OTHERWISE."""
        self.factors = (
            nn.Parameter(values[:, :, 1:].reshape(-1, columns).clone()) if linear else None
        )
        """[(rules + 1) x outputs, columns]"""

    def written_slots(self) -> list[list[int]] | None:
        """Of each slot the memberships that it counts; None where they are learned."""
        if self.choice is not None:
            return None
        return [slot[:-1].nonzero().view(-1).tolist() for slot in self.selects]

    def forward(self, columns: Tensor) -> Tensor:
        seen = columns if self.sets is None else self.sets(columns)
        shares = self._shares(seen)
        if self.factors is None:
            return shares @ self.then
        said = columns @ self.factors.T + self.then.view(-1)
        return (shares[:, :, None] * said.view(len(said), *self.then.shape)).sum(dim=1)

    def _shares(self, seen: Tensor) -> Tensor:
        """[batch, rules + 1]: what each rule counts for."""
        members = seen
        if len(self.places) < self.num_inputs:
            members = seen.index_select(1, self.places)
        factors = self._factors(members).view(len(members), self.num_rules, -1)
        strength = factors[:, :, 0]
        for slot in range(1, factors.shape[2]):
            strength = strength * factors[:, :, slot]
        always = strength.new_full((len(strength), 1), OTHERWISE)
        strengths = torch.cat([strength, always], dim=1)
        return strengths / strengths.sum(dim=1, keepdim=True)

    def _factors(self, members: Tensor) -> Tensor:
        if self.choice is not None:
            chosen: Tensor = HardChoice.apply(  # type: ignore[no-untyped-call]
                members, self.choice, self.num_rules
            )
            return chosen
        sums = members @ self.selects[:, :-1].T + self.selects[:, -1]
        return sums.clamp(max=1.0)
