"""Score against time: the default beside the field, on equal data, minutes and processors, case after case.

    python benchmarks/time_to_quality.py                  # all of it, some twenty hours; or part by part:
    python benchmarks/time_to_quality.py pace             # once, on a quiet machine
    python benchmarks/time_to_quality.py trials           # short ones, that give each rival a rate or batch of its own
    python benchmarks/time_to_quality.py choose; python benchmarks/time_to_quality.py paces    # of what they chose
    python benchmarks/time_to_quality.py run --workers 2  # stop it and call it again as you like
    python benchmarks/time_to_quality.py table            # what is there so far, as Markdown

"Ten minutes" are the images that ten quiet minutes hold on all processors, scores included, in the layout that a
training chooses here, at a pace that is measured once and committed: the same way for every rival. A case then plays
these images in the same lanes and precision on one thread, so that what else the machine does changes its time and not
its result. At the end as many samples as the floor has (10,000 where there are as many real images) are measured by
two extractors against the test split, each beside the floor, which as many real images get. Nobody has labels.

Public projects are rivals too (``peers.py``): each in an environment of its own, trained once with its own defaults, at
a pace measured in the same way, and with all of the ten minutes for training, since it scores nothing on the way.
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import peers
from case_runner import run_cases
from quality_data import emoji_folder, few_floor, few_folder

HERE = Path(__file__).parent
RESULTS, RUNS = HERE / "results" / "time_to_quality", HERE / "runs"
EXTRACTORS = ("lite0", "hed")
TRIAL_MINUTES, SCORES_A_MINUTE, OURS = 2.0, 1.4, "ours"  # so many scores take a twentieth of the time


@dataclass(frozen=True)
class Ground:
    """What is trained on.

    Attributes:
        data: what ``gansmith train`` is given.
        pictures: their shape, which a public project's pace hangs on.
        floor: further real images for the floor; None: training images.
        seeds: of ours; rivals have one.
    """

    data: Callable[[], str]
    pictures: str = "64 px, colour"
    floor: Callable[[], str] | None = None
    seeds: int = 1


GROUNDS = {
    "fashion": Ground(lambda: "fashion-mnist", "28 px, grey", seeds=3),
    "avatars": Ground(lambda: "avatars"),
    "emoji": Ground(lambda: str(emoji_folder(RUNS))),
    "few": Ground(lambda: str(few_folder(RUNS)), floor=lambda: str(few_floor(RUNS))),
}
RIVALS: dict[str, dict[str, Any]] = {
    OURS: {},
    "classic": {"preset": "classic"},
    "non-saturating": {"preset": "classic", "overrides": {"batch": 64, "generator_width": 32, "critic_width": 32}},
    "wgan-gp": {"preset": "wgan-gp"},
    "hinge": {"preset": "hinge"},
    "r3gan": {"preset": "r3gan"},
    **{name: {"peer": name} for name in peers.PEERS},
}
TRIED: dict[str, list[dict[str, Any]]] = {
    "classic": [{"batch": 8}, {"batch": 16}, {"batch": 8, "rate": [4e-4, 4e-4]}],
    "non-saturating": [{"rate": [rate, rate * 0.03]} for rate in (1e-3, 2e-3, 3e-3, 5e-3)],
    "wgan-gp": [{"rate": [rate, rate * 0.03]} for rate in (5e-4, 1e-3, 2e-3, 4e-3)],
    "hinge": [{"rate": [rate, rate * 0.03]} for rate in (5e-4, 1e-3, 2e-3, 4e-3)],
    "r3gan": [{"batch": 64}, {"batch": 256}, {"batch": 64, "rate": [1e-3, 2.5e-4]}],
}


def request_of(rival: str, more: dict[str, Any] | None = None) -> dict[str, Any]:
    """What is asked of a rival's training; without ``more``, with what its trials chose."""
    request = dict(RIVALS[rival])
    chosen = _read("chosen").get(rival, {}) if more is None else more
    return request | {"overrides": request.get("overrides", {}) | chosen, "labels": False}


