"""Nine methods on one network: Fashion-MNIST without labels, three seeds of four minutes each, rates chosen alike.

    python benchmarks/compare_fashion.py --workers 2    # hours; stop it and call it again as you like
    python benchmarks/compare_fashion.py --table        # what is there so far, as Markdown
    python benchmarks/compare_fashion.py --tiny         # some minutes: shows that it works, and nothing else

It is ``gansmith compare`` with the arguments below. "Four minutes" are each method's images, by paces
measured in turn before anything is trained; runs then have a fixed number of threads, so that what else
the machine does changes their time and not their result. Each method's rate is the best of the same
three, by trials of a quarter of the budget on the choose split.

What is finished is kept under results/compare: comparison.json, and config.json and the scores of each
run, as a run folder without its weights. Where those lie, no run is trained again, also in a fresh checkout.
"""

import argparse
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parent
METHODS = ("modern", "minimax", "non-saturating", "lsgan", "wgan", "wgan-gp", "hinge", "dragan", "vae")
KEPT_ROWS = ("score", "final", "event")
ASKED = {"presets": METHODS, "seeds": 3, "minutes": 4.0, "rates": (1e-3, 3e-3, 5e-3)}
TINY = {"presets": ("modern", "wgan-gp", "vae"), "seeds": 1, "images": 2_000, "rates": (5e-4, 3e-3), "size": "xs"}


class Kept:
    """The results that are committed, and the folder where runs are trained.

    Args:
        results: comparison.json, and a slim run folder for each finished run.
        work: the comparison's own folder.
    """

    def __init__(self, results: Path, work: Path):
        self.results, self.work = results, work

    def restore(self) -> None:
        """Put what is kept where the comparison looks for it, unless it is there."""
        record = self.results / "comparison.json"
        if record.is_file() and not (self.work / record.name).exists():
            self.work.mkdir(parents=True, exist_ok=True)
            shutil.copy(record, self.work / record.name)
        for run in self.runs():
            if not (self.work / "runs" / run.name).exists():
                shutil.copytree(run, self.work / "runs" / run.name)

    def runs(self) -> list[Path]:
        """The slim run folders, in the order of the methods."""
        found = [config.parent for config in self.results.glob("*/config.json")]
        return sorted(found, key=lambda run: (METHODS.index(run.name.rpartition("-seed")[0]), run.name))

    def take(self, folder: object, place: str) -> None:
        """Keep what a run left; called after each."""
        self.take_record()
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

    def take_record(self) -> None:
        """Keep comparison.json as it stands."""
        self.results.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.work / "comparison.json", self.results / "comparison.json")


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table as Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def table(kept: Kept) -> None:
    """The runs that are kept, finished or not all of them."""
    from gansmith.recipes.comparing.comparison import compare_runs

    with tempfile.TemporaryDirectory() as place:
        comparison = compare_runs(kept.runs(), Path(place))
    print(markdown(*comparison.table()))
    print(f"\n{comparison.results['verdict']}")
    for note in comparison.results["notes"]:
        print(note)


def run(kept: Kept, asked: dict, workers: int) -> None:
    """Every run that is not there yet, then the table."""
    from gansmith.cli.progress import LiveProgress
    from gansmith.recipes.comparing.asked import Asked
    from gansmith.recipes.comparing.comparison import compare

    request = Asked(data="fashion-mnist", labels=False, threads=1, **asked)
    kept.restore()
    with LiveProgress() as live:
        comparison = compare(request, kept.work, workers=workers, progress=live, after=kept.take)
    kept.take_record()
    print(markdown(*comparison.table()))
    print(f"\n{comparison.results['verdict']}")
    for note in comparison.results["notes"]:
        print(note)


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
    if given.table:
        table(kept)
    else:
        run(kept, TINY if given.tiny else ASKED, given.workers)


if __name__ == "__main__":
    main()
