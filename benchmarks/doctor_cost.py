"""What the doctor costs: the share of a training's time that its probes, its examinations and its guard take.

    python benchmarks/doctor_cost.py

Trainings of one and of five minutes' images on Fashion-MNIST, scores left out of both sides.
"""

import json
import tempfile
import time
from pathlib import Path
from typing import Any

RESULT = Path(__file__).parent / "results" / "doctor_cost.json"
BUDGETS = (60_000, 300_000)
TARGET = 0.03


def timed(kind: type, spent: dict[str, float]) -> None:
    """Let an observer note how long it takes."""
    for hook in ("on_start", "after_step"):
        before = getattr(kind, hook)

        def after(self: Any, *args: Any, before: Any = before) -> None:
            began = time.perf_counter()
            before(self, *args)
            spent[kind.__name__] = spent.get(kind.__name__, 0.0) + time.perf_counter() - began

        setattr(kind, hook, after)


def main() -> None:
    """Measure and keep."""
    from gansmith.engine.observers.diagnosing import Diagnosing
    from gansmith.engine.observers.guarding import Guarding
    from gansmith.engine.observers.probing import Probing
    from gansmith.engine.observers.scoring import Scoring
    from gansmith.recipes.training import Request, train

    spent: dict[str, float] = {}
    for kind in (Probing, Diagnosing, Guarding, Scoring):
        timed(kind, spent)
    rows = []
    for images in BUDGETS:
        spent.clear()
        with tempfile.TemporaryDirectory() as place:
            run = Path(place) / "run"
            result = train(Request(data="fashion-mnist", labels=False, images=images, out=run, final_score=False))
        whole = result.seconds - spent.pop("Scoring")
        share = sum(spent.values()) / whole
        rows.append({"images": images, "seconds": round(whole, 1), "share": round(share, 4)} | spent)
        print(rows[-1], flush=True)
    told = {"command": "python benchmarks/doctor_cost.py", "target": TARGET, "rows": rows}
    RESULT.write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