def cases() -> dict[str, tuple[str, dict[str, Any], float]]:
    """name -> (ground, request, minutes) of each case, Fashion-MNIST's first seeds first."""
    found: dict[str, tuple[str, dict[str, Any], float]] = {}
    for ground, what in GROUNDS.items():
        for rival in RIVALS:
            found[f"{ground}-{rival}-0"] = (ground, request_of(rival) | {"seed": 0}, 10.0)
        if ground == "fashion":
            found["fashion-ours-75s-0"] = (ground, request_of(OURS, {"batch": 64}) | {"seed": 0}, 1.25)
        for seed in range(1, what.seeds):
            found[f"{ground}-{OURS}-{seed}"] = (ground, request_of(OURS) | {"seed": seed}, 10.0)
    return found


def trial_cases() -> dict[str, tuple[str, dict[str, Any], float]]:
    """The same for the trials, on Fashion-MNIST."""
    return {
        f"trial-{rival}-{number}": ("fashion", request_of(rival, tried) | {"seed": 0}, TRIAL_MINUTES)
        for rival, every in TRIED.items()
        for number, tried in enumerate(every)
    }


def pace_key(ground: str, request: dict[str, Any]) -> str:
    """What the pace depends on: the project and the pictures' shape; or the data, the preset and the networks'."""
    if "peer" in request:
        return json.dumps({"peer": request["peer"], "pictures": GROUNDS[ground].pictures})
    shapes = {k: v for k, v in request["overrides"].items() if k in ("batch", "generator_width", "critic_width")}
    return json.dumps({"data": ground, "preset": request.get("preset"), **shapes}, sort_keys=True)


def measure_pace(ground: str, request: dict[str, Any]) -> dict[str, Any]:
    """The best of two: images a second in the layout that a training chooses, and the seconds that scores take."""
    import torch

    from gansmith.core.progress import Progress
    from gansmith.data.prepare import prepare
    from gansmith.engine.memory import keep_freed_memory
    from gansmith.networks.extractors import available
    from gansmith.recipes.choices import values
    from gansmith.recipes.kinds.image import image
    from gansmith.recipes.material import Pictures
    from gansmith.recipes.setup import Judge, Pace, facts_of, images_for, precision_for

    keep_freed_memory()
    prepared, extractor, device = prepare(GROUNDS[ground].data()), available(), torch.device("cpu")
    judge = Judge.of(extractor, prepared, 0, Progress()) if extractor else None
    images, paces, chosen = 1_000_000, [], {}
    for _ in range(3):  # what is chosen, and so its pace, follows from the images that the pace allows
        facts = facts_of(prepared, False, images, minutes=10)
        chosen = values(image.choose(facts, request.get("preset"), request["overrides"]))
        chosen["precision"] = precision_for(None, device, chosen["penalty"]).value
        paces.append(Pace.measure(image, Pictures(prepared), chosen, facts, device, judge, 0))
        images = images_for(10.0, 10.0, paces[-1], chosen["batch"])[0]
    best = max(paces[1:], key=lambda pace: pace.images_per_second)
    return {
        "images_per_second": round(best.images_per_second, 1),
        "score_seconds": round(min(pace.score_seconds for pace in paces), 3),
        "final_seconds": round(min(pace.final_seconds for pace in paces), 1),
        "threads": best.layout.threads,
        "lanes": best.layout.lanes,
        "precision": chosen["precision"],
        "batch": chosen["batch"],
    }


def measure_peer_pace(ground: str, request: dict[str, Any]) -> dict[str, Any]:
    """The best of two of a public project's."""
    pictures = peer_pictures(ground)
    best = max(peers.pace(request["peer"], pictures) for _ in range(2))
    return {"images_per_second": round(best, 1), "threads": os.cpu_count(), "project": peers.PEERS[request["peer"]]}


def peer_pictures(ground: str) -> Path:
    """The training split as files."""
    from gansmith.data.prepare import prepare

    return peers.write_pictures(prepare(GROUNDS[ground].data()), ground)


