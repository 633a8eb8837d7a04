"""The game of translation where nobody knows the truth: answers look like B, and are still the picture that was given.

What keeps them the same picture is a way back (a cycle), or that each patch of the answer knows its own place in the
given picture among others (contrast).

Source: Zhu et al. 2017, arXiv:1703.10593 (cycle, identity, history of fakes); Park et al. 2020, arXiv:2007.15651.
"""

from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from gansmith.core import randomness
from gansmith.core.turns import Shown, Step, Turn
from gansmith.games.adversarial import Adversarial, Augment, Rules
from gansmith.games.following import follows, hidden
from gansmith.objectives.contrast import contrast

A_TO_B, B_TO_A = "a_to_b", "b_to_a"
PLACES = 64  # of each map


@dataclass(frozen=True, kw_only=True)
class Bonds:
    """What holds an answer to the given picture; a weight of 0 leaves a bond out.

    Attributes:
        cycle: there and back again is where it began.
        identity: a picture of B is translated to B as itself.
        contrast: a patch of the answer is told from others by the place it came from.
        contrast_identity: the same of a picture of B that is translated to B.
        history: fakes of earlier steps that the critic is shown for half of the new ones; 0: none.
    """

    cycle: float = 0.0
    identity: float = 0.0
    contrast: float = 0.0
    contrast_identity: float = 0.0
    history: int = 0


class Directions(nn.Module):
    """Translators by direction; called, it translates from A to B."""

    def __init__(self, a_to_b: nn.Module, b_to_a: nn.Module | None = None):
        super().__init__()
        self.a_to_b = a_to_b
        self.b_to_a = b_to_a

    def forward(self, x: Tensor, z: Tensor | None = None) -> Tensor:
        """(N, C, H, W), (N, latent) or None -> (N, C', H, W)."""
        return self.a_to_b(x, z)


class History(nn.Module):
    """Fakes of earlier steps, one of which takes a new one's place in half of all cases.

    Lanes keep what the first of them keeps, as with statistics over the batch.

    Check: as long as it is not full, new fakes come out as they went in; equal draws give equal pictures.
    Source: Shrivastava et al. 2017, arXiv:1612.07828, section 2.3.
    """

    kept: Tensor
    count: Tensor

    def __init__(self, size: int, shape: tuple[int, int, int]):
        super().__init__()
        self.register_buffer("kept", torch.zeros(size, *shape))
        self.register_buffer("count", torch.zeros((), dtype=torch.int64))

    @torch.no_grad()
    def forward(self, fakes: Tensor, seed: int, purpose: str, step: int) -> Tensor:
        """(N, C, H, W) -> the same shape, some of them from before."""
        size, shown = len(self.kept), fakes.clone()
        old = randomness.integers(2, len(fakes), seed, f"{purpose}-old", step).tolist()
        places = randomness.integers(size, len(fakes), seed, f"{purpose}-place", step).tolist()
        for row, (exchange, place) in enumerate(zip(old, places, strict=True)):
            if (count := int(self.count)) < size:
                self.kept[count] = fakes[row]
                self.count += 1
            elif exchange:
                shown[row] = self.kept[place]
                self.kept[place] = fakes[row]
        return shown


class OneSide(Adversarial):
    """A critic of one domain; its fakes are made elsewhere, with their graph, and lie in ``made``."""

    made: Tensor

    def _draw(self, step: Step, purpose: str) -> Tensor:
        return self.made


