"""How much of a training step is arithmetic that cannot be left out?

    python benchmarks/layers.py                       # both data sets, one thread and two; a quiet machine
    python benchmarks/layers.py --rounds 1 --steps 2 --data fashion-mnist --threads 1

Every convolution, transposed convolution and matrix product that the default step makes (forward,
backward, and the double backward of the penalty) is recorded with its exact shapes, memory formats
and wanted gradients, as torch calls it. Each is then timed alone, on random numbers laid out the
same way, and multiplied by how often the step makes it. The sum over the step's own time, both
measured in turns in the same process, is the share of the step that is not overhead: at least 0.5
is the target. Repeating one call alone finds its numbers in the processor's caches, which the step
does not always: that makes the sum smaller, not larger. Beside it stand the share of a large matrix
product's speed that the step as a whole reaches, and the share of time that it waits for data.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

RESULT = Path(__file__).parent / "results" / "layers.json"
TARGET, MOST_WAITING = 0.5, 0.02
SIDE = 2048
aten = torch.ops.aten
LAYERS = {
    aten.convolution.default: "convolution",
    aten.convolution_backward.default: "convolution backward",
    aten.mm.default: "matrix product",
    aten.addmm.default: "matrix product",
    aten.bmm.default: "matrix product",
}


class Recorder(TorchDispatchMode):
    """Counts the layers' calls by what they are called with, and their floating-point operations."""

    def __init__(self):
        super().__init__()
        self.calls: Counter = Counter()
        self.operations = 0

    def __torch_dispatch__(self, function, types, arguments=(), named=None):
        result = function(*arguments, **(named or {}))
        if function in LAYERS:
            assert not named, f"{function} was called with {named}"
            self.calls[function, tuple(spec(argument) for argument in arguments)] += 1
            self.operations += flop_registry[function.overloadpacket](*arguments, out_val=result)
        return result


def spec(argument: Any) -> Any:
    """What a call's argument is, without its numbers: hashable."""
    if isinstance(argument, torch.Tensor):
        return ("tensor", tuple(argument.shape), argument.stride(), argument.dtype)
    return tuple(argument) if isinstance(argument, list) else argument


def made(description: Any) -> Any:
    """Random numbers laid out as described; anything else as it is."""
    if not (isinstance(description, tuple) and description[:1] == ("tensor",)):
        return list(description) if isinstance(description, tuple) else description
    _, shape, stride, dtype = description
    length = 1 + sum((size - 1) * step for size, step in zip(shape, stride, strict=True))
    return torch.randn(length, dtype=dtype).as_strided(shape, stride)


def default_trainer(data: str, images: int):
    """The trainer that ``gansmith train DATA`` would play, and how many steps its pattern has."""
    from gansmith.data.prepare import prepare
    from gansmith.engine.memory import keep_freed_memory
    from gansmith.engine.trainer import Trainer
    from gansmith.recipes.choices import values
    from gansmith.recipes.kinds.image import image
    from gansmith.recipes.recipe import plan_of
    from gansmith.recipes.setup import batches_of, facts_of

    keep_freed_memory()
    prepared = prepare(data)
    facts = facts_of(prepared, True, images, minutes=10)
    chosen = values(image.choose(facts, None, {}))
    cpu = torch.device("cpu")
    batches = batches_of(prepared, chosen, facts, cpu, 0)
    game = image.build(chosen, facts, 0)
    trainer = Trainer(game, batches, plan_of(chosen, game, images, 0), [], cpu)
    return trainer, max(1, chosen["penalty_every"]), chosen


def recorded(trainer, period: int) -> Recorder:
    """The calls of one period of steps."""
    while trainer.index % period or not trainer.index:
        trainer.play()
    recorder = Recorder()
    with recorder:
        for _ in range(period):
            trainer.play()
    return recorder


def seconds_of(work: Callable[[], Any], least: float) -> float:
    """Of one call, repeated for at least so long."""
    work()
    repeats, passed = 1, 0.0
    while passed < least:
        began = time.perf_counter()
        for _ in range(repeats):
            work()
        passed = time.perf_counter() - began
        if passed < least:
            repeats = max(repeats + 1, min(10 * repeats, int(1.2 * repeats * least / max(passed, 1e-7))))
    return passed / repeats


