"""Ten minutes on two cores: the default against the textbook, case after case with cached results.

    python benchmarks/quality.py pace               # once, on a quiet machine; everything else uses it
    python benchmarks/quality.py trials             # short trials that tune the rivals
    python benchmarks/quality.py run --workers 2    # the cases; stop and go on as you like
    python benchmarks/quality.py table

"Ten minutes" are the images that ten quiet minutes hold at the pace measured by ``pace``, scores and
the final score included, the same way for every rival. Cases then run with one thread each, two at a
time: what else the machine does changes their time, not their result.
"""

import argparse
import json
import os
import statistics
import time
from pathlib import Path

from case_runner import run_cases

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "quality"
RUNS = HERE / "runs"

OURS: dict = {}
CLASSIC = {"preset": "classic"}
DATA = {
    "fashion": {"data": "fashion-mnist", "labels": False},
    "avatars": {"data": "avatars", "labels": True},
}


def tuned() -> dict:
    """The rival with a learning rate of its own, as chosen by the trials."""
    return json.loads((RESULTS / "tuned.json").read_text())


def shaped() -> dict:
    """The textbook rival with batch and widths as chosen by the trials."""
    return json.loads((RESULTS / "classic-shape.json").read_text())


def trial_cases() -> dict[str, dict]:
    """name -> request of each short trial on Fashion-MNIST: batch and widths at 2e-4, then rates."""
    cases = {}
    for batch, wide, critic in ((16, 32, 32), (16, 64, 32), (8, 32, 32), (16, 64, 64)):
        shape = {"batch": batch, "generator_width": wide, "critic_width": critic}
        cases[f"classic-b{batch}-g{wide}-d{critic}"] = {"overrides": shape}
    for rate in (5e-4, 1e-3, 2e-3, 3e-3, 5e-3):
        shape = {"batch": 64, "generator_width": 32, "critic_width": 16, "rate": [rate, rate * 0.03]}
        cases[f"classic-rate{rate:g}"] = {"overrides": shape}
    rivals = {name: CLASSIC | DATA["fashion"] | case for name, case in cases.items()}
    return {name: case | {"final_score": False} for name, case in (avatar_trials() | rivals).items()}


def avatar_trials() -> dict[str, dict]:
    """name -> request: our widths, penalty weight and rate at 64 px."""
    cases = {}
    for wide, critic, gamma, rate in (
        (16, 8, 2.0, 5e-3),
        (16, 16, 2.0, 5e-3),
        (24, 16, 2.0, 4e-3),
        (16, 16, 0.5, 5e-3),
    ):
        shape = {
            "generator_width": wide,
            "critic_width": critic,
            "gamma": [gamma, gamma / 10],
            "rate": [rate, rate * 0.03],
        }
        cases[f"avatars-trial-g{wide}-d{critic}-gamma{gamma:g}"] = DATA["avatars"] | {"overrides": shape}
    return cases


def final_cases() -> dict[str, dict]:
    """name -> request of each ten-minute case, the first seeds first."""
    cases = {}
    for seed in range(3):
        for data in ("fashion", "avatars") if seed == 0 else ("fashion",):
            rivals = (
                {"ours": OURS, "tuned": tuned(), "classic": shaped()}
                if data == "fashion"
                else {"ours": OURS, "classic": CLASSIC}
            )
            for rival, request in rivals.items():
                cases[f"{data}-{rival}-{seed}"] = request | DATA[data] | {"seed": seed}
    return cases


def pace_key(request: dict) -> str:
    """What the pace depends on: data, preset, shapes."""
    shape = {k: v for k, v in request.get("overrides", {}).items() if k in ("batch", "generator_width", "critic_width")}
    return json.dumps({"data": request["data"], "preset": request.get("preset"), **shape}, sort_keys=True)


def measure_pace(request: dict) -> dict:
    """Images per second and the seconds of both kinds of score, with all processors, in this process."""
    import torch

    from gansmith.core.progress import Progress
    from gansmith.data.prepare import prepare
    from gansmith.networks.extractors import available
    from gansmith.recipes.choices import values
    from gansmith.recipes.kinds.image import image
    from gansmith.recipes.material import Pictures
    from gansmith.recipes.setup import Judge, Pace, facts_of

    prepared = prepare(request["data"])
    extractor = available()
    judge = Judge.of(extractor, prepared, 0, Progress()) if extractor else None
    facts = facts_of(prepared, request["labels"], 600_000, minutes=10)
    chosen = values(image.choose(facts, request.get("preset"), request.get("overrides", {})))
    best = None
    for _ in range(2):
        pace = Pace.measure(image, Pictures(prepared), chosen, facts, torch.device("cpu"), judge, 0, os.cpu_count(), 1)
        if best is None or pace.images_per_second > best["images_per_second"]:
            known = ("images_per_second", "score_seconds", "final_seconds")
            best = {name: getattr(pace, name) for name in known} | {"batch": chosen["batch"]}
    return best


