"""Eight Gaussians on a circle: the modern game finds all of them, the plain minimax game none."""

from gansmith.lab import mixtures
from gansmith.lab.experiment import Experiment, Outcome, Setting
from gansmith.lab.modes import explore
from gansmith.lab.plane_game import Settings

SETTINGS = Settings(updates=1000)


def play(setting: Setting) -> Outcome:
    """The ring with help, then without."""
    return explore("ring", mixtures.ring(), SETTINGS, setting, plain=True)


ring = Experiment(
    play=play,
    chapter=9,
    title="Modes, lost and found",
    lead="The data stand in eight places. Will the generator find all of them?",
    words=(
        "Data come in clumps, called modes: ten digits, a hundred breeds of dogs. Here they are eight narrow bells on "
        "a circle. The generator is given two random numbers and told nothing of the circle. It is a map without "
        "jumps, so to reach separate places it must stretch what lies between until hardly a sample is left there.",
        "First the game that gansmith trains with: the critic is asked which of two samples, one real and one "
        "generated, is the real one (relativistic pairing), and gradient penalties on both (R1 and R2) keep it from "
        "growing steep. So it slopes gently from wherever the generator is towards the data, and every mode pulls.",
        "Then the plain minimax game: the same networks, the same number of updates, no penalty. The critic soon knows "
        "every generated sample, its logits run away, and the slope of log(1 - D) vanishes as in chapter 3. The "
        "generator stands still, and on no mode.",
        "A mode counts when at least 10 of 20,000 samples lie within 3 sigma of it. Of a perfect generator 98.9 % of "
        "the samples lie so near; every mode has the data's width and the same share of samples, so the other "
        "figures are 1.",
    ),
)
