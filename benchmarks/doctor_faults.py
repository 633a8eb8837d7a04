"""Ways to break a training, each at two strengths, the milder first, with the findings that are right for it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

Asking = Callable[[dict[str, Any], Any], dict[str, Any]]
Breaking = Callable[[Any, Any], None]


def _asks_nothing(usual: dict[str, Any], strength: Any) -> dict[str, Any]:
    return {}


def _breaks_nothing(session: Any, strength: Any) -> None:
    return None


@dataclass(frozen=True)
class Fault:
    """One way to break a training.

    Attributes:
        right: the findings of which the first one must be one.
        strengths: what ``ask`` and ``break_`` are told, the milder first.
        ask: (usual choices, strength) -> choices in their place.
        break_: changes a session that is ready to play.
        rows: of this many training images (by strength) the rest is taken away; None: none.
        harm: what it must make worse than every healthy twin: "fd", "speed", "copies", "labels", "late" or "end".
        onset: the share of the budget at which it sets in.
        needs: "pictures", "colour" or "labels", where it is about them.
        labels: whether classes are learned in it.
    """

    right: tuple[str, ...]
    strengths: tuple[Any, Any]
    ask: Asking = _asks_nothing
    break_: Breaking = _breaks_nothing
    rows: tuple[int, int] | None = None
    harm: str = "fd"
    onset: float = 0.0
    needs: str = ""
    labels: bool = False


def times(name: str) -> Asking:
    """The usual value, or both ends of what falls over the run, so many times."""

    def ask(usual: dict[str, Any], strength: Any) -> dict[str, Any]:
        value = usual[name]
        return {name: [each * strength for each in value] if isinstance(value, list) else value * strength}

    return ask


def set_to(**values: Any) -> Asking:
    """These values; the strength where one is ``...``."""
    return lambda usual, strength: {name: strength if value is ... else value for name, value in values.items()}


class Altered:
    """Batches that are changed on their way.

    Args:
        batches: of the session.
        alter: (images, labels, share of the budget) -> images, labels.
        images: the budget.
        batch: images a step.
    """

    def __init__(self, session: Any, alter: Callable[[Tensor, Any, float], tuple[Tensor, Any]]):
        self.batches, self.alter, self.steps = session.trainer.batches, alter, session.trainer.plan.steps
        self.slept = 0.0
        session.trainer.batches = self

    @property
    def waited_seconds(self) -> float:
        """Of the batches below, and what was slept."""
        return self.batches.waited_seconds + self.slept

    def __call__(self, step: int) -> tuple[Tensor, Any]:
        """The step's batch, changed."""
        return self.alter(*self.batches(step), step / self.steps)


def _generators(session: Any) -> list[torch.nn.Module]:
    """The generator of every lane, and the running average."""
    trainer = session.trainer
    return [*(game.shown for game in trainer.lanes.games), trainer.average.module]


def _progress(session: Any) -> float:
    return session.trainer.index / session.trainer.plan.steps


def output(change: Callable[[Tensor, Any], Tensor], onset: float = 0.0) -> Breaking:
    """The generator's output goes through ``change``."""

    def break_(session: Any, strength: Any) -> None:
        for module in _generators(session):
            module.register_forward_hook(
                lambda _, __, out: change(out, strength) if _progress(session) >= onset else out
            )

    return break_


