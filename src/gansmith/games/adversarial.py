"""The two-player game: a critic tells real from generated, a generator makes that hard."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from gansmith.core import randomness
from gansmith.core.schedule import Cosine, constant
from gansmith.core.turns import Shown, Step, Turn
from gansmith.games.packing import pack, unpack
from gansmith.games.penalising import Taken, penalty_at
from gansmith.networks.constraints import held
from gansmith.objectives import Objective, Penalty
from gansmith.objectives.patches import over_patches

OTHER_LABELS = (1, 2, 3, 5)  # so many rows further on

Augment = Callable[[Tensor, int, str, int], Tensor]


@dataclass(frozen=True, kw_only=True)
class Rules:
    """How the game is played.

    Attributes:
        objective: both players' losses.
        latent: length of z.
        penalty: a term on the critic, or None.
        gamma: the penalty's weight over progress; gamma times the penalty's own factor multiplies the term.
        penalty_every: the penalty is applied in every such step, its weight multiplied by it.
        generator_penalty: a term on the generator, or None.
        generator_gamma: its weight, constant.
        critic_sees_apart: real and fake go through the critic in batches of their own, as batch
            normalisation needs; otherwise in one joint batch, which is faster.
        packing: so many images make one sample of the critic's.
        critic_steps: steps of the critic for one of the generator.
        first: who moves first in a step in which both do.
        classify: weight of the auxiliary classifier's cross-entropy, learned on real images and
            asked of the fakes; 0 without one.
    """

    objective: Objective
    latent: int
    penalty: Penalty | None = None
    gamma: Cosine = constant(0.0)
    penalty_every: int = 1
    generator_penalty: Penalty | None = None
    generator_gamma: float = 0.0
    critic_sees_apart: bool = False
    packing: int = 1
    critic_steps: int = 1
    first: Literal["critic", "generator"] = "critic"
    classify: float = 0.0


class Adversarial:
    """Generator against critic, the critic first unless the rules say otherwise.

    The fakes drawn for the critic's turn are kept, graph and all, for the generator's where that
    follows: the generator has not moved in between, so they are what it would draw again from the
    same latents.

    Args:
        generator: (z, labels) -> images.
        critic: (images, labels) -> logits (N,), or (N, K) on patches, which count alike.
        rules: objective, penalties and their weights.
        augment: (images, seed, purpose, step index) -> images, what the critic is shown; or None.
        alter: the same, for penalties that compare an image with an altered copy of itself; or None.
    """

    def __init__(
        self,
        generator: nn.Module,
        critic: nn.Module,
        rules: Rules,
        augment: Augment | None = None,
        alter: Augment | None = None,
    ):
        self.players: dict[str, nn.Module] = {"critic": critic, "generator": generator}
        self.shown = self.generator = generator
        self.critic = critic
        self.rules, self.augment, self.alter = rules, augment, alter
        self.turns = self._order("generator")

    def _order(self, maker: str) -> list[Turn]:
        turns = [Turn("critic", self.critic_loss), Turn(maker, self.generator_loss, self.rules.critic_steps)]
        return turns if self.rules.first == "critic" else turns[::-1]

    def critic_loss(self, step: Step) -> Tensor:
        """(N,): the objective's critic side plus the weighted terms that are due."""
        rules = self.rules
        due = rules.penalty is not None and step.index % rules.penalty_every == 0
        real, fake = pack(step.real, rules.packing), pack(self._fakes_for_the_critic(step), rules.packing)
        if rules.critic_sees_apart:
            real, fake = real.detach().requires_grad_(due), fake.requires_grad_(due)
            real_logits, fake_logits = self._judge(real, step, "real"), self._judge(fake, step, "fake")
            taken = [Taken(real, over_patches(real_logits), "real"), Taken(fake, over_patches(fake_logits), "fake")]
        else:
            joint = torch.cat([real, fake]).requires_grad_(due)
            logits = self._judge(joint, step, "joint")
            real_logits, fake_logits = logits.chunk(2)
            taken = [Taken(joint, over_patches(logits), "joint")]
        loss = over_patches(rules.objective.critic(real_logits, fake_logits))
        step.note(critic_loss=loss.mean(), real_logit=real_logits.mean(), fake_logit=fake_logits.mean())
        step.note(real_sign=real_logits.sign().mean())
        if due:
            penalty = self._penalty(step, real, fake, taken)
            step.note(penalty=penalty.mean())
            assert rules.penalty is not None
            loss = loss + rules.gamma(step.progress) * rules.penalty.factor * rules.penalty_every * penalty
        return self._with_side_tasks(loss, step)

    def generator_loss(self, step: Step) -> Tensor:
        """(N,): the objective's generator side, against the same real images."""
        rules = self.rules
        fake = step.cache.pop("fake", None)
        if fake is None:
            fake = self._draw(step, "latent-generator")
        reads_features = rules.objective.reads_features
        seen = None
        if rules.objective.pairs_real:
            with torch.no_grad():
                seen = self._judge(pack(step.real, rules.packing), step, "paired")
                seen = step.cache.pop("features-paired") if reads_features else seen
        judged = self._judge(pack(fake, rules.packing), step, "generator")
        features = step.cache.pop("features-generator", None)
        loss = over_patches(rules.objective.generator(seen, features if reads_features else judged))
        step.note(generator_loss=loss.mean())
        if rules.classify:
            asked = self.fake_labels(step.labels)
            assert asked is not None and features is not None
            loss = loss + rules.classify * self._wrong_class(features, asked)
        if rules.generator_penalty is not None:
            loss = loss + self._generator_penalty(step, fake)
        return loss

    def tell(self, shown: Shown) -> dict[str, Tensor]:
        """What the critic makes of images that it is trained on, of held-out and of drawn ones.

        Returns:
            ``train_logit``, ``held_logit``, ``fake_logit``: means; ``logit_deviation``: of the first and the last.
            ``caught``, ``held_caught``: shares of (real, fake) pairs in which the real one has the higher logit.
            ``train_slope``, ``fake_slope``: root mean square length of the logit's gradient in the image.
            ``label_gap``: with labels, how much of the verdict they alone give away, in deviations of the logit.
            ``answer``: mean size of the generator's loss' derivative in the fake logit; near 0 nothing is learned.
        """
        fake = self._drawn_for(shown).detach().to(shown.train.dtype)
        train_logits, train_slope = self._read(shown.train, shown.train_labels)
        fake_logits, fake_slope = self._read(fake, shown.labels)
        told = {"train_logit": train_logits.mean(), "fake_logit": fake_logits.mean()}
        told |= {
            "logit_deviation": torch.cat([train_logits, fake_logits]).std(),
            "caught": _above(train_logits, fake_logits),
        }
        told |= {"train_slope": train_slope, "fake_slope": fake_slope}
        if shown.held is not None:
            held_logits, _ = self._read(shown.held, shown.held_labels)
            told |= {"held_logit": held_logits.mean(), "held_caught": _above(held_logits, fake_logits)}
        if shown.train_labels is not None and shown.labels is not None and self.rules.packing == 1:
            gap = self._gap_by_labels(torch.cat([shown.train, fake]), shown.train_labels, shown.labels)
            told["label_gap"] = gap / told["logit_deviation"].clamp_min(1e-9)
        if not self.rules.objective.reads_features:
            loss = self.rules.objective.generator(train_logits, fake_logits.requires_grad_()).sum()
            told["answer"] = torch.autograd.grad(loss, fake_logits)[0].abs().mean()
        return told

    def _drawn_for(self, shown: Shown) -> Tensor:
        return self.generator(shown.z, shown.labels)

    def _read(self, images: Tensor, labels: Tensor | None) -> tuple[Tensor, Tensor]:
        """Logits of unaltered images, detached, and the length of their gradient."""
        packed = pack(images, self.rules.packing).requires_grad_()
        logits = over_patches(self.critic(packed, labels).float())
        (gradient,) = torch.autograd.grad(logits.sum(), packed)
        return logits.detach(), gradient.flatten(1).square().sum(1).mean().sqrt()

    @torch.no_grad()
    def _gap_by_labels(self, images: Tensor, real: Tensor, drawn: Tensor) -> Tensor:
        """How much higher labels of real images make the mean logit than those of fakes, whatever the image."""
        labels = torch.cat([real, drawn])
        others = [labels.roll(shift) for shift in OTHER_LABELS]
        logits = torch.cat([self.critic(images, other).float() for other in others])
        fakes = self.fake_labels(real)
        assert fakes is not None
        kinds, given = torch.cat([*others, real, fakes]).unique(return_inverse=True)
        parts = given.split([len(logits), len(real), len(fakes)])
        seen, reals, drawns = (part.bincount(minlength=len(kinds)) for part in parts)
        sums = torch.zeros(len(kinds), device=logits.device).index_add_(0, parts[0], logits)
        return (sums / seen.clamp_min(1) * (reals - drawns) / len(real)).sum()

    def fake_labels(self, labels: Tensor | None) -> Tensor | None:
        """The classes that fakes are drawn of: those of the real images beside them, so that labels tell nothing."""
        return labels

    def _fakes_for_the_critic(self, step: Step) -> Tensor:
        """Detached; kept with their graph where the generator's turn can use them."""
        rules = self.rules
        if rules.first == "generator" or step.index % rules.critic_steps:
            with torch.no_grad():
                return self._draw(step, "latent")
        fake = self._draw(step, "latent")
        step.cache["fake"] = fake
        return fake.detach()

    def _draw(self, step: Step, purpose: str) -> Tensor:
        z = randomness.normal((len(step.real), self.rules.latent), step.seed, purpose, step.index)
        z = z.to(step.real.device)
        if self.rules.generator_penalty is not None:
            step.cache["z"] = z.requires_grad_()
        return self.generator(z, self.fake_labels(step.labels)).to(step.real.dtype)  # in mixed precision too

    def _judge(self, images: Tensor, step: Step, purpose: str) -> Tensor:
        """Logits of packed images; where the rules ask for features, the first ones of a purpose stay in the cache."""
        labels = self._labels_of(step, purpose)
        shown = self._augmented(images, step, purpose)
        if not (self.rules.objective.reads_features or self.rules.classify):
            return self.critic(shown, labels)
        critic: Any = self.critic
        features = critic.features(shown, labels).to(shown.dtype)
        step.cache.setdefault(f"features-{purpose}", features)
        return critic.judge(features, labels)

    def _labels_of(self, step: Step, purpose: str) -> Tensor | None:
        drawn = self.fake_labels(step.labels)
        if step.labels is None or drawn is None:
            return None
        if purpose == "joint":
            return torch.cat([step.labels, drawn])
        return drawn if purpose in ("fake", "generator") else step.labels

    def _augmented(self, packed: Tensor, step: Step, purpose: str) -> Tensor:
        augment = self.augment
        if augment is None:
            return packed
        return _each_kind(packed, purpose, lambda x, name: self._altered_by(augment, x, step, name))

    def _altered_by(self, augment: Augment, packed: Tensor, step: Step, purpose: str) -> Tensor:
        size = self.rules.packing
        return pack(augment(unpack(packed, size), step.seed, purpose, step.index), size)

    def _penalty(self, step: Step, real: Tensor, fake: Tensor, taken: list[Taken]) -> Tensor:
        """(N,): the critic's term, taken where it asks for."""
        penalty = self.rules.penalty
        assert penalty is not None

        def noise(x: Tensor, purpose: str) -> Tensor:
            draw = randomness.normal(tuple(x.shape), step.seed, f"penalty-noise-{purpose}", step.index)
            return draw.to(x.device, x.dtype)

        def extra(x: Tensor, purpose: str) -> list[Tensor]:
            if penalty.extra == "noise":
                return [_each_kind(x, purpose, noise)]
            if penalty.extra == "augmented":
                alter = self.alter
                assert alter is not None, "this penalty compares images with altered copies"
                return [_each_kind(x, purpose, lambda x, name: self._altered_by(alter, x, step, f"altered-{name}"))]
            return []

        with held(self.critic):
            judge = lambda x, purpose: over_patches(self._judge(x, step, purpose))  # noqa: E731
            term = penalty_at(penalty, real, fake, taken, judge, extra, step)
        step.cache.pop("features-penalty", None)
        return term

    def _generator_penalty(self, step: Step, fake: Tensor) -> Tensor:
        penalty = self.rules.generator_penalty
        assert penalty is not None
        noise = randomness.normal(tuple(fake.shape), step.seed, "generator-noise", step.index)
        noise = noise.to(fake.device, fake.dtype)
        value = penalty.term(self.generator, step.cache.pop("z"), fake, *[noise] * (penalty.extra == "noise"))
        step.note(generator_penalty=value.mean())
        return self.rules.generator_gamma * penalty.factor * self._per_pack(value)

    def _with_side_tasks(self, loss: Tensor, step: Step) -> Tensor:
        """Plus what the critic learns beside: the classes of real images, and its own side task if it has one."""
        features = step.cache.pop("features-real", None)
        joint = step.cache.pop("features-joint", None)
        step.cache.pop("features-fake", None)
        if self.rules.classify:
            assert step.labels is not None
            features = joint.chunk(2)[0] if features is None else features
            wrong = self._wrong_class(features, step.labels)
            step.note(class_loss=wrong.mean())
            loss = loss + self.rules.classify * wrong
        side_task = getattr(self.critic, "auxiliary_loss", None)
        if side_task is not None:
            value = side_task(pack(step.real, self.rules.packing))
            step.note(side_task=value.mean())
            loss = loss + value
        return loss

    def _per_pack(self, values: Tensor) -> Tensor:
        """(N,) -> (N / packing,), averaged."""
        return values.unflatten(0, (-1, self.rules.packing)).mean(1)

    def _wrong_class(self, features: Tensor, labels: Tensor) -> Tensor:
        critic: Any = self.critic
        return cross_entropy(critic.classify(features), labels, reduction="none")


def _above(ours: Tensor, theirs: Tensor) -> Tensor:
    """The share of pairs in which ours is higher; ties count half."""
    apart = ours[:, None] - theirs
    return ((apart > 0).float() + 0.5 * (apart == 0).float()).mean()


def _each_kind(x: Tensor, purpose: str, work: Callable[[Tensor, str], Tensor]) -> Tensor:
    """Real and fake images draw the same whether the critic sees them in one joint batch or in two."""
    if purpose != "joint":
        return work(x, purpose)
    real, fake = x.chunk(2)
    return torch.cat([work(real, "real"), work(fake, "fake")])
