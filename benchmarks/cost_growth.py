"""What a step costs as pictures, networks, batches and data sets grow, beside what one timed step predicts.

    python benchmarks/cost_growth.py                  # about ten minutes of a quiet machine; goes on where it stopped
    python benchmarks/cost_growth.py --only "64 px"   # some cases, by a part of their names
    python benchmarks/cost_growth.py table | fit      # of what is there: the table; the costs that fit best

The default game is played on random pictures. Whatever torch is asked to do in one period of steps is counted, in one
lane: multiply-adds (a convolution's channels in whole tiles of 16, as processors multiply them), bytes read and
written, kernels called, and the most bytes alive at a time. The model goes on from a reference step, the default's
at 32 px in batches of 64, timed in the same process and the same layout:

    seconds in proportion to 0.0038 for each multiply-add + 0.14 for each byte + 35,000 for each call
    memory = the reference's + 1.5 for each byte more alive than there + 16 bytes for each picture more

The three costs are nanoseconds on one thread of a Xeon with AMX, in bf16; only their proportions count. A lane does its
part of the work, but makes all the calls: in two lanes calls weigh twice as much beside the rest. Freed blocks are kept
and do not always fit what comes next: hence 1.5. Each case has a process of its own, in which it takes
turns with the reference; both keep their best round. One thread is timed in processor time, which company disturbs
least, lanes by the clock. Memory is what the process has to itself (RssAnon), as mapped
pictures are the system's. Each prediction should be within 15 %.
"""

import argparse
import ctypes
import gc
import json
import math
import os
import platform
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import flop_registry

from gansmith.core.files import read_json, write_json
from gansmith.data.prepare import Prepared
from gansmith.engine.devices import processors
from gansmith.engine.memory import keep_freed_memory
from gansmith.engine.pace import FEWEST_ROWS, Layout
from gansmith.engine.trainer import Trainer
from gansmith.recipes.choices import values
from gansmith.recipes.kinds.image import image
from gansmith.recipes.recipe import plan_of
from gansmith.recipes.setup import batches_of, facts_of, precision_for

RESULT = Path(__file__).parent / "results" / "cost_growth.json"
TARGET, ROUNDS, LEAST_SECONDS = 0.15, 5, 0.4
# Fitted to 14 sizes of the strided network; the default has been another one since, and was in no fit.
NANOSECONDS = {"multiply_adds": 0.0038, "bytes": 0.14, "calls": 35_000.0}
TILE = 16
HELD = 1.5  # bytes for each byte alive
BYTES_A_PICTURE = 16  # its row in the split, and in the order of this pass
CPU = torch.device("cpu")
aten = torch.ops.aten
WEIGHT_AT = {aten.convolution.default: 1, aten.convolution_backward.default: 2}


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is trained; ``width`` multiplies the default's, ``lanes`` have a thread each."""

    side: int = 32
    channels: int = 3
    width: float = 1.0
    batch: int = 64
    images: int = 1000
    lanes: int = 1


def cases() -> dict[str, Case]:
    """By name: one thread first, then two lanes where the batch has enough rows for them."""
    named = {f"{side} px": Case(side=side) for side in (64, 128, 256)}
    named |= {f"{side} px, width x{width}": Case(side=side, width=width) for side in (32, 64) for width in (0.5, 2)}
    named |= {f"batch {batch}": Case(batch=batch) for batch in (16, 32, 128)}
    small = Case(side=28, channels=1)
    named |= {f"28 px grey, {n:,} images": replace(small, images=n) for n in (10**3, 10**4, 10**5, 10**6)}
    parted = {name: case for name, case in named.items() if case.batch >= 2 * FEWEST_ROWS and case.images <= 1000}
    return named | {f"{name}, two lanes": replace(case, lanes=2) for name, case in parted.items()}


class Count(TorchDispatchMode):
    """Counts what torch is asked to do on this thread, and the most bytes that its tensors hold at a time."""

    def __init__(self):
        super().__init__()
        self.multiply_adds, self.bytes, self.calls, self.most_alive = 0.0, 0, 0, 0
        self._alive: dict[int, int] = {}
        self._now = 0

    def __torch_dispatch__(self, function, types, arguments=(), named=None):
        result = function(*arguments, **(named or {}))
        tensors = [leaf for leaf in tree_leaves((arguments, named, result)) if isinstance(leaf, torch.Tensor)]
        for tensor in tensors:
            self._hold(tensor.untyped_storage())
        if not function.is_view:
            self.calls += 1
            self.bytes += sum(tensor.nbytes for tensor in tensors)
            self.multiply_adds += multiply_adds(function, arguments, result)
        return result

    def _hold(self, storage: torch.UntypedStorage) -> None:
        place = storage._cdata
        if place not in self._alive:
            self._alive[place] = storage.nbytes()
            self._now += storage.nbytes()
            self.most_alive = max(self.most_alive, self._now)
            weakref.finalize(storage, self._drop, place)

    def _drop(self, place: int) -> None:
        self._now -= self._alive.pop(place)