class Unpaired:
    """Real rows hold a picture of A, then one of B, which do not belong together.

    Args:
        translators: from A to B, and back where there is a cycle.
        critics: "b", and "a" where there is a cycle; (N, C, H, W) -> (N,) or (N, K).
        heads: what patches are compared by, or None: maps (N, places, C) -> vectors.
        rules: the objective and penalties of each critic's game.
        bonds: what holds answers to the given picture.
        given: channels of A.
        augment: what critics are shown in place of pictures.
        histories: of each domain's fakes; empty for none.
    """

    def __init__(
        self,
        translators: Directions,
        critics: dict[str, nn.Module],
        heads: nn.Module | None,
        rules: Rules,
        bonds: Bonds,
        given: int,
        augment: Augment | None = None,
        histories: dict[str, nn.Module] | None = None,
    ):
        self.shown: nn.Module = translators
        self.translators = translators
        self.heads = heads
        making = nn.ModuleDict({"translators": translators} | ({} if heads is None else {"heads": heads}))
        judging = nn.ModuleDict(critics | {f"history_{name}": kept for name, kept in (histories or {}).items()})
        self.players: dict[str, nn.Module] = {"critic": judging, "generator": making}
        self.histories = histories or {}
        self.rules, self.bonds, self.given, self.augment = rules, bonds, given, augment
        self.sides = {name: OneSide(translators, critic, rules, augment) for name, critic in critics.items()}
        self.turns = [Turn("critic", self.critic_loss), Turn("generator", self.generator_loss, rules.critic_steps)]

    def critic_loss(self, step: Step) -> Tensor:
        """(N,): each domain's critic on its own pictures and on what was made for it."""
        losses = []
        for name, side in self.sides.items():
            own = self._step_of(step, name)
            made = self._made(step)[name]
            side.made = self._from_history(made, step, name)
            losses.append(side.critic_loss(own))
            own.cache.pop("fake", None)
            self._note(step, own, name)
        return torch.stack(losses).sum(0)

    def generator_loss(self, step: Step) -> Tensor:
        """(N,): both critics' verdicts, and the bonds."""
        made, loss = self._made(step), 0.0
        for name, side in self.sides.items():
            own, side.made = self._step_of(step, name), made[name]
            loss = loss + side.generator_loss(own)
            self._note(step, own, name)
        loss = loss + self._bonds(step, made)
        step.cache.clear()
        return loss  # pyright: ignore[reportReturnType]

    def tell(self, shown: Shown) -> dict[str, Tensor]:
        """As in ``Adversarial``, of the critic of B; and as ``follows`` and ``hidden``."""
        b = replace(shown, train=shown.train[:, self.given :])
        if shown.held is not None:
            b = replace(b, held=shown.held[:, self.given :])
        told = self.sides["b"].tell(b)
        real = b.train if b.held is None else b.held
        told |= follows(self.translators.a_to_b, shown.z, shown.labels, real, belong=False)
        if self.translators.b_to_a is not None:
            told["hidden"] = hidden(self.translators.a_to_b, self.translators.b_to_a, shown.z, shown.labels)
        return told

    def _step_of(self, step: Step, name: str) -> Step:
        rows = slice(self.given) if name == "a" else slice(self.given, None)
        return Step(step.index, step.images_seen, step.progress, step.seed, step.real[:, rows])

    def _note(self, step: Step, own: Step, name: str) -> None:
        """B's signals by their usual names, A's beside them."""
        end = "" if name == "b" else "_a"
        step.note(**{f"{key}{end}": value for key, value in own.signals.items()})

    def _sides(self, step: Step) -> tuple[Tensor, Tensor]:
        return step.real[:, : self.given], step.real[:, self.given :]

    def _made(self, step: Step) -> dict[str, Tensor]:
        """What is made of this step's pictures, with its graph, once a step."""
        if "made" not in step.cache:
            a, b = self._sides(step)
            step.cache["maps"] = maps = self._module(A_TO_B).encode(a)
            made = {"b": self._answer(A_TO_B, maps, step).to(b.dtype)}
            if self.translators.b_to_a is not None:
                back = self._module(B_TO_A)
                made["a"] = self._answer(B_TO_A, back.encode(b), step).to(a.dtype)
            step.cache["made"] = made
        return step.cache["made"]

    def _module(self, direction: str) -> Any:
        return getattr(self.translators, direction)

    def _answer(self, direction: str, maps: list[Tensor], step: Step, purpose: str = "latent") -> Tensor:
        z = None
        if self.rules.latent:
            z = randomness.normal((len(step.real), self.rules.latent), step.seed, f"{purpose}-{direction}", step.index)
            z = z.to(step.real.device)
        return self._module(direction).decode(maps, z)

    def _from_history(self, made: Tensor, step: Step, name: str) -> Tensor:
        if name not in self.histories:
            return made
        return self.histories[name](made.detach(), step.seed, f"history-{name}", step.index)

    def _bonds(self, step: Step, made: dict[str, Tensor]) -> Tensor:
        """(N,): the weighted sum of what holds answers to what was given."""
        bonds, (a, b) = self.bonds, self._sides(step)
        total = torch.zeros(len(a), device=a.device)
        if bonds.cycle:
            there, back = self._module(A_TO_B), self._module(B_TO_A)
            again_a = self._answer(B_TO_A, back.encode(made["b"]), step, "latent-back")
            again_b = self._answer(A_TO_B, there.encode(made["a"]), step, "latent-back")
            far = _apart(again_a, a) + _apart(again_b, b)
            step.note(cycle=far.mean())
            total = total + bonds.cycle * far
        same = None
        if bonds.identity or bonds.contrast_identity:
            maps_b = self._module(A_TO_B).encode(b)
            same = self._answer(A_TO_B, maps_b, step, "latent-same")
            if bonds.contrast_identity:
                total = total + bonds.contrast_identity * self._contrast(step, maps_b, same, "identity")
        if bonds.identity and same is not None:
            far = _apart(same, b)
            if self.translators.b_to_a is not None:
                back = self._module(B_TO_A)
                far = far + _apart(self._answer(B_TO_A, back.encode(a), step, "latent-same"), a)
            step.note(identity=far.mean())
            total = total + bonds.identity * far
        if bonds.contrast:
            value = self._contrast(step, step.cache["maps"], made["b"], "contrast")
            step.note(contrast=value.mean())
            total = total + bonds.contrast * value
        return total

    def _contrast(self, step: Step, maps: list[Tensor], answer: Tensor, purpose: str) -> Tensor:
        """(N,): over the translator's own maps of the given picture and of the answer, at equal places."""
        theirs = self._module(A_TO_B).encode(answer)
        heads: Any = self.heads
        values = []
        for level, (x, y, head) in enumerate(zip(maps, theirs, heads, strict=True)):
            area = x.shape[2] * x.shape[3]
            draw = randomness.generator(step.seed, f"places-{purpose}-{level}", step.index)
            places = torch.randperm(area, generator=draw)[:PLACES].to(x.device)
            ours, query = (m.flatten(2)[:, :, places].transpose(1, 2).float() for m in (x, y))
            values.append(contrast(head(query), head(ours).detach()))
        return torch.stack(values).mean(0)


def _apart(made: Tensor, real: Tensor) -> Tensor:
    """(N,): the mean distance of a value."""
    return (made - real).abs().flatten(1).mean(1)
