"""A budget in minutes as each method's images: fixed once, by paces measured in turn."""

from typing import Any

from gansmith.core.progress import Progress
from gansmith.recipes.comparing.ground import Ground, first_guess
from gansmith.recipes.comparing.methods import Method
from gansmith.recipes.setup import Pace, images_for

ROUNDS = 3  # the first one only tells how many images there will be, on which some choices hang


class Budgets:
    """What each method can do with the same minutes, scores included.

    All methods are measured in one go, one after the other and again, and the best pace of each is
    kept: a busy minute falls on none of them alone. Scores cost the same for all, since what draws
    and what judges are the same, so the least time seen counts for all.
    """

    def __init__(self, ground: Ground, minutes: float, threads: int, progress: Progress):
        self.ground, self.minutes, self.threads = ground, minutes, threads
        self.methods = ground.asked.methods
        self.paces: dict[str, Pace] = {}
        self.rounds: dict[str, list[float]] = {method.name: [] for method in self.methods}
        self.images = {method.name: first_guess(ground.asked) for method in self.methods}
        progress.start(f"measuring the paces of {len(self.methods)} methods in turn", ROUNDS * len(self.methods))
        for turn in range(ROUNDS):
            for index, method in enumerate(self.methods):
                self._measure(method, turn)
                progress.advance(turn * len(self.methods) + index + 1, method.name)
        progress.finish()
        self._score_alike()

    def _measure(self, method: Method, turn: int) -> None:
        ground, name = self.ground, method.name
        facts, chosen = ground.choose(method, self.images[name])
        pace = Pace(method.load(), ground.prepared, chosen, facts, ground.device, ground.judge, 0, self.threads)
        self.rounds[name].append(round(pace.images_per_second, 1))
        if turn < 2 or pace.images_per_second > self.paces[name].images_per_second:
            self.paces[name] = pace
        self._fix(method)

    def _fix(self, method: Method) -> None:
        batch = self.ground.choose(method, self.images[method.name])[1]["batch"]
        self.images[method.name] = images_for(self.minutes, 0.0, self.paces[method.name], batch)[0]

    def _score_alike(self) -> None:
        paces = self.paces.values()
        self.score_seconds = min(pace.score_seconds for pace in paces)
        self.final_seconds = min(pace.final_seconds for pace in paces)
        for pace in paces:
            pace.score_seconds, pace.final_seconds = self.score_seconds, self.final_seconds
        for method in self.methods:
            self._fix(method)

    def to_json(self) -> dict[str, Any]:
        """As written to comparison.json."""
        seen = {
            name: {"images_per_second": round(pace.images_per_second, 1), "rounds": self.rounds[name]}
            for name, pace in self.paces.items()
        }
        return {
            "images": self.images,
            "paces": seen,
            "score_seconds": round(self.score_seconds, 2),
            "final_seconds": round(self.final_seconds, 1),
        }
