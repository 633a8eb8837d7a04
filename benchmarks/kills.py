"""Twenty times ``kill -9`` during one training, a resume after each: are the final weights those of a calm run?

    python benchmarks/kills.py                  # about six minutes on one quiet core; stop and go on as you like
    python benchmarks/kills.py --kills 3 --images 6000 --anew

A first run is left alone. A second one begins from the same config.json, is killed when it has shown
as many images as a seeded draw says (spread evenly over the run, and a random part of a second later, so that a kill
falls anywhere within a step, a score, a grid or a checkpoint), and is resumed from what is on the disk.
At the end all tensors of the last checkpoint and the generator's file are compared bit for bit.
"""

import argparse
import json
import os
import platform
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
RESULT = HERE / "results" / "kills.json"
HOME = HERE / "runs" / "kills"
SCORES = 3  # marks for scores: more than a budget this short would get, so that choosing the best is tested too


def configured(given: argparse.Namespace) -> dict:
    """The content of config.json for both runs."""
    import torch

    from gansmith.core.progress import Progress
    from gansmith.data.prepare import prepare
    from gansmith.networks.extractors import available
    from gansmith.recipes.configuring import configure
    from gansmith.recipes.material import Pictures
    from gansmith.recipes.request import Request
    from gansmith.recipes.setup import Judge

    progress, prepared, extractor = Progress(), prepare(given.data), available()
    judge = Judge.of(extractor, prepared, 0, progress) if extractor else None
    request = Request(data=given.data, images=given.images, size="xs", threads=1, final_score=False)
    config = configure(request, Pictures(prepared), judge, torch.device("cpu"), None, progress)
    last = config["schedule"]["score_marks"][-1]
    config["schedule"]["score_marks"] = [round(last * (index + 1) / SCORES) for index in range(SCORES)]
    return config


def child(run: Path) -> subprocess.Popen:
    """A process that begins the run, or goes on with it."""
    command = [sys.executable, "-m", "gansmith", "train", "--resume", str(run)]
    log = open(HOME / "log.txt", "a")  # noqa: SIM115 - lives as long as the process
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, stdout=log, stderr=log, env=environment)


def finish(run: Path) -> None:
    """Play to the end."""
    if child(run).wait():
        sys.exit(f"{run} did not end well; see {HOME / 'log.txt'}")


def images_shown(run: Path) -> int:
    """By the rows of metrics.jsonl; a torn last row does not count."""
    try:
        rows = (run / "metrics.jsonl").read_text().splitlines()
    except OSError:
        return 0
    for row in reversed(rows):
        try:
            return json.loads(row)["images"]
        except (json.JSONDecodeError, KeyError):
            continue
    return 0


def last_checkpoint(run: Path) -> int:
    """The step of the newest one, 0 without any."""
    return max((int(path.name[5:]) for path in run.glob("checkpoints/step-*")), default=0)


def begin(given: argparse.Namespace) -> None:
    """Two run folders with the same config.json, and the calm run played to its end."""
    for name in ("calm", "killed"):
        path = HOME / name / "config.json"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            config = HOME / "config.json"
            if not config.exists():
                config.write_text(json.dumps(configured(given), indent=2))
            shutil.copy(config, path)
    finish(HOME / "calm")


def kill_at(run: Path, images: int, later: float) -> dict:
    """Play until that many images are shown and a moment longer, then kill -9."""
    from_step, began = last_checkpoint(run), time.perf_counter()
    process = child(run)
    while images_shown(run) < images and process.poll() is None:
        time.sleep(0.01)
    time.sleep(later)
    process.kill()
    if process.wait() != -9:
        sys.exit(f"the run ended before it was killed at {images} images; see {HOME / 'log.txt'}")
    return {
        "planned_images": images,
        "shown_images": images_shown(run),
        "resumed_from_step": from_step,
        "last_checkpoint_step": last_checkpoint(run),
        "within_a_checkpoint": bool(list(run.glob("checkpoints/.step-*"))),
        "within_another_file": any(path.parent.name != "checkpoints" for path in run.rglob(".*.tmp")),
        "seconds": round(time.perf_counter() - began, 1),
    }


def compare(calm: Path, killed: Path) -> dict:
    """Everything the last checkpoints hold, the generators' files, and the scores on the way."""
    import torch
    from safetensors.torch import load_file

    steps = [last_checkpoint(run) for run in (calm, killed)]
    mine, theirs = (
        load_file(run / "checkpoints" / f"step-{step:09d}" / "state.safetensors")
        for run, step in zip((calm, killed), steps, strict=True)
    )
    same = [name for name in mine if name in theirs and torch.equal(mine[name], theirs[name])]
    files = [(run / "generator.safetensors").read_bytes() for run in (calm, killed)]
    scores = [
        [
            row["fd"]
            for row in map(json.loads, (run / "metrics.jsonl").read_text().splitlines())
            if row["kind"] == "score"
        ]
        for run in (calm, killed)
    ]
    return {
        "last_step": steps,
        "tensors": len(mine),
        "equal_tensors": len(same),
        "equal_generator_file": files[0] == files[1],
        "equal_scores": scores[0] == scores[1],
        "scores": scores[0],
        "equal": steps[0] == steps[1] and len(same) == len(mine) == len(theirs) and files[0] == files[1],
    }


def commit() -> str:
    """Of the code that was run; empty outside a repository."""
    told = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=HERE, capture_output=True, text=True)
    return told.stdout.strip()


def report(given: argparse.Namespace, kills: list[dict], seconds: float) -> None:
    """Compare, write results/kills.json, and say it."""
    import torch

    compared = compare(HOME / "calm", HOME / "killed")
    result = {
        "command": " ".join(["python benchmarks/kills.py", *sys.argv[1:]]),
        "data": given.data,
        "images": given.images,
        "seed_of_the_kills": given.seed,
        "kills": len(kills),
        "resumes": len(kills),
        **compared,
        "kills_within_a_checkpoint": sum(kill["within_a_checkpoint"] for kill in kills),
        "seconds_this_time": round(seconds, 1),
        "commit": commit(),
        "torch": torch.__version__,
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} processors, one thread",
        "each": kills,
    }
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps({name: value for name, value in result.items() if name != "each"}, indent=1))
    sys.exit(0 if compared["equal"] else 1)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--images", type=int, default=30_000)
    parser.add_argument("--data", default="avatars")
    parser.add_argument("--seed", type=int, default=0, help="of the moments of the kills")
    parser.add_argument("--anew", action="store_true", help="forget what an earlier call has done")
    given = parser.parse_args()
    if given.anew:
        shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(parents=True, exist_ok=True)
    done = HOME / "done.json"
    kills = json.loads(done.read_text()) if done.exists() else []
    began = time.perf_counter()
    begin(given)
    draw = random.Random(given.seed)
    places = [given.images * 0.97 * (index + draw.random()) / given.kills for index in range(given.kills)]
    for images in places[len(kills) :]:
        kills.append(kill_at(HOME / "killed", round(images), random.Random(images).uniform(0, 0.5)))
        done.write_text(json.dumps(kills))
        print(len(kills), kills[-1], flush=True)
    finish(HOME / "killed")
    report(given, kills, time.perf_counter() - began)


if __name__ == "__main__":
    main()
