"""The Dirac-GAN played with steps of 0.2: which games come home, which circle, which fly apart."""

import math

from gansmith.lab.dirac import Dirac, alternating, distance, simultaneous
from gansmith.lab.drawing import Walk, moving_walks
from gansmith.lab.experiment import Experiment, Outcome, Setting
from gansmith.lab.rows import Row, between, digits, near
from gansmith.report.charts import Chart, Series, draw

STEPS = 500
LONG = 50_000

# name -> the game, and its distance to the equilibrium after 500 simultaneous steps
GAMES: dict[str, tuple[Dirac, float]] = {
    "minimax": (Dirac(objective="minimax"), 3.10),
    "non-saturating": (Dirac(objective="non-saturating"), 0.640),
    "relativistic pairing": (Dirac(objective="relativistic-pairing"), 0.640),
    "Wasserstein": (Dirac(objective="wasserstein"), 2.56e4),
    "WGAN-GP, gamma 1": (Dirac(objective="wasserstein", penalty="wgan-gp", gamma=1.0), 1.41),
    "R1, gamma 0.3": (Dirac(objective="minimax", penalty="r1", gamma=0.3), 2.64e-6),
    "consensus, gamma 1": (Dirac(objective="minimax", consensus=1.0), 2.6e-10),
    "consensus, gamma 0.3": (Dirac(objective="minimax", consensus=0.3), 0.010),
    "consensus, gamma 10": (Dirac(objective="minimax", consensus=10.0), 4.2),
}
ALTERNATING = {500: 0.27, 5_000: 0.090, 50_000: 0.029}
SHOWN = {
    "minimax": "Spirals out: each step leaves the circle a little.",
    "non-saturating": "Settles on an orbit, and never comes home.",
    "Wasserstein": "Flies apart, and out of the picture.",
    "WGAN-GP, gamma 1": "Wanders around slope 1 and does not settle.",
    "R1, gamma 0.3": "Comes home: the penalty flattens the critic.",
    "consensus, gamma 1": "Comes home, straight.",
}


def play(setting: Setting) -> Outcome:
    """Every game from (1, -1), 500 steps of both players at once; then the critic before the generator."""
    walks = {name: simultaneous(game.field, STEPS) for name, (game, _) in GAMES.items()}
    rows = [digits(f"Dirac {n}: distance after 500 steps", d, distance(walks[n][-1])) for n, (_, d) in GAMES.items()]
    orbit = math.sqrt(2 * 0.2)
    rows.append(
        between(
            "Dirac non-saturating: orbit of radius sqrt(2 h)",
            orbit,
            distance(walks["non-saturating"][-1]),
            0.98 * orbit,
            1.02 * orbit,
        )
    )
    setting.progress.start("50,000 alternating steps of the Dirac-GAN", LONG)
    path = alternating(Dirac(objective="non-saturating"), LONG, setting.progress)
    setting.progress.finish()
    away = [distance(point) for point in path]
    return Outcome([*rows, *_turns(away)], [_walks(walks), _homeward(away)])


def _turns(away: list[float]) -> list[Row]:
    """Alternating steps: nearer and nearer, by the square root of the time."""
    rows = [
        digits(f"Dirac non-saturating in turns: distance after {at:,} steps", there, away[at])
        for at, there in ALTERNATING.items()
    ]
    power = math.log(away[LONG] / away[STEPS]) / math.log(LONG / STEPS)
    circle = alternating(Dirac(objective="minimax"), STEPS)
    spread = max(map(distance, circle)) / min(map(distance, circle))
    return [
        *rows,
        near("Dirac non-saturating in turns: power of the time", -0.5, power, 0.02),
        between("Dirac minimax in turns: farthest over nearest (a circle)", 1.0, spread, 1.0, 1.15),
    ]


def _walks(walks: dict[str, list[tuple[float, float]]]) -> str:
    shown = [Walk(name, fate, walks[name]) for name, fate in SHOWN.items()]
    said = [f"step {step}" for step in range(STEPS + 1)]
    return moving_walks(
        "Six games from the same start",
        "Across: where the generator is (θ). Upwards: the critic's slope (ψ). The ring in the middle is the "
        "equilibrium. Both players step at once, 500 steps of 0.2.",
        shown,
        said,
        reach=3.2,
    )


def _homeward(away: list[float]) -> str:
    """On doubly logarithmic paper t^(-1/2) is a straight line; the x axis here is log10 of the step."""
    marks = sorted({round(10 ** (k / 40)) for k in range(40, math.floor(40 * math.log10(LONG)) + 1)})
    chart = Chart(
        "The non-saturating game when the players take turns",
        "Distance to the equilibrium, both axes logarithmic (2 is a hundred steps, 4 is ten thousand). It falls as one "
        "over the root of the time: a hundred times more steps, ten times nearer.",
        [
            Series("measured", [(math.log10(at), away[at]) for at in marks], "fake"),
            Series("6.3 / √t", [(math.log10(at), 6.3 / math.sqrt(at)) for at in marks], "quiet"),
        ],
        log=True,
    )
    return draw(chart)


dirac_steps = Experiment(
    play=play,
    chapter=7,
    title="Taking steps",
    lead="Circles in theory; in practice steps leave the circle, and who moves first matters.",
    words=(
        "Training takes steps. Where the field goes round in a circle, a step along the tangent lands a little outside "
        "it, so the minimax game spirals outwards although its field does not. The non-saturating game pulls inwards "
        "a little, and the two balance on an orbit of radius √(2h), h the step.",
        "If the players take turns (the critic steps, then the generator answers what it has become), the error "
        "of one undoes that of the other. The minimax game then stays near its circle, and the non-saturating one "
        "comes home, but slowly: a hundred times more steps bring it ten times nearer. That is how gansmith trains.",
        "R1 brings it home fast. Consensus does too, until its weight is too large for the step: with γ = 10 it is "
        "farther away after 500 steps than at the start.",
    ),
)