def multiply_adds(function, arguments, result) -> float:
    """Of a convolution or matrix product, the convolution's channels in whole tiles; 0 for anything else."""
    if function.overloadpacket not in flop_registry:
        return 0.0
    exact = flop_registry[function.overloadpacket](*arguments, out_val=result) / 2
    if function not in WEIGHT_AT:
        return exact
    channels = arguments[WEIGHT_AT[function]].shape[:2]
    return exact * math.prod(math.ceil(n / TILE) * TILE / n for n in channels)


def pictures(case: Case, folder: Path) -> Prepared:
    """Random ones, on the disk, as prepared data lie."""
    shape = (case.images, case.side, case.side, case.channels)
    path = folder / f"{'x'.join(map(str, shape))}.npy"
    if not path.exists():
        some = np.random.default_rng(0).integers(0, 256, (1000, *shape[1:]), np.uint8)
        written = np.lib.format.open_memmap(path, "w+", np.uint8, shape)
        for start in range(0, len(written), len(some)):
            written[start : start + len(some)] = some[: len(written) - start]
    images, rows = np.load(path, mmap_mode="r"), np.arange(case.images)
    return Prepared("random", "random", images, None, [], {"train": rows}, "random", folder, {}, None)


def trainer_of(case: Case, folder: Path) -> tuple[Trainer, int]:
    """The default game at rest, in its layout, and how many steps its pattern has."""
    prepared = pictures(case, folder)
    facts = facts_of(prepared, False, case.images)  # one pass: no picture is altered
    chosen: dict[str, Any] = values(image.choose(facts, None, {"batch": case.batch})) | {"rate": [0.0, 0.0]}
    chosen |= {name: int(chosen[name] * case.width) for name in ("generator_width", "critic_width")}
    chosen["precision"] = precision_for(None, CPU, chosen["penalty"]).value
    chosen |= {"threads": case.lanes, "lanes": case.lanes}
    game = image.build(chosen, facts, 0)
    trainer = Trainer(game, batches_of(prepared, chosen, facts, CPU, 0), plan_of(chosen, game, 10**6, 0), [], CPU)
    return trainer, chosen["penalty_every"]


def own_bytes() -> int:
    """Memory that this process shares with no file and no other process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon"))


def give_back() -> None:
    """Return to the system what is freed."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)


def counted(case: Case, folder: Path) -> dict[str, float]:
    """Of a step in one lane, on average over a period."""
    trainer, period = trainer_of(replace(case, lanes=1), folder)
    for _ in range(2 * period):
        trainer.play()
    with (count := Count()):
        for _ in range(period):
            trainer.play()
    return {name: getattr(count, name) / period for name in NANOSECONDS} | {"most_alive": count.most_alive}


def memory_of(case: Case, folder: Path) -> int:
    """Bytes of this process while it trains."""
    trainer, period = trainer_of(case, folder)
    for _ in range(3 * period):
        trainer.play()
    return own_bytes()


def seconds_a_step(play: Callable[[], object], period: int, clock: Callable[[], float]) -> float:
    """Over whole periods."""
    began, steps = clock(), 0
    while clock() - began < LEAST_SECONDS or not steps:
        for _ in range(period):
            play()
        steps += period
    return (clock() - began) / steps


