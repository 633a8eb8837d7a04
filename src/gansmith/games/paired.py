"""The game of translation where the truth of each given picture is known.

The critic sees the given picture with a true or a made answer; the generator makes two answers of different noise,
whose mean is drawn to the truth.

Source: Isola et al. 2017, arXiv:1611.07004 (conditional critic on patches); Bendel et al. 2023, arXiv:2210.13389.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from gansmith.core import randomness
from gansmith.core.turns import Shown, Step
from gansmith.games.adversarial import Adversarial, Augment, Rules
from gansmith.games.following import follows
from gansmith.objectives.faithful import reconstruction


@dataclass(frozen=True)
class Sides:
    """Rows of a step, as a translation sees them.

    Attributes:
        given: (N, C, H, W) what the generator gets.
        truth: (N, C', H', W') what it should make of it.
        beside: (N, C'', H', W') what the critic is shown with an answer: the given picture at the answer's size.
    """

    given: Tensor
    truth: Tensor
    beside: Tensor


View = Callable[[Tensor], Sides]


@dataclass(frozen=True, kw_only=True)
class Faith:
    """How answers are held to the truth.

    Attributes:
        weight: of the reconstruction beside the critic's verdict.
        spread: times the exact reward of different answers; 0 rewards none.
    """

    weight: float
    spread: float = 1.0


class Paired(Adversarial):
    """Arguments as in ``Adversarial``; real rows hold both sides, which ``view`` tells apart."""

    def __init__(
        self,
        generator: nn.Module,
        critic: nn.Module,
        rules: Rules,
        view: View,
        faith: Faith,
        augment: Augment | None = None,
    ):
        super().__init__(generator, critic, rules, augment)
        self.view, self.faith = view, faith

    def critic_loss(self, step: Step) -> Tensor:
        """(N,): on given pictures with true and with made answers."""
        return super().critic_loss(self._staged(step))

    def generator_loss(self, step: Step) -> Tensor:
        """(N,): the critic's verdict, and the distance from the truth."""
        staged = self._staged(step)
        if "fake" not in step.cache:
            step.cache["fake"] = self._draw(staged, "latent-generator")
        sides, made, maps = step.cache["sides"], step.cache["fake"], step.cache.pop("maps")
        answers = [made[:, sides.beside.shape[1] :]]
        if self.rules.latent and self.faith.spread:
            answers.append(self._answer(maps, step, "latent-other"))
        far = reconstruction(sides.truth, answers, self.faith.spread)
        step.note(reconstruction=far.mean())
        if len(answers) > 1:
            step.note(answers_apart=(answers[0] - answers[1]).abs().mean())
        return super().generator_loss(staged) + self.faith.weight * far

    def tell(self, shown: Shown) -> dict[str, Tensor]:
        """As in ``Adversarial``, of given pictures with answers; and as ``follows``."""
        staged = replace(shown, train=self._joined(shown.train), held=self._joined(shown.held))
        real = self.view(shown.train if shown.held is None else shown.held).truth
        return super().tell(staged) | follows(self.generator, shown.z, shown.labels, real, belong=True)

    def _joined(self, real: Tensor | None) -> Any:
        if real is None:
            return None
        sides = self.view(real)
        return torch.cat([sides.beside, sides.truth], 1)

    def _drawn_for(self, shown: Shown) -> Tensor:
        beside = shown.train[:, : -self.generator.channels]  # pyright: ignore
        held = beside if shown.held is None else shown.held[:, : -self.generator.channels]  # pyright: ignore
        return torch.cat([held, self.generator(shown.z, shown.labels).to(held.dtype)], 1)

    def _staged(self, step: Step) -> Step:
        """The step as the critic sees it: given and true side by side."""
        if "sides" not in step.cache:
            step.cache["sides"] = self.view(step.real)
        sides = step.cache["sides"]
        return replace(step, real=torch.cat([sides.beside, sides.truth], 1))

    def _draw(self, step: Step, purpose: str) -> Tensor:
        sides = step.cache["sides"]
        generator: Any = self.generator
        maps = generator.encode(sides.given)
        step.cache["maps"] = maps
        return torch.cat([sides.beside, self._answer(maps, step, purpose)], 1)

    def _answer(self, maps: list[Tensor], step: Step, purpose: str) -> Tensor:
        generator: Any = self.generator
        z = None
        if self.rules.latent:
            z = randomness.normal((len(step.real), self.rules.latent), step.seed, purpose, step.index)
            z = z.to(step.real.device)
        return generator.decode(maps, z).to(step.real.dtype)
