"""The Dirac-GAN at its equilibrium: eigenvalues of each game's field, by autograd and in closed form."""

from cmath import sqrt
from collections.abc import Callable

from gansmith.lab.dirac import Dirac
from gansmith.lab.experiment import Experiment, Outcome, Setting
from gansmith.lab.rows import Row
from gansmith.report.charts import Chart, Series, draw

WITHIN = 1e-6


def penalised(decay: float) -> tuple[complex, complex]:
    """Eigenvalues of the minimax game whose critic decays at this rate. Check: 0 gives 0.5i and -0.5i."""
    root = sqrt(decay**2 / 4 - 1 / 4)
    return -decay / 2 + root, -decay / 2 - root


ROTATION = penalised(0.0)

# name -> the game, and its two eigenvalues
GAMES: dict[str, tuple[Dirac, tuple[complex, complex]]] = {
    "minimax": (Dirac(objective="minimax"), ROTATION),
    "non-saturating": (Dirac(objective="non-saturating"), ROTATION),
    "relativistic pairing": (Dirac(objective="relativistic-pairing"), ROTATION),
    "Wasserstein": (Dirac(objective="wasserstein"), (1j, -1j)),
    "R1, gamma 0.3": (Dirac(objective="minimax", penalty="r1", gamma=0.3), penalised(0.3)),
    "R2, gamma 0.3": (Dirac(objective="minimax", penalty="r2", gamma=0.3), penalised(0.3)),
    "R1, gamma 1 (critical)": (Dirac(objective="minimax", penalty="r1", gamma=1.0), penalised(1.0)),
    "R1, gamma 2 (over-damped)": (Dirac(objective="minimax", penalty="r1", gamma=2.0), penalised(2.0)),
    "R1 + R2, gamma 0.3": (Dirac(objective="minimax", penalty="r1-r2", gamma=0.3), penalised(0.6)),
    "RpGAN with R1 + R2, gamma 1": (
        Dirac(objective="relativistic-pairing", penalty="r1-r2", gamma=1.0),
        penalised(2.0),
    ),
    "instance noise, sigma 1": (Dirac(objective="minimax", noise=1.0), penalised(0.5)),
    "instance noise, sigma 2": (Dirac(objective="non-saturating", noise=2.0), penalised(2.0)),
    "consensus, gamma 1": (Dirac(objective="minimax", consensus=1.0), (-0.25 + 0.5j, -0.25 - 0.5j)),
    "consensus, gamma 0.3": (Dirac(objective="minimax", consensus=0.3), (-0.075 + 0.5j, -0.075 - 0.5j)),
}


def play(setting: Setting) -> Outcome:
    """Both eigenvalues of every game: four numbers, one row each for those that say something."""
    return Outcome([row for name, (game, theory) in GAMES.items() for row in _rows(name, game, theory)], [_chart()])


def _rows(name: str, game: Dirac, theory: tuple[complex, complex]) -> list[Row]:
    """For a pair a + bi, a - bi: a and b; for two real ones: both. Errors are relative to the eigenvalue's size."""
    first, second = game.eigenvalues()

    def row(part: str, expected: float, measured: float, size: float) -> Row:
        error = abs(measured - expected) / size
        return Row(f"Dirac {name}: {part}", expected, measured, error, error <= WITHIN)

    if abs(theory[0].imag) > 0:
        size = abs(theory[0])
        parts = (("real part", theory[0].real, first.real), ("imaginary part", theory[0].imag, first.imag))
        return [row(part, expected, measured, size) for part, expected, measured in parts]
    return [
        row("larger eigenvalue", theory[0].real, first.real, abs(theory[0])),
        row("smaller eigenvalue", theory[1].real, second.real, abs(theory[1])),
    ]


def _chart() -> str:
    """How fast each remedy brings the game home, by its weight."""
    weights = [0.05 * step for step in range(61)]

    def pace(weighted: Callable[[float], Dirac]) -> list[tuple[float, float | None]]:
        return [(weight, -float(weighted(weight).eigenvalues()[0].real)) for weight in weights]

    chart = Chart(
        "How fast the game comes home, by the weight of the remedy",
        "Minus the larger real part: the distance shrinks by e in one over this time. A penalty has a best weight, "
        "where the rotation just stops; beyond it the critic is too stiff to guide the generator.",
        [
            Series("R1", pace(lambda w: Dirac(objective="minimax", penalty="r1", gamma=w)), "fake"),
            Series("R1 + R2", pace(lambda w: Dirac(objective="minimax", penalty="r1-r2", gamma=w)), "real"),
            Series("consensus", pace(lambda w: Dirac(objective="minimax", consensus=w)), "quiet"),
        ],
    )
    return draw(chart)


dirac_eigenvalues = Experiment(
    play=play,
    chapter=6,
    title="The smallest GAN",
    lead="One point, one slope: whether a game settles can be read off two numbers.",
    words=(
        "The data are one point, 0. The generator is one point, θ. The critic is a line through 0 with slope ψ: its "
        "logit at x is ψx. The generator moves to where the critic is high; the critic tilts so that it is low at the "
        "generator. At the equilibrium θ = 0 and ψ = 0: the generator is on the data, and the critic is flat.",
        "Near that equilibrium the game is a linear one, and two eigenvalues say what happens. A positive real part "
        "drives the players away, a negative one brings them home, and an imaginary part turns them round each "
        "other. The plain games have no real part at all: they circle.",
        "Remedies bring a negative one. A gradient penalty adds γ/2 times the squared slope of the critic to its loss, "
        "at real samples (R1), at generated ones (R2), or both. Instance noise blurs all that the critic sees. "
        "Consensus makes both players also reduce the squared length of the field, the sum of their squared slopes.",
        "More is not better. With R1 at γ = 1 the rotation just stops; with more the critic hardly moves, and the game "
        "comes home slowly (γ = 2: -0.134, where γ = 1 has -0.5).",
        "The measured numbers come from gansmith's own losses and penalties: their gradients are the players' "
        "moves, and autograd takes the derivative of those. The noise is taken in expectation, on a Gauss-Hermite "
        "grid, which is exact here since at the equilibrium only its variance matters.",
    ),
)