def measure_paces(wanted: dict[str, tuple[str, dict[str, Any], float]], only: str) -> None:
    """Every pace that is not known yet."""
    paces = _read("pace")
    for ground, request, _ in wanted.values():
        key = pace_key(ground, request)
        if key not in paces and only in key:
            measure = measure_peer_pace if "peer" in request else measure_pace
            paces[key] = measure(ground, request)
            print(key, paces[key], flush=True)
            _write("pace", paces)


def images_of(ground: str, request: dict[str, Any], minutes: float) -> int:
    """The images that so many quiet minutes hold."""
    from gansmith.engine.pace import Layout
    from gansmith.recipes.setup import Pace, images_for

    key = pace_key(ground, request)
    known = _read("pace").get(key)
    if known is None:
        sys.exit(f"the pace of {key} is not measured yet: python {os.path.relpath(__file__)} pace")
    if "peer" in request:
        return int(60 * minutes * known["images_per_second"])
    layout = Layout(known["threads"], known["lanes"])
    pace = Pace(layout, known["images_per_second"], {}, known["score_seconds"], known["final_seconds"])
    return images_for(minutes, 10.0, pace, known["batch"])[0]


def play(name: str, ground: str, request: dict[str, Any], minutes: float) -> None:
    """Train a case, or go on with it, measure its samples, keep the result."""
    from gansmith.core.files import write_json

    known, images = _read("pace")[pace_key(ground, request)], images_of(ground, request, minutes)
    began = time.time()
    result = {
        "case": name,
        "request": request,
        "minutes": minutes,
        "images": images,
        "images_per_second": known["images_per_second"],
    }
    if "peer" in request:
        result["project"] = known["project"]
        out, count = RUNS / name, sample_count(ground)
        samples = peers.train(request["peer"], peer_pictures(ground), out, images, count, request["seed"])
        result["measured"] = measured(ground, samples)
    else:
        train_ours(RUNS / name, ground, request, minutes, images)
        rows = [json.loads(line) for line in (RUNS / name / "metrics.jsonl").read_text().splitlines()]
        curve = [[row["images"], round(row["fd"], 1)] for row in rows if row["kind"] == "score"]
        result |= {"choose_fd": min(fd for _, fd in curve), "curve": curve}
        result["measured"] = {} if name.startswith("trial") else measured(ground, samples_of(RUNS / name, ground))
    write_json(RESULTS / f"{name}.json", result | {"seconds_this_time": round(time.time() - began)})


def train_ours(run: Path, ground: str, request: dict[str, Any], minutes: float, images: int) -> None:
    """Train with gansmith, or go on with it."""
    from gansmith.recipes.training import Request, resume, train

    if (run / "config.json").exists():
        resume(run)
        return
    # The best of many scores is better by chance alone, so each has as many, by the minutes.
    known = _read("pace")[pace_key(ground, request)]
    how = {"lanes": known["lanes"], "threads": 1, "precision": known["precision"], "pace": known["images_per_second"]}
    how |= {"images": images, "scores": max(1, round(SCORES_A_MINUTE * minutes)), "final_score": False, "guard": False}
    train(Request(data=GROUNDS[ground].data(), out=run, **how, **request))


def samples_of(run: Path, ground: str) -> np.ndarray:
    """What a run of ours is measured by."""
    from gansmith.networks.pretrained import Generator

    return Generator.from_pretrained(run).sample(sample_count(ground), seed=0)


def sample_count(ground: str) -> int:
    """As many as the floor has."""
    from gansmith.data.prepare import prepare
    from gansmith.recipes.setup import MOST_SAMPLES

    floor = GROUNDS[ground].floor
    if floor is not None:
        return len(prepare(floor()).images)
    return min(MOST_SAMPLES, len(prepare(GROUNDS[ground].data()).splits["train"]))