def measure(case: Case) -> dict[str, Any]:
    """A case and its reference, in this process."""
    keep_freed_memory()
    Layout(case.lanes, case.lanes).take()
    both = {"reference": Case(lanes=case.lanes), "measured": case}
    found: dict[str, Any] = {"case": asdict(case)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for each in both.values():
            pictures(each, folder)  # what it takes to draw them is no part of the memory
        for which, each in both.items():
            give_back()
            found[which] = {"memory": memory_of(each, folder)}
        for which, each in both.items():
            found[which] |= counted(each, folder)
        give_back()
        clock = time.process_time if case.lanes == 1 else time.perf_counter
        for which, rounds in in_turns({which: trainer_of(each, folder) for which, each in both.items()}, clock).items():
            found[which] |= {"seconds": min(rounds), "seconds_of_rounds": [round(spent, 5) for spent in rounds]}
    return found


def in_turns(trainers: dict[str, tuple[Trainer, int]], clock: Callable[[], float]) -> dict[str, list[float]]:
    """Seconds of a step of each trainer, round by round, after one round to warm up."""
    rounds: dict[str, list[float]] = {which: [] for which in trainers}
    for _ in range(1 + ROUNDS):
        for which, (trainer, period) in trainers.items():
            rounds[which].append(seconds_a_step(trainer.play, period, clock))
    return {which: spent[1:] for which, spent in rounds.items()}


def work(count: dict[str, float], costs: dict[str, float], lanes: int) -> float:
    """Of a step, in proportion to its seconds: a lane does a part of it, and makes all the calls."""
    whole = {name: cost * count[name] for name, cost in costs.items()}
    return sum(whole.values()) / lanes + whole["calls"] * (1 - 1 / lanes)


def predicted(found: dict[str, Any], costs: dict[str, float]) -> tuple[float, float]:
    """Seconds of a step and bytes of memory, from the counts and the reference alone."""
    case, reference, lanes = found["measured"], found["reference"], found["case"]["lanes"]
    growth = work(case, costs, lanes) / work(reference, costs, lanes)
    tensors = HELD * (case["most_alive"] - reference["most_alive"])
    pictures = BYTES_A_PICTURE * (found["case"]["images"] - Case.images)
    return reference["seconds"] * growth, reference["memory"] + tensors + pictures


def row(found: dict[str, Any]) -> dict[str, Any]:
    """What was counted, over the reference's; what was measured beside what was predicted, and how far that is off."""
    seconds, memory = predicted(found, NANOSECONDS)
    batch, measured = found["case"]["batch"], found["measured"]
    return {
        "growth": {name: round(measured[name] / found["reference"][name], 2) for name in (*NANOSECONDS, "most_alive")},
        "images_per_second": round(batch / measured["seconds"], 1),
        "predicted_images_per_second": round(batch / seconds, 1),
        "pace_error": round(measured["seconds"] / seconds - 1, 3),
        "megabytes": round(measured["memory"] / 2**20),
        "predicted_megabytes": round(memory / 2**20),
        "memory_error": round(memory / measured["memory"] - 1, 3),
    }


def table(rows: dict[str, dict[str, Any]]) -> str:
    """As Markdown."""
    columns = ["", "multiply-adds", "bytes", "calls", "images/s", "predicted", "off by"]
    columns += ["bytes alive", "MB", "predicted", "off by"]
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for name, r in rows.items():
        pace = f"{r['images_per_second']:,.0f} | {r['predicted_images_per_second']:,.0f} | {r['pace_error']:+.0%}"
        memory = f"{r['megabytes']:,.0f} | {r['predicted_megabytes']:,.0f} | {r['memory_error']:+.0%}"
        *work, alive = (f"{value:.2f}" for value in r["growth"].values())
        lines.append(f"| {name} | {' | '.join(work)} | {pace} | {alive} | {memory} |")
    return "\n".join(lines)


def fit(cases: list[dict[str, Any]]) -> dict[str, float]:
    """The costs in nanoseconds with the least squared relative errors, over references and cases of one layout."""
    steps = [found[which] for found in cases for which in ("reference", "measured")]
    counts = np.array([[step[name] for name in NANOSECONDS] for step in steps])
    relative = counts / np.array([[step["seconds"] * 1e9] for step in steps])
    return dict(zip(NANOSECONDS, np.linalg.lstsq(relative, np.ones(len(steps)), rcond=None)[0], strict=True))


def show_fit(cases: list[dict[str, Any]]) -> None:
    """The costs on one thread; and how far each case is off when it is predicted from the others."""
    alike = [found for found in cases if found["case"]["lanes"] == 1]
    others = ((found, [other for other in alike if other is not found]) for found in alike)
    off = [predicted(found, fit(rest))[0] / found["measured"]["seconds"] - 1 for found, rest in others]
    print(", ".join(f"{name} {cost:.4g} ns" for name, cost in fit(alike).items()))
    print(f"{len(alike)} cases, each from the others: {min(off):+.1%} to {max(off):+.1%}")


def in_its_own_process(name: str) -> dict[str, Any]:
    """Measure one case."""
    command = [sys.executable, __file__, "case", "--only", name]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
    return json.loads(done.stdout)


def keep(found: dict[str, dict[str, Any]], path: Path) -> None:
    """Write all that is measured so far."""
    rows = {name: row(found[name]) for name in cases() if name in found}
    off = {what: max(abs(r[what]) for r in rows.values()) for what in ("pace_error", "memory_error")}
    told = {
        "command": "python benchmarks/cost_growth.py",
        "machine": f"{processors()} processors, {platform.machine()}, torch {torch.__version__}",
        "nanoseconds": NANOSECONDS,
        "held": HELD,
        "target": TARGET,
        "largest_errors": off,
        "reached": max(off.values()) <= TARGET and len(rows) == len(cases()),
        "rows": rows,
        "cases": found,
    }
    write_json(path, told)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", default="run", choices=["run", "table", "fit", "case"])
    parser.add_argument("--only", default="", help="a part of the cases' names; of case: the name")
    parser.add_argument("--out", type=Path, default=RESULT)
    given = parser.parse_args()
    if given.what == "case":
        return print(json.dumps(measure(cases()[given.only])))
    found: dict[str, dict[str, Any]] = read_json(given.out)["cases"] if given.out.exists() else {}
    if given.what == "fit":
        return show_fit(list(found.values()))
    for name in cases() if given.what == "run" else ():
        if name not in found and given.only in name:
            found[name] = in_its_own_process(name)
            keep(found, given.out)
            print(table({name: row(found[name])}).splitlines()[-1], flush=True)
    print(table({name: row(found[name]) for name in cases() if name in found}))
    return None


if __name__ == "__main__":
    main()
