"""What the losses do that many introductions print, beside the right ones."""

import torch
from torch import Tensor
from torch.nn.functional import softplus

from gansmith.lab import bell_game
from gansmith.lab import densities as known
from gansmith.lab.alone import bell, learn
from gansmith.lab.bell_game import Moment
from gansmith.lab.drawing import Curve, moving_curves
from gansmith.lab.experiment import Experiment, Outcome, Setting
from gansmith.lab.rows import Row, at_least, near
from gansmith.objectives import LOSSES, Objective

APART = 2.0
CRITIC_STEPS, CRITIC_EVERY = 150, 5
GAME_STEPS, GAME_EVERY = 600, 20


def printed_critic(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """+log D(x) + log(1 - D(G(z))), to be minimised: being wrong costs nothing, and pays more and more."""
    return -softplus(-real_logits) - softplus(fake_logits)


def printed_generator(real_logits: Tensor | None, fake_logits: Tensor) -> Tensor:
    """-log D(x) - log(1 - D(G(z))), to be minimised: the first term knows no G, the second asks to be called fake."""
    assert real_logits is not None
    return softplus(-real_logits) + softplus(fake_logits)


def bells() -> tuple[Tensor, Tensor]:
    """Real and generated, for the critics that play alone."""
    return known.gaussian(-APART / 2), known.gaussian(APART / 2)


PRINTED = Objective(printed_critic, printed_generator, pairs_real=True)


def play(setting: Setting) -> Outcome:
    """The critic alone, the generator's push alone, and the whole game, each printed and right."""
    right = LOSSES.get("non-saturating")
    setting.progress.message("Training critics and games on the misprinted losses.")
    critics = {
        name: learn(
            game,
            bell(-APART / 2, 1.0),
            bell(APART / 2, 1.0),
            known.line(),
            seed=setting.seed,
            steps=CRITIC_STEPS,
            every=CRITIC_EVERY,
        )
        for name, game in (("right", right), ("printed", PRINTED))
    }
    half = Objective(right.critic, printed_generator, pairs_real=True)
    games = {
        name: bell_game.play(game, seed=setting.seed, steps=GAME_STEPS, every=GAME_EVERY)
        for name, game in (("right", right), ("printed", PRINTED), ("half", half))
    }
    rows = [*_critic_rows(critics), *_push_rows(), *_game_rows(games)]
    return Outcome(rows, [_critic_figure(critics), _game_figure(games)])


def _critic_rows(critics: dict[str, list[Tensor]]) -> list[Row]:
    p, q = bells()
    shared = known.total_variation(p, q).item()
    wrong = (q - p).sign()
    far, near_by = (known.critic_value(PRINTED, size * wrong, p, q).item() for size in (200.0, 100.0))
    return [
        near("right L_D: share of right answers", (1 + shared) / 2, known.accuracy(critics["right"][-1], p, q), 0.01),
        near(
            "printed L_D: share of right answers", (1 - shared) / 2, known.accuracy(critics["printed"][-1], p, q), 0.03
        ),
        near("printed L_D: fall for each unit of a wrong critic's logit", -(1 + shared), (far - near_by) / 100, 1e-6),
    ]


def _push_rows() -> list[Row]:
    """By the logit of a fake that the critic cannot place, and by the mean of q against the best critic."""
    unsure = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    real, fake = unsure[:1], unsure[1:]
    terms = {
        "right L_G: slope by a fake's logit at 0": (-0.5, LOSSES.get("non-saturating").generator(None, fake)),
        "printed L_G: slope by a fake's logit at 0 (wrong way)": (0.5, printed_generator(real, fake)),
        "printed L_G: the same slope of its first term": (0.0, softplus(-real) + 0 * fake),
    }
    rows = [
        near(n, theory, torch.autograd.grad(loss.sum(), unsure)[0][1].item()) for n, (theory, loss) in terms.items()
    ]
    mean = torch.tensor(APART, dtype=torch.float64, requires_grad=True)
    noise = known.line()
    logits = known.gaussian_logits(mean + noise, APART, 1.0)
    (slope,) = torch.autograd.grad(known.gaussian() @ printed_generator(torch.zeros_like(logits), logits), mean)
    (jensen,) = torch.autograd.grad(2 * known.jensen_shannon(known.gaussian(), known.gaussian(mean)), mean)
    return [
        *rows,
        near("printed L_G: slope is that of -2 JSD (away from the data)", -jensen.item(), slope.item(), 1e-6),
    ]


def _game_rows(games: dict[str, list[Moment]]) -> list[Row]:
    right, printed, half = (games[name][-1] for name in ("right", "printed", "half"))
    return [
        near("right game: mean of the generated bell", 0.0, right.mean, 0.15),
        near("right game: width of the generated bell", 1.0, right.spread, 0.1),
        near("printed game: width of the generated bell (one point)", 0.0, printed.spread, 0.05),
        at_least("printed L_G, right L_D: mean of the bell, begun at 3, at least", bell_game.START, half.mean),
    ]


def _critic_figure(critics: dict[str, list[Tensor]]) -> str:
    p, q = bells()
    scale = 0.95 / p.max()
    pairs = list(zip(critics["right"], critics["printed"], strict=True))
    frames = [[p * scale, q * scale, right.sigmoid(), printed.sigmoid()] for right, printed in pairs]
    said = [
        f"step {CRITIC_EVERY * i}: right {known.accuracy(a, p, q):.0%} of the time; as printed "
        f"{known.accuracy(b, p, q):.0%}, its loss {known.critic_value(PRINTED, b, p, q).item():,.0f}"
        for i, (a, b) in enumerate(pairs)
    ]
    curves = [Curve("real", "real"), Curve("generated", "fake"), Curve("right", "ink"), Curve("printed", "quiet")]
    return moving_curves(
        "Two critics learn from the same samples",
        "The right one comes to say 1 where real samples fall. The printed one comes to say 0 there: it is trained "
        "to be wrong, and its loss falls without end while it is.",
        known.line(),
        curves,
        frames,
        said,
        x_range=(-5.0, 5.0),
        still=len(frames) - 1,
    )


def _game_figure(games: dict[str, list[Moment]]) -> str:
    """Three bells on their way; a bell that has become a point is drawn as a narrow one."""
    p = known.gaussian()
    names = {"right": ("right", "ink"), "printed": ("both printed", "fake"), "half": ("L_G printed", "quiet")}
    scale = 0.5 / p.max()
    frames, said = [], []
    for index in range(len(games["right"])):
        moment = {name: games[name][index] for name in names}
        frames.append([p * scale, *(_bell(m) for m in moment.values())])
        means = ", ".join(f"{names[n][0]} at {m.mean:.1f}, width {m.spread:.2f}" for n, m in moment.items())
        said.append(
            f"step {index * GAME_EVERY}: {means}; logits {moment['right'].logit:.0f} and {moment['printed'].logit:,.0f}"
        )
    return moving_curves(
        "Three games from the same start",
        "The right game carries the bell to the data and keeps its width. With both losses as printed the two mistakes "
        "cancel in direction: the critic calls real samples fake, and the generator asks to be called fake. But the "
        "critic's loss has no floor, so its logits run away and the bell shrinks to a point. With a right critic and "
        "the printed generator's loss, the bell walks away from the data.",
        known.line(),
        [Curve("real", "real"), *(Curve(name, tone) for name, tone in names.values())],
        frames,
        said,
        x_range=(-4.0, 7.0),
        still=len(frames) - 1,
    )


def _bell(moment: Moment) -> Tensor:
    width = max(moment.spread, 0.08)
    shares = known.gaussian(moment.mean, width)
    return shares / shares.max() * min(0.5 / width, 0.95)


misprint = Experiment(
    play=play,
    chapter=8,
    title="The misprint",
    lead="Losses that many introductions print, and what they train.",
    words=(
        "Many introductions print L_D = log D(x) + log(1 - D(G(z))) and L_G = -log D(x) - log(1 - D(G(z))), both to be "
        "minimised. The signs are the wrong way round. The game is: D maximises log D(x) + log(1 - D(G(z))), that is "
        "it minimises the negative; G minimises log(1 - D(G(z))), or better -log D(G(z)).",
        "Minimising the printed L_D trains the critic to be wrong. Being right is bounded: the best cross-entropy is "
        "0. Being wrong is not: a logit twice as wrong makes the loss about twice as low, for ever.",
        "In the printed L_G, which is -L_D, the first term does not contain the generator at all. The second is least "
        "when the critic calls generated samples fake, so against a right critic it pushes the generator away from the "
        "data. Where the critic saturates, this loss grows without bound.",
    ),
)