def measured(ground: str, samples: np.ndarray) -> dict[str, Any]:
    """By extractor: the score of samples, beside the floor."""
    from gansmith.core.progress import Progress
    from gansmith.data.prepare import prepare
    from gansmith.metrics.features import cached_features
    from gansmith.metrics.score import final_score
    from gansmith.networks.extractors import EXTRACTORS as registry
    from gansmith.recipes.setup import Judge

    prepared, floor = prepare(GROUNDS[ground].data()), GROUNDS[ground].floor
    found: dict[str, Any] = {}
    for name in EXTRACTORS:
        extractor = registry.get(name)()
        judge = Judge.of(extractor, prepared, 0, Progress())
        assert judge is not None
        theirs = judge.floor
        if floor is not None:
            more = prepare(floor())
            every = np.arange(len(more.images))
            theirs = cached_features(extractor, more.images, every, more.folder, more.fingerprint)
        found[name] = final_score(extractor, samples, judge.test, theirs, seed=0)
    return found


def run_all(wanted: dict[str, tuple[str, dict[str, Any], float]], workers: int, only: str) -> None:
    """Every case without a result."""
    run_cases(__file__, {name: [name] for name in wanted if only in name}, RESULTS, RUNS, workers)


def choose() -> None:
    """From the trials: what each rival is asked for, by the choose split."""
    chosen = {}
    for rival, every in TRIED.items():
        scores = {n: _read(f"trial-{rival}-{n}").get("choose_fd") for n in range(len(every))}
        done = {number: score for number, score in scores.items() if score is not None}
        if done:
            chosen[rival] = every[min(done, key=lambda number: done[number])]
        print(rival, scores)
    _write("chosen", chosen)


def table() -> None:
    """Each ground's rivals by both extractors: the distance, its excess over the floor, KID, and ours over theirs."""
    for ground in GROUNDS:
        rows: dict[str, list[dict[str, Any]]] = {}
        for name, (on, _, minutes) in cases().items():
            if on == ground and minutes == 10.0 and (result := _read(name)):
                rows.setdefault(name.removeprefix(f"{ground}-").rsplit("-", 1)[0], []).append(result)
        if not rows:
            continue
        heads = [
            f"{what} {extractor}" for extractor in EXTRACTORS for what in ("FD", "excess", "over ours", "KID x 1000")
        ]
        print(f"\n| {ground} | images | {' | '.join(heads)} |\n|{'---|' * (len(heads) + 2)}")
        ours = {extractor: _excess(rows.get(OURS, []), extractor) for extractor in EXTRACTORS}
        for rival, results in rows.items():
            cells = []
            for extractor in EXTRACTORS:
                excess, mine = _excess(results, extractor), ours[extractor]
                fd, kid = (_median(results, extractor, metric) for metric in ("fd", "kid"))
                ratio = f"{excess / mine:.2f}" if mine else ""
                cells += [f"{fd:,.1f}", f"{excess:,.1f}", ratio, f"{1000 * kid:,.1f}"]
            print(f"| {rival} ({len(results)}) | {results[0]['images']:,} | {' | '.join(cells)} |")


def _median(results: list[dict[str, Any]], extractor: str, metric: str, where: str = "metrics") -> float:
    return statistics.median(result["measured"][extractor][where][metric]["value"] for result in results)


def _excess(results: list[dict[str, Any]], extractor: str) -> float:
    if not results:
        return 0.0
    return _median(results, extractor, "fd") - _median(results, extractor, "fd", "floor")


def _read(name: str) -> dict[str, Any]:
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else {}


def _write(name: str, content: dict[str, Any]) -> None:
    (RESULTS / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=["pace", "trials", "choose", "paces", "run", "table", "case"])
    parser.add_argument("case", nargs="?")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--only", default="", help="cases whose name holds this")
    given = parser.parse_args()
    RESULTS.mkdir(parents=True, exist_ok=True)
    RUNS.mkdir(parents=True, exist_ok=True)
    parts: dict[str, Callable[[], None]] = {
        "pace": lambda: measure_paces(trial_cases() | cases(), given.only),
        "trials": lambda: run_all(trial_cases(), given.workers, given.only),
        "choose": choose,
        "paces": lambda: measure_paces(cases(), given.only),  # of what has been chosen
        "run": lambda: run_all(cases(), given.workers, given.only),
        "table": table,
    }
    if given.what == "case":
        play(given.case, *(trial_cases() | cases())[given.case])
    for part in [given.what] if given.what in parts else parts if given.what is None else []:
        parts[part]()


if __name__ == "__main__":
    main()
