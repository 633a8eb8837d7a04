"""How fast a generator draws: images a second in PyTorch and in ONNX Runtime, and the 10,000 that a score asks for.

    pip install onnx onnxscript onnxruntime
    python benchmarks/sampling_speed.py                          # the default's generator at 32 px, fresh
    python benchmarks/sampling_speed.py --generator RUN          # one that was trained

What a generator draws does not change how long it takes, so fresh weights tell as much as trained ones. Both draw the
same latents in batches of 100 with as many threads as there are processors: PyTorch by gansmith's own drawing, which
plays batches side by side, ONNX Runtime with its threads inside each layer. They take turns, and each keeps its best.
The pictures of both are compared before anything is timed. Target: 10,000 of 32 px in under 4 s by ONNX Runtime.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from gansmith.core.files import write_json
from gansmith.core.images import to_bytes
from gansmith.engine.devices import processors
from gansmith.engine.drawing import BATCH, Latents, draw
from gansmith.networks import create_generator
from gansmith.networks.pretrained import Generator

RESULT = Path(__file__).parent / "results" / "sampling_speed.json"
COUNT, TARGET_SECONDS, ROUNDS = 10_000, 4.0, 5
FRESH = {"name": "strided", "resolution": (32, 32), "channels": 3, "latent": 64, "width": 32}


def generator_of(run: Path | None) -> tuple[torch.nn.Module, int]:
    """A generator in eval mode without labels, and the length of its latent."""
    if run:
        loaded = Generator.from_pretrained(run)
        if loaded.module.classes:
            sys.exit("this one takes labels; name a run that was trained with --no-labels")
        return loaded.module.eval(), loaded.latent
    shape = dict(FRESH)
    torch.manual_seed(0)
    return create_generator(shape.pop("name"), **shape).eval(), FRESH["latent"]


class Exported:
    """The same generator in ONNX Runtime: latents in, bytes out."""

    def __init__(self, generator: torch.nn.Module, latent: int, folder: Path):
        import onnxruntime

        path = folder / "generator.onnx"
        rows = torch.export.Dim("rows", min=1, max=10_000)
        shown = torch.zeros(BATCH, latent)
        torch.onnx.export(generator, (shown,), path, dynamo=True, dynamic_shapes=({0: rows},), verbose=False)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = processors()
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self.name = self.session.get_inputs()[0].name
        self.version = onnxruntime.__version__

    def draw(self, latents: Latents) -> np.ndarray:
        """(n, H, W, C) uint8."""
        drawn = (self.session.run(None, {self.name: z.numpy()})[0] for z in latents.z.split(BATCH))
        return np.concatenate([to_bytes(torch.from_numpy(images)).numpy() for images in drawn])


def seconds(work, latents: Latents) -> float:
    """One drawing of all latents."""
    began = time.perf_counter()
    work(latents)
    return time.perf_counter() - began


def main() -> None:
    """Export, compare, time in turns, keep the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--generator", type=Path, help="a run folder in place of a fresh generator")
    given = parser.parse_args()
    generator, latent = generator_of(given.generator)
    latents = Latents.of(COUNT, latent, [], 0, "speed")
    with tempfile.TemporaryDirectory() as folder:
        exported = Exported(generator, latent, Path(folder))
        few = Latents.of(BATCH, latent, [], 0, "few")
        ours, theirs = draw(generator, few), exported.draw(few)
        apart = int(np.abs(ours.astype(int) - theirs).max())
        ways = {"pytorch": lambda what: draw(generator, what), "onnxruntime": exported.draw}
        times = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, work in ways.items():
                times[name].append(round(seconds(work, latents), 3))
    result = {
        "command": "python " + " ".join([os.path.relpath(sys.argv[0]), *sys.argv[1:]]),
        "machine": f"{processors()} processors, {platform.machine()}, torch {torch.__version__}, "
        f"onnxruntime {exported.version}",
        "image": list(ours.shape[1:]),
        "count": COUNT,
        "largest_difference_in_bytes": apart,
        "seconds": times,
        "images_per_second": {name: round(COUNT / min(spent)) for name, spent in times.items()},
        "target_seconds": TARGET_SECONDS,
        "reached": min(times["onnxruntime"]) < TARGET_SECONDS,
    }
    print(json.dumps(result, indent=1))
    write_json(RESULT, result)


if __name__ == "__main__":
    main()
