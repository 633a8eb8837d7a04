"""Twenty-five Gaussians on a grid, with help and without: about four minutes, half of them each."""

from gansmith.lab import mixtures
from gansmith.lab.experiment import Experiment, Outcome, Setting
from gansmith.lab.modes import explore
from gansmith.lab.plane_game import Settings

SETTINGS = Settings(updates=5000)


def play(setting: Setting) -> Outcome:
    """The grid with help, then without."""
    return explore("grid-25", mixtures.grid(5), SETTINGS, setting, plain=True)


grid_25 = Experiment(
    play=play,
    chapter=10,
    title="Twenty-five modes",
    lead="All modes, as wide as the data's and about as frequent.",
    words=(
        "Finding a mode is one thing, drawing it as it is another. Here are twenty-five, each 0.03 wide and 1 from the "
        "next. A plain GAN is reported to find 17.3 of 25 on average (PacGAN, arXiv:1712.04086).",
        "Watch the order. Within some hundred updates the cloud breaks up and each mode has samples, but they are "
        "huddled in its middle: a strong penalty makes the critic too smooth to see that a mode has a width. The "
        "penalty falls to a fiftieth during the run, the critic sharpens, and the modes fill out. The learning rates "
        "fall as well, and what is drawn is a running average of the generator.",
        "With --minutes the game with help takes so long; the plain one then plays as many updates.",
    ),
    long=True,
)
