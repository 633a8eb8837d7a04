"""The single runs of a comparison: which there are, how one is played, and whether it has ended."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gansmith.core.errors import WorkError
from gansmith.core.files import remove_tree
from gansmith.core.progress import Progress
from gansmith.core.runfolder import RunFolder
from gansmith.engine.trainer import NonFinite
from gansmith.recipes.comparing.asked import Asked
from gansmith.recipes.comparing.ground import SHARED
from gansmith.recipes.comparing.methods import Method
from gansmith.recipes.comparing.reading import diverged
from gansmith.recipes.request import Request
from gansmith.recipes.setup import scores_for
from gansmith.recipes.training import resume, train

TRIAL_SHARE = 0.25


@dataclass(frozen=True)
class Case:
    """One run.

    Attributes:
        images: its budget.
        rate: its learning rate; None leaves it to the method.
        trial: whether it only helps to choose a rate, by the choose split.
    """

    method: Method
    seed: int
    images: int
    rate: float | None = None
    trial: bool = False

    @property
    def place(self) -> str:
        """Where its run folder lies within the comparison's."""
        if self.trial:
            return f"trials/{self.method.file_name}-rate{self.rate:g}"
        return f"runs/{self.method.file_name}-seed{self.seed}"

    @property
    def words(self) -> str:
        return (
            f"{self.method.name}, trial of rate {self.rate:g}"
            if self.trial
            else f"{self.method.name}, seed {self.seed}"
        )

    @property
    def cost(self) -> float:
        """In budgets of one run."""
        return TRIAL_SHARE if self.trial else 1.0

    def request(self, asked: Asked, plan: dict[str, Any], root: Path) -> Request:
        """The same for every method, but for the method.

        Each is scored as often as the one with the fewest images: the best of many scores is better by chance alone.
        """
        fewest = min(plan["images"].values())
        return Request(
            data=asked.data,
            recipe=self.method.recipe,
            preset=self.method.preset,
            out=root / self.place,
            images=self.images,
            size=plan["shared"]["size"],
            resolution=asked.resolution,
            labels=asked.labels,
            rate=self.rate,
            seed=self.seed,
            threads=plan["threads"],
            pace=plan["paces"][self.method.name]["images_per_second"],
            scores=scores_for(_of_a_trial(fewest) if self.trial else fewest),
            final_score=not self.trial,
            guard=False,
            overrides={name: plan["shared"][name] for name in SHARED},
        )


def trials(asked: Asked, plan: dict[str, Any]) -> list[Case]:
    """A quarter of a method's own budget for each rate: equal cost for all methods. Seed 0."""
    return [
        Case(method, 0, _of_a_trial(plan["images"][method.name]), rate, trial=True)
        for rate in asked.rates
        for method in asked.methods
    ]


def _of_a_trial(images: int) -> int:
    return max(1, round(TRIAL_SHARE * images))


def cases(asked: Asked, plan: dict[str, Any], rates: dict[str, float]) -> list[Case]:
    """Seed after seed, so that what is there early on can already be compared."""
    return [
        Case(method, seed, plan["images"][method.name], rates.get(method.name))
        for seed in range(asked.seeds)
        for method in asked.methods
    ]


def play(case: Case, asked: Asked, plan: dict[str, Any], root: Path, progress: Progress) -> None:
    """Train, or go on where an earlier call stopped. A run that became NaN has ended too: that is its result.

    Raises: as ``train`` and ``resume``.
    """
    folder = RunFolder(root / case.place)
    try:
        if folder.config.is_file():
            resume(folder.path, asked.data, progress=progress)
        else:
            remove_tree(folder.path)  # begun and killed before anything was written
            train(case.request(asked, plan, root), progress=progress)
    except WorkError as error:
        if not isinstance(error.__cause__, NonFinite):
            raise


def ended(run: Path) -> bool:
    """Whether a run has its final score, or never will."""
    return bool(RunFolder(run).rows("final")) or diverged(run)


def trial_result(case: Case, root: Path) -> dict[str, Any]:
    """The score of the generator that a trial kept, on the choose split; None if it diverged."""
    run = root / case.place
    scores = [] if diverged(run) else RunFolder(run).rows("score")
    kept = [row for row in scores if row.get("best")] or scores
    return {"rate": case.rate, "fd": kept[-1].get("fd") if kept else None, "images": case.images}


def chosen_rates(asked: Asked, tried: dict[str, list[dict[str, Any]]]) -> dict[str, float]:
    """Each method's best rate; the smallest where no trial came to an end."""
    return (
        {name: min(asked.rates, key=lambda rate: (_score_at(rate, tried[name]), rate)) for name in asked.presets}
        if asked.rates
        else {}
    )


def _score_at(rate: float, tried: list[dict[str, Any]]) -> float:
    found = [trial["fd"] for trial in tried if trial["rate"] == rate and trial["fd"] is not None]
    return found[0] if found else float("inf")
