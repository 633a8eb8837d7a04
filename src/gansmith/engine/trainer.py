"""The loop: play the game's turns, step by step, until the budget's images are seen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from gansmith.core.errors import WorkError
from gansmith.core.images import channels_last
from gansmith.core.schedule import Cosine
from gansmith.core.turns import Game, Observer, Step
from gansmith.data.batches import BatchSource
from gansmith.engine.average import RAMP, RunningAverage
from gansmith.engine.devices import autocast
from gansmith.engine.lanes import Lanes
from gansmith.engine.optimisers import OPTIMISERS, Preparing

CHECK_EVERY = 50  # looking at a loss makes an accelerator wait


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What the engine needs to know of a run.

    Attributes:
        seed: from which all of the run's draws follow.
        batch: real images a step.
        images: the budget; the last step is the one that reaches it.
        rates: learning rate over progress, for each player.
        betas: of Adam.
        late_beta2: where the second one arrives at the end, by half a cosine; None: it stays.
        ema_halflife_images: of the running average.
        ema_ramp: at most this share of the images seen so far.
        precision: "fp32" or "bf16".
        lanes: parts that each step's rows are played in.
        optimiser: of every player, by name.
        threads: that play the lanes; the result does not hang on them, but for the order of sums within layers.
    """

    seed: int
    batch: int
    images: int
    rates: dict[str, Cosine]
    betas: tuple[float, float]
    ema_halflife_images: float
    ema_ramp: float = RAMP
    late_beta2: float | None = None
    precision: str = "fp32"
    lanes: int = 1
    threads: int = 1
    optimiser: str = "adam"

    def betas_at(self, progress: float) -> tuple[float, float]:
        """Of Adam, at this share of the budget."""
        first, second = self.betas
        return first, second if self.late_beta2 is None else Cosine(second, self.late_beta2)(progress)

    @property
    def steps(self) -> int:
        """Steps in the budget, at least one."""
        return max(1, -(-self.images // self.batch))


class NonFinite(WorkError):
    """A loss, a gradient or a weight became NaN or infinite; on the CPU the weights before that step are intact."""

    def __init__(self, player: str, step: int, images_seen: int, what: str):
        super().__init__(f"the {player}'s {what} became NaN or infinite in step {step} ({images_seen:,} images)")
        self.player, self.step, self.images_seen, self.what = player, step, images_seen, what


class Trainer:
    """One run in progress.

    Args:
        game: players and turns.
        batches: step -> real images and labels.
        plan: budget, rates, average.
        observers: told after every step, in order.
        device: where the players are.
    Check: N steps equal k steps, a saved and loaded state, and N - k steps, bit for bit on the CPU.
    """

    def __init__(self, game: Game, batches: BatchSource, plan: Plan, observers: list[Observer], device: torch.device):
        self.game, self.batches, self.plan, self.observers, self.device = game, batches, plan, observers, device
        for player in game.players.values():
            channels_last(player.to(device)).train()
        self.lanes = Lanes(game, plan.lanes, plan.threads)
        self.average = RunningAverage(game.shown, plan.ema_halflife_images, plan.ema_ramp)
        self.optimisers = {
            name: OPTIMISERS.get(plan.optimiser)(player.parameters(), plan.betas)
            for name, player in game.players.items()
        }
        self.index = 0
        self.stop_requested = False

    @property
    def images_seen(self) -> int:
        """Real images shown so far, over all ranks."""
        return self.index * self.plan.batch

    @property
    def done(self) -> bool:
        """Whether the budget is used up."""
        return self.index >= self.plan.steps

    def run(self) -> bool:
        """Play until the budget is used up (True) or a stop is requested (False).

        Raises: NonFinite: when a loss or its gradient is no longer finite, and no observer can help; the weights are
            not touched by it.
        """
        for observer in self.observers:
            observer.on_start(self)
        while not self.done and not self.stop_requested:
            try:
                step = self.play()
            except NonFinite as error:
                if not any(observer.rescue(self, error) for observer in self.observers):
                    raise
                self.index += 1
                continue
            for observer in self.observers:
                observer.after_step(self, step)
        for observer in self.observers:
            observer.on_end(self)
        return self.done

    def play(self) -> Step:
        """One step: every due turn in order, then the running average."""
        step = self.begin_step()
        parts = self.lanes.parts(step)
        self.lanes.align()
        for position, turn in enumerate(self.game.turns):
            if self.index % turn.every == 0:
                self._move(position, parts)
        self.lanes.note(step, parts)
        self.index += 1
        self.average.update(self.game.shown, self.plan.batch, self.images_seen)
        return step

    def begin_step(self) -> Step:
        """The next step as its turns will see it."""
        real, labels = self.batches(self.index)
        return Step(self.index, self.images_seen, self.index / self.plan.steps, self.plan.seed, real, labels)

    def replay(self, look: Callable[[Game, Step], str | None]) -> str | None:
        """Show each lane's game its rows of the next step, as its turns would see them; what the first lane finds."""
        found: dict[int, str] = {}

        def show(lane: int) -> None:
            with autocast(self.device, self.plan.precision):
                seen = look(self.lanes.games[lane], parts[lane])
            if seen:
                found[lane] = seen

        parts = self.lanes.parts(self.begin_step())
        self.lanes.each(show)
        return found[min(found)] if found else None

    def _move(self, position: int, parts: list[Step]) -> None:
        step, turn = parts[0], self.game.turns[position]
        optimiser = self.optimisers[turn.player]
        watched = self.device.type == "cpu" or step.index % CHECK_EVERY == 0

        def differentiate(lane: int) -> None:
            game, weights = self.lanes.games[lane], self.lanes.weights[turn.player][lane]
            for weight in weights:
                weight.grad = None
            with autocast(self.device, self.plan.precision):
                loss = game.turns[position].loss(parts[lane]).mean()
            if watched and not torch.isfinite(loss):
                raise NonFinite(turn.player, step.index, step.images_seen, "loss")
            loss.backward(inputs=weights)

        self.lanes.each(differentiate)
        self.lanes.gather(turn.player)
        if watched and not _all_finite([w.grad for w in self.lanes.weights[turn.player][0] if w.grad is not None]):
            raise NonFinite(turn.player, step.index, step.images_seen, "gradient")
        self._prepare(optimiser)
        for group in optimiser.param_groups:
            group["lr"] = self.plan.rates[turn.player](step.progress)
            group["betas"] = self.plan.betas_at(step.progress)
        optimiser.step()

    def _prepare(self, optimiser: Any) -> None:
        """Share out over the lanes what of a step can be."""
        if isinstance(optimiser, Preparing):
            self.lanes.each(lambda lane: optimiser.prepare(lane, len(self.lanes.games)))

    def check_weights(self) -> None:
        """Raises: NonFinite: when a player's weight is NaN or infinite; such a state must not be saved."""
        for name, player in self.game.players.items():
            if not _all_finite(list(player.parameters())):
                raise NonFinite(name, self.index, self.images_seen, "weights")

    def state(self) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
        """Everything that the next step depends on: named tensors, and plain numbers."""
        tensors: dict[str, torch.Tensor] = {}
        for name, player in self.game.players.items():
            tensors |= {f"players.{name}.{key}": value for key, value in player.state_dict().items()}
            for key, moments in self.optimisers[name].state_dict()["state"].items():
                tensors |= {f"optimisers.{name}.{key}.{moment}": value for moment, value in moments.items()}
        tensors |= {f"average.{key}": value for key, value in self.average.module.state_dict().items()}
        return tensors, {"step": self.index, "images": self.images_seen}

    def load_state(self, tensors: dict[str, torch.Tensor], numbers: dict[str, Any]) -> None:
        """Take up a saved state.

        Raises: LookupError, ValueError, RuntimeError: when it is not a whole state of this game.
        """
        index = int(numbers["step"])
        if not 0 <= index <= self.plan.steps:
            raise ValueError(f"step {index} is not one of the run's {self.plan.steps}")
        if not _all_finite([value for value in tensors.values() if value.is_floating_point()]):
            raise ValueError("a value is not finite")
        for name, player in self.game.players.items():
            player.load_state_dict(_under(tensors, f"players.{name}."))
            optimiser = self.optimisers[name]
            moments = _moments(_under(tensors, f"optimisers.{name}."), list(player.parameters()))
            if index and not moments:
                raise ValueError(f"the {name}'s moments are missing")
            optimiser.load_state_dict({"state": moments, "param_groups": optimiser.state_dict()["param_groups"]})
        self.average.module.load_state_dict(_under(tensors, "average."))
        self.index = index


def _under(tensors: dict[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}


def _moments(
    tensors: dict[str, torch.Tensor], parameters: list[torch.nn.Parameter]
) -> dict[int, dict[str, torch.Tensor]]:
    """Adam's moments by parameter, in its memory format: fused optimisers walk both as they lie.

    Raises: LookupError, ValueError: for a parameter that is not there, or when they do not fit it.
    """
    moments: dict[int, dict[str, torch.Tensor]] = {}
    for key, value in tensors.items():
        index, _, moment = key.partition(".")
        moments.setdefault(int(index), {})[moment] = value
    for index, named in moments.items():
        parameter = parameters[index]
        shapes = {"step": torch.Size(), "exp_avg": parameter.shape, "exp_avg_sq": parameter.shape}
        if {moment: value.shape for moment, value in named.items()} != shapes:
            raise ValueError(f"the moments do not fit parameter {index}")
        for moment in ("exp_avg", "exp_avg_sq"):
            named[moment] = torch.empty_like(parameter, requires_grad=False).copy_(named[moment])
    return moments


@torch.no_grad()
def _all_finite(tensors: list[torch.Tensor]) -> bool:
    """By their sums, which are cheap, and not finite where one number is not."""
    return not tensors or bool(torch.isfinite(torch.stack([tensor.sum() for tensor in tensors])).all())