def prototypes(onset: float) -> Breaking:
    """The generator sees the nearest of so many latents, and little of its own."""

    def break_(session: Any, count: int) -> None:
        kept: dict[int, Tensor] = {}

        def quantise(_: Any, given: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
            z, *others = given
            if _progress(session) < onset:
                return given
            length = z.shape[1]
            if length not in kept:
                kept[length] = torch.randn(count, length, generator=torch.Generator().manual_seed(5))
            fixed = kept[length]
            return (fixed[(z @ fixed.T).argmax(1)] + 0.1 * z, *others)

        for module in _generators(session):
            module.register_forward_pre_hook(quantise)

    return break_


def learned_by_heart(session: Any, share: float) -> None:
    """So much of what is drawn is one of fifty training images."""
    pictures = torch.cat([session.trainer.batches(step)[0] for step in range(8)])[:50]

    def mix(_: Any, given: tuple[Tensor, ...], out: Tensor) -> Tensor:
        if _progress(session) < 0.3:
            return out
        z = given[0]
        ways = torch.randn(len(pictures), z.shape[1], generator=torch.Generator().manual_seed(6))
        return (1 - share) * out + share * pictures[(z @ ways.T).argmax(1)].to(out)

    for module in _generators(session):
        module.register_forward_hook(mix)


def pace_of(players: tuple[str, ...], onset: float = 0.0) -> Breaking:
    """These players' rates so many times, from the onset on."""

    def break_(session: Any, strength: float) -> None:
        trainer = session.trainer
        rates = dict(trainer.plan.rates)
        for player in players:
            usual = rates[player]
            rates[player] = lambda progress, usual=usual: usual(progress) * (strength if progress >= onset else 1)
        trainer.plan = replace(trainer.plan, rates=rates)

    return break_


def greedy(session: Any, moves: int) -> None:
    """The generator moves so often against the same critic."""
    for game in session.trainer.lanes.games:
        first, *rest = game.turns
        game.turns = [first, *rest * moves]


def without_kinds(session: Any, share: float) -> None:
    """Some kinds of the training images are never shown from the onset on."""
    kinds, rows = session.kinds, session.trainer.batches.rows if hasattr(session.trainer.batches, "rows") else None
    counts = np.bincount(kinds)
    lost = np.argsort(-counts)[: max(1, round(share * len(counts)))]
    kept = ~np.isin(kinds, lost)
    batches = session.trainer.batches
    if rows is None:
        batches.points = batches.points[torch.from_numpy(kept)]
    else:
        batches.rows = rows[kept]


def in_blocks(session: Any, blocks: int) -> None:
    """The training images come sorted by kind, all of them so many times a run."""
    batches, kinds = session.trainer.batches, session.kinds
    count = int(kinds.max()) + 1
    places = [np.flatnonzero(kinds == kind) for kind in range(count)]

    def choose(step: int) -> np.ndarray:
        kind = int(step / session.trainer.plan.steps * blocks * count) % count
        draw = np.random.default_rng((7, step))
        return places[kind][draw.integers(0, len(places[kind]), session.trainer.plan.batch)]

    if hasattr(batches, "rows_of"):
        rows = batches.rows
        batches.rows_of = lambda step: rows[choose(step)]
    else:
        points = batches.points
        session.trainer.batches = Blocks(points, choose)


class Blocks:
    """Points in a given order."""

    waited_seconds = 0.0

    def __init__(self, points: Tensor, choose: Callable[[int], np.ndarray]):
        self.points, self.choose = points, choose

    def __call__(self, step: int) -> tuple[Tensor, None]:
        """The step's points."""
        return self.points[torch.from_numpy(self.choose(step))], None


def not_a_number(session: Any, where: str) -> None:
    """At two fifths of the run: in a weight of the generator, or in a training image."""
    done = [False]

    def alter(real: Tensor, labels: Any, progress: float) -> tuple[Tensor, Any]:
        if progress >= 0.4 and not done[0]:
            done[0] = True
            if where == "weight":
                with torch.no_grad():
                    list(session.trainer.game.shown.parameters())[2].view(-1)[0] = float("nan")
            else:
                real = real.clone()
                real.view(-1)[3] = float("inf")
        return real, labels

    Altered(session, alter)


def slow(session: Any, share: float) -> None:
    """Batches come late, by a share of a step's own time."""
    began = [time.perf_counter(), 0.0]

    def alter(real: Tensor, labels: Any, progress: float) -> tuple[Tensor, Any]:
        index = session.trainer.index
        if index == 20:
            began[1] = (time.perf_counter() - began[0]) / 20
        elif index > 20 and progress >= 0.4:
            time.sleep(share * began[1])
            altered.slept += share * began[1]
        elif index == 0:
            began[0] = time.perf_counter()
        return real, labels

    altered = Altered(session, alter)


def swapped(session: Any, order: list[int]) -> None:
    """The training images' channels come in another order."""
    Altered(session, lambda real, labels, _: (real[:, order].contiguous(), labels))


def blind(change: Callable[[Tensor, Any], Tensor]) -> Breaking:
    """The critic is shown every image changed."""

    def break_(session: Any, strength: Any) -> None:
        for game in session.trainer.lanes.games:
            before = game.augment
            game.augment = lambda x, *where, before=before: change(before(x, *where) if before else x, strength)

    return break_


def _coarse(x: Tensor, strength: float) -> Tensor:
    """Without its finest waves."""
    return torch.nn.functional.interpolate(torch.nn.functional.avg_pool2d(x, 2), size=x.shape[2:], mode="bilinear")


def _chequered(x: Tensor, strength: float) -> Tensor:
    lines, columns = (torch.arange(side) for side in x.shape[2:])
    return (x + strength * ((lines[:, None] + columns) % 2 * 2.0 - 1)).clamp(-1, 1)


def artefacts(session: Any, strength: float) -> None:
    """A grid that the critic is blind to."""
    output(_chequered)(session, strength)
    blind(_coarse)(session, strength)


def _without_colour(x: Tensor, strength: str) -> Tensor:
    x = x - x.mean((2, 3), keepdim=True)
    return x if strength == "mean" else x / (x.std((1, 2, 3), keepdim=True) + 0.1)


def ema_without_ramp(session: Any, share: float) -> None:
    """A half-life of so much of the budget, from the first step on."""
    average = session.trainer.average
    average.ramp, average.halflife_images = 1e9, share * session.trainer.plan.images


def stands_still(session: Any, share: float) -> None:
    """Nothing is learned after so much of the run."""
    pace_of(("critic", "generator"), onset=share)(session, 0.0)


def loses_its_hold(session: Any, strength: float) -> None:
    """From half of the run on: no penalty, and a higher rate."""
    pace_of(("critic", "generator"), onset=0.5)(session, strength)
    for game in session.trainer.lanes.games:
        usual = game.rules.gamma
        game.rules = replace(game.rules, gamma=lambda p, usual=usual: usual(p) if p < 0.5 else 0.0)


def deaf(session: Any, how: str) -> None:
    """The generator is told one label always, or any."""

    def other(_: Any, given: tuple[Any, ...]) -> tuple[Any, ...]:
        z, labels = given
        if labels is None:
            return given
        if how == "one":
            return z, torch.zeros_like(labels)
        return z, (z[:, 0].abs() * 1000).long() % (int(session.kinds.max()) + 1)

    for module in _generators(session):
        module.register_forward_pre_hook(other)


def told_by_labels(session: Any, kept: int) -> None:
    """Generated images are drawn of the first classes only, so that the other labels give real ones away."""
    for game in session.trainer.lanes.games:
        game.fake_labels = lambda labels: None if labels is None else labels % kept


FAULTS: dict[str, Fault] = {
    "rate-high": Fault(("rate-too-high",), (6.0, 30.0), times("rate")),
    "rate-low": Fault(("rate-too-low",), (1 / 30, 1 / 200), times("rate")),
    "gamma-high": Fault(("gamma-too-high",), (100.0, 3000.0), times("gamma")),
    "gamma-low": Fault(("gamma-too-low",), (1e-3, 0.0), times("gamma")),
    "critic-strong": Fault(
        ("vanishing-gradient", "gamma-too-low"), (1, 4), set_to(objective="minimax", penalty=None, critic_steps=...)
    ),
    "critic-weak": Fault(("critic-too-weak",), (0.03, 0.003), break_=pace_of(("critic",))),
    "few-latents": Fault(("mode-collapse", "partial-collapse"), (8, 1), break_=prototypes(0.3), onset=0.3),
    "greedy-generator": Fault(
        ("mode-collapse", "partial-collapse", "gamma-too-low", "critic-too-weak"),  # with no penalty, few moves
        (5, 20),
        set_to(objective="non-saturating", penalty=None, group=0),
        break_=greedy,
    ),
    "kinds-missing": Fault(("dropped-classes",), (0.15, 0.5), break_=without_kinds),
    "no-augmentation": Fault(("critic-overfit", "too-few-images"), (0.0, 0.0), set_to(augment=...), rows=(400, 100)),
    "few-images": Fault(("too-few-images", "critic-overfit"), (0, 0), rows=(100, 25)),
    "by-heart": Fault(("copying",), (0.93, 0.98), break_=learned_by_heart, harm="copies", onset=0.3, needs="pictures"),
    "nan": Fault(("nan",), ("weight", "image"), break_=not_a_number, harm="end", onset=0.4),
    "no-constraint": Fault(
        ("exploding-gradient", "divergence", "gamma-too-low"),
        (1e-3, 1e-6),
        lambda usual, gamma: {"objective": "wasserstein", "penalty": "wgan-gp", "gamma": [gamma, gamma]},
    ),
    "half-range": Fault(
        ("wrong-range",),
        ("contrast", "unit"),
        break_=output(lambda x, how: 0.5 * x if how == "contrast" else (x + 1) / 2),
    ),
    "swapped-channels": Fault(("channel-order",), ([2, 1, 0], [1, 2, 0]), break_=swapped, needs="colour"),
    "grid": Fault(("artefacts",), (0.06, 0.2), break_=artefacts, needs="pictures"),
    "colour-blind": Fault(("colour-drift",), ("mean", "contrast"), break_=blind(_without_colour), needs="pictures"),
    "slow-average": Fault(("ema-lag",), (0.5, 3.0), break_=ema_without_ramp),
    "no-average": Fault(
        ("ema-too-fast",),
        (0.5, 1.0),
        lambda usual, end: {"ema_halflife_images": 1, "rate": [usual["rate"][0], usual["rate"][0] * end]},
    ),
    "small-batch": Fault(
        ("batch-too-small",), (8, 16), lambda usual, share: {"batch": max(2, usual["batch"] // share), "group": 0}
    ),
    "slow-loader": Fault(("loader-bound",), (0.5, 2.0), break_=slow, harm="speed", onset=0.4),
    "stands-still": Fault(("plateau",), (0.5, 0.3), break_=stands_still, harm="late", onset=0.5),
    "sorted": Fault(("oscillation",), (8, 3), break_=in_blocks),
    "loses-hold": Fault(("divergence", "rate-too-high"), (5.0, 20.0), break_=loses_its_hold, onset=0.5),
    "deaf": Fault(("labels-ignored",), ("any", "one"), break_=deaf, harm="labels", needs="labels", labels=True),
    "label-gives-away": Fault(("label-leakage",), (5, 2), break_=told_by_labels, needs="labels", labels=True),
}

HEALTHY: dict[str, Asking] = {
    "default": _asks_nothing,
    "hinge": set_to(objective="hinge"),
    "non-saturating": set_to(objective="non-saturating"),
    "each-alone": set_to(group=0),
    "wider": lambda usual, _: {name: usual[name] * 5 // 4 // 4 * 4 for name in WIDTHS},
    "narrower": lambda usual, _: {name: usual[name] * 3 // 4 // 4 * 4 for name in WIDTHS},
    "larger-batch": lambda usual, _: {"batch": usual["batch"] * 3 // 2},
    "gentler": lambda usual, _: times("rate")(usual, 0.6),
    "exact": set_to(penalty_every=1),
}
WIDTHS = ("generator_width", "critic_width")
LABELLED = ("labelled", _asks_nothing)


def fits(fault: Fault, ground: Any) -> bool:
    """Whether a ground has what a fault is about."""
    return {
        "": True,
        "pictures": not ground.plane,
        "colour": ground.colour,
        "labels": ground.labelled,
    }[fault.needs]
