"""The failure bench: trainings broken on purpose beside healthy ones, and what the doctor says of each.

    python benchmarks/doctor_bench.py run --workers 2             # cases to build on; stop it and call it again
    python benchmarks/doctor_bench.py run --workers 2 --held-out  # those that no threshold is set on, for the end
    python benchmarks/doctor_bench.py table                       # how the doctor does on the cases to build on
    python benchmarks/doctor_bench.py table --held-out            # once

A case is a fault at one of two strengths on one of six grounds with one of two seeds. Three grounds are held out whole;
on the others one strength of each fault is, drawn by a hash of fault and ground before any threshold was set. A case
keeps its raw signals, so that a threshold can be changed without training again. It counts only if it is worse than
each of the healthy twins of its ground in the harm that its fault declares.
"""

import argparse
import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from case_runner import run_cases
from doctor_faults import FAULTS, HEALTHY, Fault, fits
from doctor_grounds import GROUNDS, PLANE_CHOICES, SCORES, Ground, PlaneSession

HERE = Path(__file__).parent
KEPT, RUNS = HERE / "runs" / "doctor", HERE / "runs" / "doctor-runs"
SEEDS, TWINS = (0, 1), (10, 11, 12, 13, 14)
CONTROL_SEEDS = (20, 21, 22)
HELD_OUT_SEEDS = (21, 22)
CURABLE = (
    *("rate-high", "rate-low", "gamma-high", "gamma-low", "critic-strong", "no-constraint", "loses-hold"),
    *("no-augmentation", "few-images", "nan", "slow-average", "no-average"),
)


@dataclass(frozen=True)
class Case:
    """One training: a fault at a strength (0 or 1), or a healthy variant; with a guard, or with the doctor alone."""

    ground: str
    kind: str
    strength: int
    seed: int
    guarded: bool = False

    @property
    def name(self) -> str:
        """Of its files."""
        return f"{self.ground}-{self.kind}-{self.strength}-{self.seed}{'-guarded' * self.guarded}"

    @property
    def fault(self) -> Fault | None:
        """None for a healthy one."""
        return FAULTS.get(self.kind)

    @property
    def held_out(self) -> bool:
        """Whether no threshold may be set on it."""
        if GROUNDS[self.ground].unseen or self.fault is None:
            return GROUNDS[self.ground].unseen or self.seed in HELD_OUT_SEEDS
        drawn = hashlib.sha256(f"{self.kind} {self.ground}".encode()).digest()[0]
        return self.strength != drawn % 2


def cases() -> Iterator[Case]:
    """Every case: a few twins, each fault once, what else is healthy, each fault again."""
    yield from _twins(TWINS[:2])
    yield from _broken(SEEDS[0])
    yield from _twins(TWINS[2:])
    for seed in CONTROL_SEEDS:
        for ground in GROUNDS:
            yield from (Case(ground, f"healthy:{name}", 0, seed) for name in HEALTHY)
    for seed in SEEDS[1:]:
        yield from _broken(seed)


def guarded() -> Iterator[Case]:
    """The held-out cases on pictures whose cure is one of a guard's acts, and healthy ones, with the guard."""
    for case in cases():
        fault = case.fault
        curable = (fault is None and case.kind == "healthy:default") or case.kind in CURABLE
        if case.held_out and curable and not GROUNDS[case.ground].plane:
            yield replace(case, guarded=True)


def _twins(seeds: Sequence[int]) -> Iterator[Case]:
    for ground in GROUNDS.values():
        for seed in seeds:
            yield Case(ground.name, "healthy:default", 0, seed)
            if ground.labelled:
                yield Case(ground.name, "healthy:labelled", 0, seed)


def _broken(seed: int) -> Iterator[Case]:
    for ground in GROUNDS.values():
        for name, fault in FAULTS.items():
            if fits(fault, ground):
                yield from (Case(ground.name, name, strength, seed) for strength in (0, 1))


def play(case: Case) -> None:
    """Train it, and keep what it wrote."""
    ground, out, began = GROUNDS[case.ground], RUNS / case.name, time.time()
    result = (play_points if ground.plane else play_pictures)(case, ground, out)
    rows: dict[str, list[dict[str, Any]]] = {}
    for line in (out / "metrics.jsonl").read_text().splitlines():
        row = json.loads(line)
        rows.setdefault(row.pop("kind"), []).append(row)
    kept = {kind: rows.get(kind, []) for kind in ("real", "train", "probe", "score", "stop")}
    result |= {"case": case.name, "budget": ground.images, "rows": kept, "seconds": round(time.time() - began)}
    (KEPT / f"{case.name}.json").write_text(json.dumps(result))


def asked_of(case: Case, usual: dict[str, Any]) -> dict[str, Any]:
    """The choices in place of the usual ones."""
    if case.fault is not None:
        return case.fault.ask(usual, case.fault.strengths[case.strength])
    return HEALTHY.get(case.kind.removeprefix("healthy:"), HEALTHY["default"])(usual, None)


