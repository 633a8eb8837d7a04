"""What the ring and the grids share: play, read the samples, say it in rows, draw the way there."""

from dataclasses import replace

from gansmith.core.errors import WorkError
from gansmith.lab.drawing import moving_cloud
from gansmith.lab.experiment import Outcome, Setting
from gansmith.lab.mixtures import Mixture, Reading
from gansmith.lab.plane_game import Played, Settings, play, updates_in
from gansmith.lab.rows import Row, at_least, between

PERFECT_WITHIN = 0.98889  # 1 - exp(-9 / 2)
REAL_SHOWN = 600
NOTE = (
    "The generator's samples, from the first update to the last; none is left out. Each point keeps its latent all the "
    "way, so a point that jumps has changed its mode."
)


def explore(name: str, mixture: Mixture, settings: Settings, setting: Setting, *, plain: bool = False) -> Outcome:
    """One game on a mixture; with minutes, so many updates as they hold.

    Args:
        plain: whether as many updates of the plain minimax game are played too.
    """
    if setting.minutes is not None:
        settings = replace(settings, updates=updates_in(setting.minutes, mixture, settings))
    title = f"{name}, {settings.updates:,} updates"
    played = play(mixture, settings, seed=setting.seed, progress=setting.progress, title=title)
    rows, figures = rows_of(name, Reading.of(played.samples, mixture), mixture), [picture(name, mixture, played)]
    if plain:
        row, figure = without_help(name, mixture, settings, setting)
        rows, figures = [*rows, row], [*figures, figure]
    return Outcome(rows, figures)


def rows_of(name: str, reading: Reading, mixture: Mixture) -> list[Row]:
    """Six rows: modes, samples near them, widths and shares of the modes."""
    count = len(mixture.centres)
    return [
        between(f"{name}: modes", count, reading.modes, count, count),
        between(f"{name}: share within 3 sigma", PERFECT_WITHIN, reading.within, 0.985, 0.993),
        between(f"{name}: narrowest mode, over sigma", 1.0, reading.narrowest, 0.8, 1.2),
        between(f"{name}: widest mode, over sigma", 1.0, reading.widest, 0.8, 1.2),
        between(f"{name}: rarest mode, over an equal share", 1.0, reading.rarest, 0.5, 2.0),
        between(f"{name}: commonest mode, over an equal share", 1.0, reading.commonest, 0.5, 2.0),
    ]


def without_help(name: str, mixture: Mixture, settings: Settings, setting: Setting) -> tuple[Row, str]:
    """The same networks and updates in the plain minimax game, without penalty or pairing: modes should be missing.

    A game that ends in NaN has failed too, with no mode at all.
    """
    plain = replace(settings, objective="minimax", penalty=None)
    modes, figure = 0, ""
    try:
        title = f"{name} in the plain minimax game, {plain.updates:,} updates"
        played = play(mixture, plain, seed=setting.seed, progress=setting.progress, title=title)
        modes = Reading.of(played.samples, mixture).modes
        figure = picture(f"{name} in the plain minimax game", mixture, played)
    except WorkError as error:
        setting.progress.message(str(error))
    missing = len(mixture.centres) - modes
    return at_least(f"{name}, plain minimax game: modes missing, at least", 1, missing), figure


def picture(name: str, mixture: Mixture, played: Played) -> str:
    """Samples on their way from a cloud to the modes."""
    return moving_cloud(
        f"{name[0].upper()}{name[1:]}",
        NOTE,
        mixture.sample(REAL_SHOWN, 0, "shown").numpy(),
        [points.numpy() for _, points in played.moments],
        [f"update {at:,}" for at, _ in played.moments],
        reach=1.12 * float(mixture.centres.abs().max()) + 5 * mixture.sigma,
    )
