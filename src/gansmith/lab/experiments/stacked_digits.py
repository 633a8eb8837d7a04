"""Three digits stacked as colour channels, a thousand modes, with the default image recipe: half an hour, resumable."""

from pathlib import Path

import numpy as np

from gansmith.data.prepare import prepare
from gansmith.lab.digits import MODES, Reader, StackReading, reader_of, stacks, write_stacks
from gansmith.lab.experiment import Experiment, Outcome, Setting
from gansmith.lab.rows import Row, at_least, between, near
from gansmith.networks.pretrained import Generator
from gansmith.recipes import training

STACKS = 60_000
SAMPLES = 26_000
MINUTES = 30.0
FEWEST_MODES, MOST_KL, MOSTLY = 990, 0.3, 0.5
# What equal shares lose by being counted in so many samples: (K - 1) / 2N.
FINITE = (MODES - 1) / (2 * SAMPLES)


def play(setting: Setting) -> Outcome:
    """Read real stacks, train on real stacks, read generated stacks. Every part is kept and taken up again."""
    folder = setting.out / "stacked-digits"
    digits = prepare("mnist", progress=setting.progress)
    reader, right = reader_of(digits, folder / "reader.safetensors", setting.seed, setting.progress)
    real = np.stack(list(stacks(digits, digits.splits["test"], SAMPLES, setting.seed)))
    rows = [
        between("stacked digits: share of real digits read rightly", 1.0, right, 0.99, 1.0),
        *_rows("real", StackReading.of(reader, real), within=0.03),
    ]
    if not (pictures := folder / "stacks.zip").exists():
        write_stacks(pictures, digits, STACKS, setting.seed, setting.progress)
    generator = _trained(folder, pictures, setting)
    setting.progress.message(f"Reading {SAMPLES:,} generated stacks.")
    return Outcome([*rows, *_rows("generated", _read(generator, reader, setting.seed), within=MOST_KL)])


def _trained(folder: Path, pictures: Path, setting: Setting) -> Generator:
    """The default recipe with its own networks and settings; an interrupted run goes on where it stopped."""
    minutes = setting.minutes or MINUTES
    run = folder / f"run-seed{setting.seed}-minutes{minutes:g}"
    if run.exists():
        training.resume(run, progress=setting.progress)
    else:
        training.train(
            str(pictures), out=run, minutes=minutes, seed=setting.seed, score=False, progress=setting.progress
        )
    return Generator.from_pretrained(run)


def _read(generator: Generator, reader: Reader, seed: int) -> StackReading:
    return StackReading.of(reader, generator.sample(SAMPLES, seed=seed))


def _rows(kind: str, reading: StackReading, within: float) -> list[Row]:
    return [
        between(f"stacked digits, {kind}: modes", MODES, reading.modes, FEWEST_MODES, MODES),
        near(f"stacked digits, {kind}: KL to equal shares", FINITE, reading.kl, within),
        at_least(f"stacked digits, {kind}: share read surely, at least", MOSTLY, reading.sure),
    ]


stacked_digits = Experiment(
    play=play,
    chapter=12,
    title="A thousand modes of pictures",
    lead="Three digits in three colours: modes that can be counted in pictures.",
    words=(
        "Each picture is three random handwritten digits, one in red, one in green, one in blue: a number from 000 to "
        "999. A second network reads generated pictures, so that the modes can be counted. Published counts reach from "
        "79 to 99 (DCGAN) over 150 (VEEGAN) to all 1,000.",
        "The networks and settings are those of gansmith's default image recipe, nothing is set for this. Of 26,000 "
        "pictures only those count whose three digits are each read with a confidence of at least 0.8. The KL to equal "
        "shares would be 0.019 for a perfect generator, because 26,000 samples never fall quite equally.",
    ),
    long=True,
)