def play_points(case: Case, ground: Ground, out: Path) -> dict[str, Any]:
    """A training on points."""
    from gansmith.core.errors import WorkError

    chosen = PLANE_CHOICES | {k: v for k, v in asked_of(case, PLANE_CHOICES).items() if k in PLANE_CHOICES}
    fault = case.fault
    rows = fault.rows[case.strength] if fault and fault.rows else None
    session = PlaneSession(ground, chosen, rows, out, case.seed)
    if fault is not None:
        fault.break_(session, fault.strengths[case.strength])
    ended = ""
    try:
        session.play()
    except WorkError as error:
        ended = str(error)
    facts = {"train_images": len(session.points), "classes": 0, "resolution": None, "channels": 2}
    return {"choices": chosen, "facts": facts, "ended": ended, "harm": session.harm()}


def play_pictures(case: Case, ground: Ground, out: Path) -> dict[str, Any]:
    """A training on pictures."""
    from gansmith.core.errors import WorkError
    from gansmith.core.files import remove_tree
    from gansmith.data.prepare import prepare
    from gansmith.recipes import training
    from gansmith.recipes.choices import values
    from gansmith.recipes.kinds.image import image
    from gansmith.recipes.material import Pictures
    from gansmith.recipes.session import Session
    from gansmith.recipes.setup import facts_of

    assert ground.data is not None
    fault = case.fault
    labels = fault.labels if fault else case.kind == "healthy:labelled"
    prepared = prepare(ground.data(), resolution=ground.resolution)
    if fault and fault.rows:
        splits = prepared.splits | {"train": prepared.splits["train"][: fault.rows[case.strength]]}
        prepared = replace(prepared, splits=splits)
    played: list[Any] = []

    class Broken(Session):
        """A session with the fault in it."""

        def __init__(self, *args: Any):
            super().__init__(*args)
            self.kinds = prepared.labels[prepared.splits["train"]]
            if fault is not None:
                fault.break_(self, fault.strengths[case.strength])
            played.append(self)

        def _write_pages(self) -> None:
            pass

    training.open_material, training.Session = (lambda *_, **__: Pictures(prepared)), Broken
    facts = facts_of(prepared, labels, ground.images)
    usual = values(image.choose(facts, None, {}))
    remove_tree(out)
    ended = ""
    try:
        training.train(
            training.Request(
                data=ground.data(),
                out=out,
                images=ground.images,
                seed=case.seed,
                labels=labels,
                threads=1,
                lanes=1,
                pace=500.0,
                scores=SCORES,
                final_score=False,
                guard=case.guarded,
                overrides=asked_of(case, usual),
            )
        )
    except WorkError as error:
        ended = str(error)
    config = json.loads((out / "config.json").read_text())
    chosen = {name: choice["value"] for name, choice in config["choices"].items()}
    known = {"train_images": facts.train_images, "classes": facts.classes, "channels": facts.channels}
    known |= {"resolution": facts.resolution}
    harm = {"label_accuracy": label_accuracy(played[0], prepared)} if labels and not ended else {}
    return {"choices": chosen, "facts": known, "ended": ended, "harm": harm}


def label_accuracy(session: Any, prepared: Any) -> float:
    """The share of drawn pictures whose nearest training picture bears the label they were asked for."""
    from gansmith.engine.drawing import draw
    from gansmith.metrics.neighbours import nearest

    latents = session.painter.latents(500, "labels-read")
    judge = session.judge
    drawn = judge.extractor.features(draw(session.painter.settled(session.trainer.average), latents))
    some = np.sort(np.random.default_rng(session.seed).permutation(prepared.splits["train"])[: len(judge.floor)])
    found = nearest(torch.from_numpy(drawn).double(), torch.from_numpy(judge.floor))[1][:, 0]
    read = torch.from_numpy(prepared.labels[some])[found]
    return float((read == latents.labels).float().mean())


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["run", "case", "list", "table"])
    parser.add_argument("case", nargs="?")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--only", default="", help="cases whose name holds this")
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--guarded", action="store_true")
    given = parser.parse_args()
    for folder in (KEPT, RUNS):
        folder.mkdir(parents=True, exist_ok=True)
    wanted = {case.name: case for case in (*cases(), *guarded())}
    chosen = [
        case
        for case in wanted.values()
        if (case.guarded if given.guarded else case.held_out == given.held_out and not case.guarded)
        and given.only in case.name
    ]
    if given.what == "case":
        play(wanted[given.case])
    elif given.what == "table":
        from doctor_reading import Reading, table

        print(table([Reading.of(path) for path in sorted(KEPT.glob("*.json"))], [case.name for case in chosen]))
    elif given.what == "list":
        print(*(case.name for case in chosen), len(chosen), sep="\n")
    else:
        run_cases(__file__, {case.name: [case.name] for case in chosen}, KEPT, RUNS, given.workers)


if __name__ == "__main__":
    main()
