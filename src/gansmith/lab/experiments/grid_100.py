"""A hundred Gaussians on a grid in 7,000 updates: some minutes."""

from gansmith.lab import mixtures
from gansmith.lab.experiment import Experiment, Outcome, Setting
from gansmith.lab.modes import explore
from gansmith.lab.plane_game import Settings

SETTINGS = Settings(updates=7000, gamma=(1e-1, 1e-3), octaves=(5, 7), latent=4)


def play(setting: Setting) -> Outcome:
    """The grid, with help alone."""
    return explore("grid-100", mixtures.grid(10), SETTINGS, setting)


grid_100 = Experiment(
    play=play,
    chapter=11,
    title="A hundred modes",
    lead="The same networks, four times as many places.",
    words=(
        "The borders between a hundred modes are twice as long as between twenty-five, and a map without jumps crosses "
        "every one of them: samples that lie between modes are on such a crossing. So this is harder on the generator "
        "than on the critic.",
        "Two things differ from twenty-five: the critic sees one octave more, as the grid is twice as wide, and the "
        "penalty begins twice as strong, to carry samples farther.",
    ),
    long=True,
)
