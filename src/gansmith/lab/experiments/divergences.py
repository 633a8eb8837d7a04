"""What each game's generator goes down, when its critic is the best one: one divergence a game."""

import math

import torch
from torch import Tensor

from gansmith.lab import densities as known
from gansmith.lab.experiment import Experiment, Outcome, Setting
from gansmith.lab.rows import Row, near
from gansmith.objectives import LOSSES
from gansmith.report.charts import Chart, Series, draw

MEAN, STD = 1.3, 0.7


def play(setting: Setting) -> Outcome:
    """Slopes and values at the best critic, each beside its divergence."""
    return Outcome([*_slopes(), *_values()], [_chart()])


def generator_slope(name: str) -> float:
    """How a game's generator loss changes as q moves, the critic held at its best."""
    mean = torch.tensor(MEAN, dtype=torch.float64, requires_grad=True)
    noise, shares = known.line(), known.gaussian()
    logits = known.gaussian_logits(mean + STD * noise, MEAN, STD)
    loss = shares @ LOSSES.get(name).generator(None, logits)
    return torch.autograd.grad(loss, mean)[0].item()


def divergence_slopes() -> tuple[float, float]:
    """How 2 JSD(p, q) and KL(q || p) change as q moves."""
    mean = torch.tensor(MEAN, dtype=torch.float64, requires_grad=True)
    p, q = known.gaussian(), known.gaussian(mean, STD)
    values = (2 * known.jensen_shannon(p, q), known.kl(q, p))
    jensen, kullback = (torch.autograd.grad(value, mean, retain_graph=True)[0].item() for value in values)
    return jensen, kullback


def _slopes() -> list[Row]:
    jensen, kullback = divergence_slopes()
    return [
        near("minimax: slope is that of 2 JSD", jensen, generator_slope("minimax"), 1e-6),
        near(
            "non-saturating: slope is that of KL(q||p) - 2 JSD",
            kullback - jensen,
            generator_slope("non-saturating"),
            1e-6,
        ),
    ]


def _values() -> list[Row]:
    p, q = known.gaussian(), known.gaussian(MEAN, 1.0)
    squares, hinge = LOSSES.get("least-squares"), LOSSES.get("hinge")
    # Its labels are 0 and 1; the paper's theorem has -1 and 1, and 0 for what the generator asks for.
    answers = 2 * known.best_logits(squares, p, q) - 1
    off = ((p + q) * answers.square()).sum().item()
    signs = known.best_logits(hinge, p, q)
    told = (p - q).abs() > 1e-12
    return [
        near("least squares: E D^2 is Pearson's chi square of p + q against 2 q", chi_square(p, q), off, 1e-6),
        near("hinge: best critic is sign(p - q)", 0.0, (signs - (p - q).sign())[told].abs().max().item(), 1e-6),
        near("hinge: value is 2 - 2 TV", two_minus_two_tv(MEAN), known.critic_value(hinge, signs, p, q).item(), 1e-5),
        near("Wasserstein: value of the best critic of slope 1", MEAN, best_slopes(p, q)[1].item(), 1e-6),
    ]


def chi_square(p: Tensor, q: Tensor) -> float:
    """Pearson's chi square of 2 q against p + q, summed over places."""
    return ((2 * q - (p + q)).square() / (p + q)).sum().item()


def two_minus_two_tv(apart: float) -> float:
    """For two unit Gaussians, in closed form."""
    return 2 - 2 * math.erf(apart / math.sqrt(8))


def best_slopes(p: Tensor, q: Tensor) -> tuple[Tensor, Tensor]:
    """The best critic among those of slope at most 1, and its value.

    The loss is linear in the critic's slopes, so each slope goes to the end that its own derivative says.
    """
    places = known.line()
    slopes = torch.zeros(len(places) - 1, dtype=torch.float64, requires_grad=True)

    def value(slopes: Tensor) -> Tensor:
        heights = torch.cat([torch.zeros(1, dtype=torch.float64), (slopes * places.diff()).cumsum(0)])
        return -known.critic_value(LOSSES.get("wasserstein"), heights, p, q)

    best = torch.autograd.grad(value(slopes), slopes)[0].sign()
    return best, value(best)


def _chart() -> str:
    apart = [0.1 * step for step in range(61)]
    p, places = known.gaussian(), known.line()

    def along(divergence) -> list[tuple[float, float | None]]:
        return [(t, divergence(p, known.gaussian(t)).item()) for t in apart]

    chart = Chart(
        "How far apart, as the generated density moves away",
        "Two bells of width 1, by the distance between them. The Jensen-Shannon divergence and the total variation "
        "level off once the bells part, so their slope tells a far generator nothing; the earth mover's "
        "distance goes on.",
        [
            Series("earth mover, W", along(lambda p, q: known.earth_mover(p, q, places)), "real"),
            Series("2 TV", along(lambda p, q: 2 * known.total_variation(p, q)), "quiet"),
            Series("2 JSD", along(lambda p, q: 2 * known.jensen_shannon(p, q)), "fake"),
        ],
    )
    return draw(chart)


divergences = Experiment(
    play=play,
    chapter=4,
    title="What each game goes down",
    lead="Against the best critic, each loss becomes a divergence between two densities.",
    words=(
        "Hold the critic at its best and ask what the generator's loss then says of the two densities. The "
        "Kullback-Leibler divergence KL(q||p) is the mean of log q - log p over generated samples; the Jensen-Shannon "
        "divergence JSD is the mean of the KL of p and of q to the density half way between them.",
        "The minimax game goes down the JSD. The non-saturating game goes down KL(q||p) - 2 JSD: it punishes samples "
        "where there are no data, and hardly minds data that nobody generates, which is one way to lose modes.",
        "Least squares goes down a chi square, the hinge game the total variation, and the Wasserstein game, whose "
        "critic may not be steeper than 1, the earth mover's distance W: how far the mass of one density must be "
        "carried, on average, to become the other.",
    ),
)
