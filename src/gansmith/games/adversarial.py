"""The two-player game: a critic tells real from generated, a generator makes that hard."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from gansmith.core import randomness
from gansmith.core.schedule import Cosine, constant
from gansmith.core.turns import Step, Turn
from gansmith.objectives import Objective, Penalty


@dataclass(frozen=True, kw_only=True)
class Rules:
    """How the game is played.

    Attributes:
        objective: both players' losses.
        latent: length of z.
        penalty: a term on the critic, or None.
        gamma: the penalty's weight over progress; gamma / 2 multiplies the term.
        penalty_every: the penalty is applied in every such step, its weight multiplied by it.
        critic_sees_apart: real and fake go through the critic in batches of their own, as batch
            normalisation needs; otherwise in one joint batch, which is faster.
        fresh_fakes: the generator's turn draws new latents instead of reusing the critic's fakes.
    """

    objective: Objective
    latent: int
    penalty: Penalty | None = None
    gamma: Cosine = constant(0.0)
    penalty_every: int = 1
    critic_sees_apart: bool = False
    fresh_fakes: bool = False


class Adversarial:
    """Generator against critic, the critic first.

    The fakes drawn for the critic's turn are kept, graph and all, for the generator's: the generator
    has not moved in between, so they are what it would draw again from the same latents.

    Args:
        generator: (z, labels) -> images.
        critic: (images, labels) -> logits (N,).
        rules: objective, penalty and their weights.
        augment: (images, seed, purpose, step index) -> images, what the critic is shown; or None.
    """

    shown = "generator"

    def __init__(
        self,
        generator: nn.Module,
        critic: nn.Module,
        rules: Rules,
        augment: Callable[[Tensor, int, str, int], Tensor] | None = None,
    ):
        self.players = {"critic": critic, "generator": generator}
        self.rules = rules
        self.augment = augment
        self.turns = [Turn("critic", self.critic_loss), Turn("generator", self.generator_loss)]

    def critic_loss(self, step: Step) -> Tensor:
        """(N,): the objective's critic side plus the weighted penalty where it is due."""
        rules = self.rules
        fake = self._draw(step, "latent")
        step.cache["fake"] = fake
        due = rules.penalty is not None and step.index % rules.penalty_every == 0
        real, fake = step.real, fake.detach()
        if rules.critic_sees_apart:
            joint = None
            real_logits, fake_logits = self._judge(real, step, "real"), self._judge(fake, step, "fake")
        else:
            joint = torch.cat([real, fake]).requires_grad_(due)
            logits = self._judge(joint, step, "joint")
            real_logits, fake_logits = logits.chunk(2)
        loss = rules.objective.critic(real_logits, fake_logits)
        step.signals.update(critic_loss=loss.mean(), real_logit=real_logits.mean(), fake_logit=fake_logits.mean())
        if due:
            assert joint is not None, "a gradient penalty needs a critic without batch statistics"
            penalty = self._penalty(joint, logits)
            step.signals["penalty"] = penalty.mean()
            loss = loss + rules.gamma(step.progress) / 2 * rules.penalty_every * penalty
        return loss

    def generator_loss(self, step: Step) -> Tensor:
        """(N,): the objective's generator side, against the same real images."""
        fake = step.cache.pop("fake", None)
        if fake is None or self.rules.fresh_fakes:
            fake = self._draw(step, "latent-generator")
        real_logits = None
        if self.rules.objective.pairs_real:
            with torch.no_grad():
                real_logits = self._judge(step.real, step, "paired")
        loss = self.rules.objective.generator(real_logits, self._judge(fake, step, "generator"))
        step.signals["generator_loss"] = loss.mean()
        return loss

    def _draw(self, step: Step, purpose: str) -> Tensor:
        generator = self.players["generator"]
        z = randomness.normal((len(step.real), self.rules.latent), step.seed, purpose, step.index)
        return generator(z.to(step.real.device, non_blocking=True), step.labels)

    def _judge(self, images: Tensor, step: Step, purpose: str) -> Tensor:
        labels = step.labels
        if labels is not None and len(images) == 2 * len(labels):
            labels = labels.repeat(2)
        shown = self.augment(images, step.seed, purpose, step.index) if self.augment else images
        return self.players["critic"](shown, labels)

    def _penalty(self, joint: Tensor, logits: Tensor) -> Tensor:
        """(N,): the term at the images it is taken at; the halves of a joint term are added."""
        penalty = self.rules.penalty
        assert penalty is not None
        critic = self.players["critic"]
        values = penalty.term(critic, joint, logits).chunk(2)
        return {"real": values[0], "fake": values[1], "both": values[0] + values[1]}[penalty.at]
