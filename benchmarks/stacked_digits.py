"""A thousand modes of stacked digits with the default recipe: how many it draws, and how evenly.

    python benchmarks/stacked_digits.py    # about half an hour on one thread; stop it and call it again as you like

It is ``gansmith lab stacked-digits --minutes 10`` with the images that ten quiet minutes on two cores hold, so that
what else the machine does changes the time and not the result. 26,000 samples; a sample counts where a network that
reads 99.2 % of real digits reads each of its three with a confidence of at least 0.8.
"""

import shlex
import sys
from dataclasses import asdict
from pathlib import Path

from gansmith.cli.progress import LiveProgress
from gansmith.core.files import write_json
from gansmith.data.prepare import prepare
from gansmith.lab.digits import write_stacks
from gansmith.lab.experiment import Setting
from gansmith.lab.experiments.stacked_digits import STACKS, play
from gansmith.recipes import training

IMAGES, MINUTES, SEED = 940_000, 10.0, 0
HERE = Path(__file__).parent
RESULT = HERE / "results" / "stacked_digits.json"
LAB = HERE / "runs" / "lab"


def main() -> None:
    """Train or go on, read, keep, print."""
    folder = LAB / "stacked-digits"
    run = folder / f"run-seed{SEED}-minutes{MINUTES:g}"
    with LiveProgress() as progress:
        if not run.exists():
            folder.mkdir(parents=True, exist_ok=True)
            if not (pictures := folder / "stacks.zip").exists():
                write_stacks(pictures, prepare("mnist", progress=progress), STACKS, SEED, progress)
            training.train(str(pictures), out=run, images=IMAGES, seed=SEED, score=False, threads=1, progress=progress)
        rows = play(Setting(seed=SEED, minutes=MINUTES, out=LAB, progress=progress)).rows
    found = [asdict(row) for row in rows]
    write_json(RESULT, {"command": shlex.join(["python", *sys.argv]), "images": IMAGES, "seed": SEED, "rows": found})
    for row in rows:
        print(f"{row.name}: {row.measured:.4g} (theory {row.theory:.4g}){'' if row.holds else ', does not hold'}")


if __name__ == "__main__":
    main()
