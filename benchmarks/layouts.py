"""Lanes against threads within layers, in fp32 and bf16: on a quiet machine, and beside one busy process.

    python benchmarks/layouts.py                 # about two minutes of a quiet machine
    python benchmarks/layouts.py --data avatars

The default step's pace on one thread, on all of them within each layer, and in lanes; best of so many rounds in turns.
The company is a process that multiplies matrices on one thread and does nothing else.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import torch

from gansmith.core.files import write_json
from gansmith.data.prepare import prepare
from gansmith.engine.devices import PRECISIONS, processors
from gansmith.engine.memory import keep_freed_memory
from gansmith.engine.pace import Layout, lanes_for, measure_pace
from gansmith.engine.trainer import Trainer
from gansmith.recipes.choices import values
from gansmith.recipes.kinds.image import image
from gansmith.recipes.recipe import plan_of
from gansmith.recipes.setup import batches_of, facts_of, rows_together

RESULT = Path(__file__).parent / "results" / "layouts.json"
ROUNDS, SECONDS, CPU = 2, 3.0, torch.device("cpu")
BUSY = "import torch; torch.set_num_threads(1); x = torch.rand(512, 512)\nwhile True: x @ x"


def paces(data: str) -> dict[str, float]:
    """Images a second, by precision and layout."""
    prepared = prepare(data)
    facts = facts_of(prepared, True, 600_000, minutes=10)
    chosen: dict[str, Any] = values(image.choose(facts, None, {})) | {"rate": [0.0, 0.0]}
    most = processors()
    lanes = lanes_for(chosen["batch"], rows_together(chosen), most)
    found: dict[str, float] = {}
    for _ in range(ROUNDS):
        for precision in PRECISIONS:
            for layout in (Layout(), Layout(most), Layout(most, lanes)):
                how: dict[str, Any] = chosen | {"precision": precision}
                how |= {"threads": layout.threads, "lanes": layout.lanes}
                layout.take()
                game = image.build(how, facts, 0)
                plan = plan_of(how, game, facts.images, 0)
                trainer = Trainer(game, batches_of(prepared, how, facts, CPU, 0), plan, [], CPU)
                name = f"{precision}, {layout}"
                found[name] = max(found.get(name, 0.0), round(measure_pace(trainer, SECONDS)))
    return found


def main() -> None:
    """Quiet, then beside company."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="fashion-mnist")
    given = parser.parse_args()
    keep_freed_memory()
    result: dict[str, Any] = {
        "command": f"python benchmarks/layouts.py --data {given.data}",
        "machine": f"{processors()} processors, {platform.machine()}, torch {torch.__version__}",
        "images_per_second": {"quiet": paces(given.data)},
    }
    company = subprocess.Popen([sys.executable, "-c", BUSY], env=os.environ | {"OMP_NUM_THREADS": "1"})
    try:
        result["images_per_second"]["beside one busy process"] = paces(given.data)
    finally:
        company.kill()
    print(json.dumps(result, indent=1))
    write_json(RESULT, result)


if __name__ == "__main__":
    main()