def measure(data: str, threads: int, given: argparse.Namespace) -> dict:
    """Everything for one data set and number of threads."""
    torch.set_num_threads(threads)
    trainer, period, chosen = default_trainer(data, given.images)
    recorder = recorded(trainer, period)
    calls = recorder.calls
    ready = {call: [made(description) for description in call[1]] for call in calls}
    square = torch.randn(SIDE, SIDE)
    times: dict[Any, list[float]] = {call: [] for call in calls}
    steps: list[float] = []
    products: list[float] = []
    waited = 0.0
    for _ in range(given.rounds):
        waited -= trainer.batches.waited_seconds
        began = time.perf_counter()
        for _ in range(period * given.steps):
            trainer.play()
        steps.append((time.perf_counter() - began) / (period * given.steps))
        waited += trainer.batches.waited_seconds
        with torch.inference_mode():
            for call, arguments in ready.items():
                times[call].append(seconds_of(lambda call=call, arguments=arguments: call[0](*arguments), given.least))
            products.append(seconds_of(lambda: square @ square, given.least))
    step = statistics.median(steps)
    rows = [
        {
            "layer": LAYERS[call[0]],
            "shapes": [list(part[1]) for part in call[1] if isinstance(part, tuple) and part[:1] == ("tensor",)],
            "a_step": count / period,
            "microseconds": round(statistics.median(times[call]) * 1e6, 1),
            "share_of_step": round(statistics.median(times[call]) * count / period / step, 4),
        }
        for call, count in calls.items()
    ]
    rows.sort(key=lambda row: -row["share_of_step"])
    alone = sum(statistics.median(times[call]) * count / period for call, count in calls.items())
    product_speed = 2 * SIDE**3 / statistics.median(products)
    step_speed = recorder.operations / period / step
    return {
        "data": data,
        "threads": threads,
        "batch": chosen["batch"],
        "step_ms": round(step * 1e3, 3),
        "step_ms_of_each_round": [round(value * 1e3, 3) for value in steps],
        "images_per_second": round(chosen["batch"] / step, 1),
        "layers_alone_ms": round(alone * 1e3, 3),
        "layers_over_step": round(alone / step, 4),
        "by_kind": {
            kind: round(sum(r["share_of_step"] for r in rows if r["layer"] == kind), 4)
            for kind in dict.fromkeys(LAYERS.values())
        },
        "step_gflops": round(step_speed / 1e9, 2),
        "matrix_product_gflops": round(product_speed / 1e9, 2),
        "share_of_matrix_product": round(step_speed / product_speed, 4),
        "waits_for_data": round(waited / (sum(steps) * period * given.steps), 5),
        "chosen": {
            name: chosen[name]
            for name in ("network", "generator_width", "critic_width", "latent", "augment", "penalty_every")
        },
        "layers": rows,
    }


def show(result: dict) -> None:
    """One measurement as lines."""
    what = f"{result['data']}, {result['threads']} thread(s), batch {result['batch']}"
    print(f"\n{what}: {result['images_per_second']:,.0f} images/s")
    for row in result["layers"]:
        shapes = " ".join("x".join(map(str, shape)) for shape in row["shapes"])
        each = f"{row['a_step']:4.1f} x {row['microseconds']:9.1f} us"
        print(f"  {row['share_of_step']:7.2%}  {each}  {row['layer']:21} {shapes}")
    times = f"{result['layers_alone_ms']:.2f} ms over a step of {result['step_ms']:.2f} ms"
    speeds = f"{result['step_gflops']:.0f} of {result['matrix_product_gflops']:.0f} GFLOP/s"
    print(f"  layers alone {times}: {result['layers_over_step']:.3f} (target {TARGET})")
    print(f"  speed beside a {SIDE}^3 matrix product: {result['share_of_matrix_product']:.3f} ({speeds})")
    print(f"  waits for data: {result['waits_for_data']:.2%} (at most {MOST_WAITING:.0%})", flush=True)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="+", default=["fashion-mnist", "avatars"])
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--images", type=int, default=600_000, help="the budget that the choices follow from")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--steps", type=int, default=10, help="periods of the penalty a round")
    parser.add_argument("--least", type=float, default=0.02, help="seconds that each call is repeated for")
    parser.add_argument("--dry", action="store_true", help="write no result")
    given = parser.parse_args()
    results = []
    for data in given.data:
        for threads in given.threads:
            results.append(measure(data, threads, given))
            show(results[-1])
    if given.dry:
        return
    told = {
        "command": " ".join(["python benchmarks/layers.py", *sys.argv[1:]]),
        "torch": torch.__version__,
        "machine": f"{platform.machine()}, {os.cpu_count()} processors",
        "target": TARGET,
        "results": results,
    }
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
