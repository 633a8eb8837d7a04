"""Each method's pace, measured in turn, and what a budget in minutes is in its images: fixed once."""

from typing import Any

from gansmith.core.progress import Progress
from gansmith.recipes.comparing.ground import Ground, first_guess
from gansmith.recipes.comparing.methods import Method
from gansmith.recipes.material import Pictures
from gansmith.recipes.setup import Pace, images_for
from gansmith.report.words import plural

ROUNDS = 3  # of a budget in minutes; the first only tells how many images there will be, on which choices hang


class Budgets:
    """What each method can do with the same minutes, scores included; of a budget in images, its pace alone.

    All methods are measured in one go, one after the other and again, and the best pace of each is
    kept: a busy minute falls on none of them alone. Scores cost the same for all, since what draws
    and what judges are the same, so the least time seen counts for all.
    """

    def __init__(self, ground: Ground, threads: int, progress: Progress):
        self.ground, self.minutes, self.threads = ground, ground.asked.budget_minutes, threads
        self.methods = ground.asked.methods
        self.paces: dict[str, Pace] = {}
        self.rounds: dict[str, list[float]] = {method.name: [] for method in self.methods}
        self.images = {method.name: first_guess(ground.asked) for method in self.methods}
        rounds = ROUNDS if self.minutes else 1
        progress.start(f"measuring the paces of {plural(len(self.methods), 'method')}", rounds * len(self.methods))
        for turn in range(rounds):
            for index, method in enumerate(self.methods):
                self._measure(method, turn)
                progress.advance(turn * len(self.methods) + index + 1, method.name)
        progress.finish()
        if self.minutes:
            self._score_alike()

    def _measure(self, method: Method, turn: int) -> None:
        ground, name = self.ground, method.name
        facts, chosen = ground.choose(method, self.images[name])
        judge = ground.judge if self.minutes else None
        pace = Pace.measure(
            method.load(), Pictures(ground.prepared), chosen, facts, ground.device, judge, 0, self.threads, 1
        )
        self.rounds[name].append(round(pace.images_per_second, 1))
        if turn < 2 or pace.images_per_second > self.paces[name].images_per_second:
            self.paces[name] = pace
        self._fix(method)

    def _fix(self, method: Method) -> None:
        if not self.minutes:
            return
        batch = self.ground.choose(method, self.images[method.name])[1]["batch"]
        self.images[method.name] = images_for(self.minutes, 0.0, self.paces[method.name], batch)[0]

    def _score_alike(self) -> None:
        paces = self.paces.values()
        score_seconds = min(pace.score_seconds for pace in paces)
        final_seconds = min(pace.final_seconds for pace in paces)
        for pace in paces:
            pace.score_seconds, pace.final_seconds = score_seconds, final_seconds
        for method in self.methods:
            self._fix(method)

    def to_json(self) -> dict[str, Any]:
        """As written to comparison.json."""
        seen = {
            name: {
                "images_per_second": round(pace.images_per_second, 1),
                "rounds": self.rounds[name],
                "score_seconds": round(pace.score_seconds, 2),
                "final_seconds": round(pace.final_seconds, 1),
            }
            for name, pace in self.paces.items()
        }
        return {"images": self.images, "paces": seen}
