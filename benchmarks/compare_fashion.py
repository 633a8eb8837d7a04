"""Nine methods on one network: Fashion-MNIST without labels, three seeds of four minutes each, rates chosen alike.

    python benchmarks/compare_fashion.py --workers 2    # hours; stop it and call it again as you like
    python benchmarks/compare_fashion.py --table        # what is there so far, as Markdown
    python benchmarks/compare_fashion.py --tiny         # a minute or two: shows that it works, and nothing else

It is ``gansmith compare`` with the arguments below. "Four minutes" are each method's images, by paces
measured once, in turn, before anything is trained: the best of each of one run at a time on one thread.
Runs then have these images and that thread, so that what else the machine does changes their time and not
their result. Each method's rate is the best of the same three, by trials of a quarter of the budget on the
choose split. ``rpgan-r1-r2`` is the default without its comparison of four images, which the others lack too.

What is finished is kept under results/compare: comparison.json with paces, images and trials, and config.json
and the scores of each run, as a run folder without its weights. Where those lie, nothing is measured, tried
or trained again, also in a fresh checkout.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from gansmith.cli.app import ended_badly
from gansmith.cli.progress import LiveProgress
from gansmith.core.errors import InputError, WorkError
from gansmith.recipes.comparing.asked import Asked, difference
from gansmith.recipes.comparing.comparison import compare, compare_runs
from gansmith.recipes.comparing.folder import ComparisonFolder
from gansmith.report.compared import Comparison

HERE = Path(__file__).parent
METHODS = ("rpgan-r1-r2", "minimax", "non-saturating", "lsgan", "wgan", "wgan-gp", "hinge", "dragan", "vae")
KEPT_ROWS = ("score", "final", "event")
ASKED = {
    "data": "fashion-mnist",
    "presets": METHODS,
    "seeds": 3,
    "minutes": 4.0,
    "rates": (1e-3, 3e-3, 5e-3),
    "network": "strided",
}
TINY = {"data": "avatars", "presets": ("modern", "vae"), "seeds": 1, "images": 640, "rates": (5e-4, 3e-3), "size": "xs"}


class Kept:
    """The results that are committed, and the folder where runs are trained.

    Args:
        results: comparison.json, and a slim run folder for each finished run.
        work: the comparison's own folder.
    """

    def __init__(self, results: Path, work: Path):
        self.results, self.work = results, work

    def restore(self, request: Asked) -> None:
        """Put what is kept where the comparison looks for it, unless it is there.

        Raises: InputError: where either place holds another comparison, which must not be mixed with this one.
        """
        kept, there = (ComparisonFolder(place).read() for place in (self.results, self.work))
        for place, record in ((self.results, kept), (self.work, there)):
            if record and (other := difference(request, record["asked"])):
                raise InputError(f"{place} holds a comparison of other arguments ({other}); move it away")
        if kept and there and kept["plan"] != there.get("plan"):
            raise InputError(f"{self.work} and {self.results} were begun apart; move one of them away")
        if kept and not there:
            self.work.mkdir(parents=True, exist_ok=True)
            shutil.copy(self.results / "comparison.json", self.work)
        for run in self.runs():
            if not (self.work / "runs" / run.name).exists():
                shutil.copytree(run, self.work / "runs" / run.name)

    def runs(self) -> list[Path]:
        """The slim run folders, in the order of the methods."""
        asked = ComparisonFolder(self.results).read().get("asked", {})
        cases = [(name, seed) for name in asked.get("presets", ()) for seed in range(asked["seeds"])]
        places = [self.results / f"{name}-seed{seed}" for name, seed in cases]
        return [place for place in places if (place / "config.json").is_file()]

    def take_all(self) -> None:
        """Keep what all runs left, also those that ended just before an earlier call was killed."""
        for run in (self.work / "runs").iterdir():
            self.take(None, f"runs/{run.name}")

    def take(self, folder: object, place: str) -> None:
        """Keep what a run left; called after each."""
        self.results.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.work / "comparison.json", self.results)
        if place.startswith("runs/"):
            run = self.work / place
            slim = self.results / run.name
            slim.mkdir(parents=True, exist_ok=True)
            rows = (run / "metrics.jsonl").read_text().splitlines()
            kept = [line for line in rows if json.loads(line)["kind"] in KEPT_ROWS]
            (slim / "metrics.jsonl").write_text("\n".join(kept) + "\n")
            for name in ("diagnosis.jsonl", "config.json"):  # the last one says that it is whole
                if (run / name).is_file():
                    shutil.copy(run / name, slim / name)


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table as Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def table(kept: Kept) -> None:
    """The runs that are kept, finished or not all of them."""
    if len(runs := kept.runs()) < 2:
        raise InputError(f"{kept.results} holds {len(runs)} finished runs; a table needs two")
    with tempfile.TemporaryDirectory() as place:
        comparison = compare_runs(runs, Path(place))
    tell(comparison)


def tell(comparison: Comparison) -> None:
    """The table, what follows from it, and what to know before quoting it."""
    print(markdown(*comparison.table()))
    print(f"\n{comparison.results['verdict']}")
    for note in comparison.results["notes"]:
        print(note)


def run(kept: Kept, asked: dict, workers: int) -> None:
    """Every run that is not there yet, then the table."""
    request = Asked(labels=False, threads=1, **asked)
    kept.restore(request)
    with LiveProgress() as live:
        comparison = compare(request, kept.work, workers=workers, progress=live, after=kept.take)
    kept.take_all()
    tell(comparison)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--tiny", action="store_true")
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    work = Path(os.path.relpath(HERE / "runs"))
    kept = Kept(work / "compare-tiny-results", work / "compare-tiny")
    if not given.tiny:
        kept = Kept(HERE / "results" / "compare", work / "compare")
    try:
        table(kept) if given.table else run(kept, TINY if given.tiny else ASKED, given.workers)
    except (InputError, WorkError, KeyboardInterrupt) as error:
        sys.exit(ended_badly(error))


if __name__ == "__main__":
    main()
