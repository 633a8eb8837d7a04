"""The best critic between two known densities, its value, and the divergence that the value is."""

import math

import torch

from gansmith.lab.densities import accuracy, best_logits, critic_value, gaussian, jensen_shannon, line
from gansmith.lab.drawing import Curve, moving_curves
from gansmith.lab.experiment import Experiment, Outcome, Setting
from gansmith.lab.rows import Row, near
from gansmith.objectives import LOSSES

APART = 1.5
# name -> what (the critic, the generator) pays where nothing can be told apart
AT_EQUALITY = {
    "non-saturating": (2 * math.log(2), math.log(2)),
    "relativistic-pairing": (math.log(2), math.log(2)),
    "hinge": (2.0, 0.0),
    "least-squares": (0.25, 0.125),
}
HALF = {"least-squares": 0.5}  # the logit that says "cannot tell"; 0 elsewhere


def play(setting: Setting) -> Outcome:
    """The closed forms, found numerically with gansmith's own losses."""
    return Outcome([*_between_gaussians(), *_at_the_ends(), *_at_equality()], [_sliding()])


def _between_gaussians() -> list[Row]:
    game, p, q = LOSSES.get("non-saturating"), gaussian(), gaussian(APART)
    logits = best_logits(game, p, q)
    seen = p + q > 1e-12
    difference = (logits - p.log() + q.log())[seen].abs().max()
    value = -critic_value(game, logits, p, q)
    return [
        near("best critic: farthest from log p - log q", 0.0, difference.item(), 1e-6),
        near("best critic: V - (2 JSD - log 4)", 0.0, (value - 2 * jensen_shannon(p, q) + math.log(4)).item()),
    ]


def _at_the_ends() -> list[Row]:
    game, p = LOSSES.get("non-saturating"), gaussian()
    left = (line() < 0).double()
    left, right = left / left.sum(), (1 - left) / (1 - left).sum()
    apart, equal = best_logits(game, left, right), best_logits(game, p, p)
    return [
        near("equal densities: V", -math.log(4), -critic_value(game, equal, p, p).item()),
        near("disjoint supports: V", 0.0, -critic_value(game, apart, left, right).item()),
        near("disjoint supports: JSD", math.log(2), jensen_shannon(left, right).item()),
    ]


def _at_equality() -> list[Row]:
    rows = []
    for name, (critic, generator) in AT_EQUALITY.items():
        game = LOSSES.get(name)
        unsure = torch.tensor([HALF.get(name, 0.0)], dtype=torch.float64)
        rows.append(near(f"equal densities: {name} critic's loss", critic, game.critic(unsure, unsure).item()))
        rows.append(near(f"equal densities: {name} generator's loss", generator, game.generator(unsure, unsure).item()))
    return rows


def _sliding() -> str:
    """p stays, q comes nearer, and the best critic between them loses its certainty."""
    p, places = gaussian(), line()
    game = LOSSES.get("minimax")
    moments = [4 - 0.125 * step for step in range(33)]
    scale = 0.95 / p.max()
    drawn, said = [], []
    for mean in moments:
        q = gaussian(mean)
        logits = best_logits(game, p, q)
        drawn.append([p * scale, q * scale, logits.sigmoid()])
        value = -critic_value(game, logits, p, q).item()
        right = accuracy(logits, p, q)
        said.append(f"q is {mean:.2f} away: V = {value:.3f}, JSD = {(value + math.log(4)) / 2:.3f}, right {right:.0%}")
    curves = [Curve("real, p", "real"), Curve("generated, q", "fake"), Curve("best critic", "ink")]
    return moving_curves(
        "The best critic, as the generated density comes nearer",
        "Where only real samples fall the critic says 1, where only generated ones fall 0. Where both are as "
        "frequent it says one half; when the densities are equal it says so everywhere, and nobody can do better.",
        places,
        curves,
        drawn,
        said,
        x_range=(-4.0, 7.0),
    )


best_critic = Experiment(
    play=play,
    chapter=1,
    title="The best critic",
    lead="What a critic can know, when both densities are known.",
    words=(
        "Two players. The generator G is given random numbers z and makes of them a sample G(z). The critic D, also "
        "called the discriminator, is shown a sample x and says with D(x) how probable it is that x is real. The "
        "critic is trained to be right, the generator to make it wrong: V, the mean of log D(x) over real samples plus "
        "the mean of log(1 - D(G(z))), is made large by D and small by G (Goodfellow et al. 2014, arXiv:1406.2661).",
        "Say real samples have the density p and generated ones q. At a place x, of all samples that fall there the "
        "share p / (p + q) is real. No critic can do better than to say just that share, so that is what training "
        "tends to. Critics compute with the logit, log D - log(1 - D): 0 is undecided, a large one is sure. "
        "The best logit is log p - log q.",
        "How well this best critic does measures how far apart p and q are. Its V is 2 JSD - log 4, where JSD "
        "is the Jensen-Shannon divergence: 0 when the densities are equal, log 2 when they share no place. So when "
        "D is the best critic, G is told to bring its density to that of the data. That is the whole idea.",
    ),
)