def budget(request: dict, minutes: float) -> int:
    """The images that so many quiet minutes hold, from the committed pace."""
    from gansmith.recipes.setup import images_for

    paces = json.loads((RESULTS / "pace.json").read_text())["paces"]
    pace = argparse.Namespace(**paces[pace_key(request)])
    return images_for(minutes, 10.0, pace, pace.batch)[0]


def play(name: str, request: dict, images: int) -> None:
    """Run one case, or go on with it, and keep its result."""
    from gansmith.recipes.training import Request, resume, train

    run = RUNS / name
    began = time.time()
    if (run / "config.json").exists():
        result = resume(run)
    else:
        result = train(Request(**request, images=images, out=run, threads=1, precision="fp32", guard=False))
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    scores = [row for row in rows if row["kind"] == "score"]
    kept = {
        "case": name,
        "request": request,
        "images": result.images_seen,
        "choose_fd": min(row["fd"] for row in scores),
        "scores": [[row["images"], row["fd"]] for row in scores],
        "final": result.score,
        "seconds_this_time": round(time.time() - began, 1),
    }
    (RESULTS / f"{name}.json").write_text(json.dumps(kept, indent=1) + "\n")


def run_all(cases: dict[str, dict], minutes: float, workers: int, only: str) -> None:
    """Every case without a result."""
    wanted = {name: [name, json.dumps(request), str(minutes)] for name, request in cases.items() if only in name}
    run_cases(__file__, wanted, RESULTS, RUNS, workers)


def choose_rivals() -> None:
    """From the trials: the classic's batch and widths, and the tuned rival's rate, by the choose split."""
    results = {p.stem: json.loads(p.read_text()) for p in RESULTS.glob("classic-*.json")}
    for prefix, target in (("classic-b", "classic-shape.json"), ("classic-rate", "tuned.json")):
        best = min((r for n, r in results.items() if n.startswith(prefix)), key=lambda r: r["choose_fd"])
        request = {k: v for k, v in best["request"].items() if k in ("preset", "overrides")}
        (RESULTS / target).write_text(json.dumps(request, indent=1) + "\n")
        print(target, request, best["choose_fd"])


def table() -> None:
    """Medians over seeds, and the excess over the floor against the better rival's."""
    for data in DATA:
        print(f"\n{data}: FD-lite0 of the final score | floor | excess | KID x 1000 | images")
        for rival in ("ours", "classic", "tuned"):
            found = [json.loads(p.read_text()) for p in sorted(RESULTS.glob(f"{data}-{rival}-*.json"))]
            if not found:
                continue
            values = [r["final"]["metrics"]["fd"]["value"] for r in found]
            floor = statistics.median(r["final"]["floor"]["fd"]["value"] for r in found)
            kids = statistics.median(r["final"]["metrics"]["kid"]["value"] for r in found)
            middle = statistics.median(values)
            each = ", ".join(f"{value:.0f}" for value in values)
            excess = f"{floor:.1f} | {middle - floor:.1f} | {1000 * kids:.2f} | {found[0]['images']:,}"
            print(f"{rival:8} {middle:7.1f} ({each}) | {excess}")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["pace", "trials", "choose", "run", "table", "case"])
    parser.add_argument("rest", nargs="*")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    RESULTS.mkdir(parents=True, exist_ok=True)
    RUNS.mkdir(parents=True, exist_ok=True)
    if given.what == "pace":
        path = RESULTS / "pace.json"
        paces = json.loads(path.read_text())["paces"] if path.exists() else {}
        every = [*trial_cases().values(), *(r | d for d in DATA.values() for r in (OURS, CLASSIC))]
        for request in every:
            if pace_key(request) not in paces:
                paces[pace_key(request)] = measure_pace(request)
                print(pace_key(request), paces[pace_key(request)], flush=True)
                path.write_text(json.dumps({"cores": os.cpu_count(), "paces": paces}, indent=1) + "\n")
    elif given.what == "trials":
        run_all(trial_cases(), 2.0, given.workers, given.only)
    elif given.what == "choose":
        choose_rivals()
    elif given.what == "run":
        run_all(final_cases(), given.minutes, given.workers, given.only)
    elif given.what == "table":
        table()
    else:
        name, request, minutes = given.rest
        play(name, json.loads(request), budget(json.loads(request), float(minutes)))


if __name__ == "__main__":
    main()
