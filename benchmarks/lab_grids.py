"""Grids of Gaussians: how many modes are found, and how well, here and by particlegan 0.9.4.

    python benchmarks/lab_grids.py                                       # ours: grid-25 and grid-100, two seeds
    python -m venv /tmp/peer && /tmp/peer/bin/pip install particlegan==0.9.4
    python benchmarks/lab_grids.py --peer-python /tmp/peer/bin/python    # and particlegan on the hundred, as installed
    python benchmarks/lab_grids.py --table                               # what is there so far, as Markdown

Ours are the settings of ``gansmith lab grid-25 grid-100``. particlegan is played as its documents describe for the same
hundred Gaussians (sigma 0.03, spacing 1, batch 2048, 7,000 updates): its default recipe with a generator of three
hidden layers, and its E22 preset with the identity as generator, 20,000 particles that begin uniformly over the grid,
and noise of 0.029 added to what it draws. Neither has a schedule that ends, so a run may stop anywhere: each gets at
most ``--hours`` of one processor, and the table says how many updates that were. Every case has one thread and 20,000
samples, judged by the same ``Reading``. A finished case is kept in results/lab_grids.json and not run again, unless its
settings have changed.
"""

import argparse
import importlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

RESULT = Path(__file__).parent / "results" / "lab_grids.json"
SEEDS = (0, 1)
OURS = {"grid-25": 5, "grid-100": 10}
PEERS = ("default", "e22")
UPDATES, BATCH, SAMPLES, SIGMA, SIDE = 7000, 2048, 20_000, 0.03, 10


def main() -> None:
    """Play what is missing, print the table."""
    asked = parser().parse_args()
    if asked.draw:
        preset, path = asked.draw
        print(json.dumps(draw_as_peer(preset, path, asked.hours)))
        return
    for grid, seed in product(OURS, [] if asked.table else SEEDS):
        keep(f"ours, {grid}, seed {seed}", asdict(settings_of(grid)), partial(play_ours, grid, seed))
    for preset in PEERS if asked.peer_python else ():
        settings = {"hours": asked.hours}
        keep(
            f"particlegan {preset}, grid-100, seed 0",
            settings,
            partial(play_peer, asked.peer_python, preset, **settings),
        )
    print_table(kept())


def parser() -> argparse.ArgumentParser:
    """The options."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--peer-python", help="the interpreter of an environment that holds particlegan")
    options.add_argument("--hours", type=float, default=1.0, help="of one processor, for each run of particlegan")
    options.add_argument("--table", action="store_true", help="print what is there, play nothing of ours")
    options.add_argument("--draw", nargs=2, metavar=("PRESET", "FILE"), help=argparse.SUPPRESS)
    return options


def kept() -> dict[str, Any]:
    """Every finished case."""
    return json.loads(RESULT.read_text()) if RESULT.is_file() else {}


def keep(case: str, settings: dict[str, Any], play: Callable[[], dict[str, Any]]) -> None:
    """Play a case unless it is there with these settings, and write the file at once."""
    from gansmith.core.files import write_json

    settings = json.loads(json.dumps(settings))
    found = kept().get(case, {})
    if found.get("settings") == settings and "error" not in found:
        return
    print(case, file=sys.stderr)
    row = {**play(), "settings": settings}
    write_json(RESULT, dict(sorted({**kept(), case: row}.items())))


# --- ours


def settings_of(grid: str):
    """Those of the lab's experiment."""
    return importlib.import_module(f"gansmith.lab.experiments.{grid.replace('-', '_')}").SETTINGS


def play_ours(grid: str, seed: int) -> dict[str, Any]:
    """One game of the lab, without its pictures."""
    import torch

    from gansmith.core.progress import Progress
    from gansmith.lab import mixtures
    from gansmith.lab.plane_game import play

    torch.set_num_threads(1)
    settings, began = settings_of(grid), time.process_time()
    played = play(mixtures.grid(OURS[grid]), settings, seed=seed, progress=Progress(), title=grid)
    return read(played.samples, OURS[grid], settings.updates, time.process_time() - began)


def read(samples, side: int, updates: int, seconds: float) -> dict[str, Any]:
    """What a row of the table says."""
    from gansmith.lab import mixtures

    reading = mixtures.Reading.of(samples, mixtures.grid(side))
    return {**asdict(reading), "updates": updates, "processor_seconds": round(seconds, 1)}


# --- particlegan


def play_peer(python: str, preset: str, hours: float) -> dict[str, Any]:
    """One run in the peer's own interpreter, read here; what went wrong where it cannot be driven."""
    import numpy as np
    import torch

    with tempfile.TemporaryDirectory() as place:
        samples = Path(place) / "samples.npy"
        command = [python, str(Path(__file__).resolve()), "--hours", str(hours), "--draw", preset, str(samples)]
        told = subprocess.run(command, capture_output=True, text=True, cwd=place)
        if told.returncode:
            return {"error": told.stderr.strip().splitlines()[-1]}
        ended = json.loads(told.stdout.splitlines()[-1])
        return read(torch.from_numpy(np.load(samples)), SIDE, ended["updates"], ended["seconds"])


def draw_as_peer(preset: str, path: str, hours: float) -> dict[str, Any]:
    """Train with particlegan, in its own environment, and save (20,000, 2) samples."""
    import numpy as np
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    trainer = {"default": default_trainer, "e22": e22_trainer}[preset]()
    draws = torch.Generator().manual_seed(0)
    began, updates = time.process_time(), 0
    while updates < UPDATES and time.process_time() - began < 3600 * hours:
        centres = torch.randint(SIDE, (BATCH, 2), generator=draws) - (SIDE - 1) / 2
        trainer.step(centres + SIGMA * torch.randn(BATCH, 2, generator=draws))
        updates += 1
    noise = {"output_noise": True} if preset == "e22" else {}
    np.save(path, trainer.sample(SAMPLES, **noise).detach().float().numpy())
    return {"updates": updates, "seconds": time.process_time() - began}


def default_trainer():
    """``get_recipe()`` with the generator and critic of its 100-Gaussian example."""
    from particlegan import GANTrainer, get_recipe, init  # pyright: ignore
    from torch import nn

    recipe = get_recipe(total_steps=UPDATES, batch_size=BATCH)
    generator = nn.Sequential(*hidden(recipe.z_dim), nn.Linear(128, 2))
    prior, critic = recipe.make_prior(), peer_critic(2)
    init.deterministic_orthogonal_(generator, seed=0)
    init.deterministic_orthogonal_(critic, seed=1)
    init.deterministic_orthogonal_(prior)
    return GANTrainer(recipe, generator, critic, prior=prior, seed=0)


def e22_trainer():
    """``get_recipe("e22")`` as its results were recorded."""
    import torch
    from particlegan import GANTrainer, ParticlePrior, get_recipe, init  # pyright: ignore
    from torch import nn

    recipe = get_recipe("e22", num_particles=20_000, z_dim=2, batch_size=BATCH, output_noise_std=0.029)
    prior, generator, critic = ParticlePrior(20_000, 2), nn.Linear(2, 2), peer_critic(3)
    with torch.no_grad():
        prior.z.uniform_(-SIDE / 2, SIDE / 2)
        generator.weight.copy_(torch.eye(2))
        generator.bias.zero_()
    init.deterministic_orthogonal_(critic, seed=1)
    return GANTrainer(recipe, generator, critic, prior=prior, seed=0)


def peer_critic(octaves: int):
    """Three hidden layers behind sines and cosines at pi, 2 pi, ..."""
    import torch
    from torch import nn

    class Critic(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("frequencies", torch.pi * 2.0 ** torch.arange(octaves))
            self.layers = nn.Sequential(*hidden(2 + 4 * octaves), nn.Linear(128, 1))

        def forward(self, x):
            angles = (x[..., None] * self.frequencies).flatten(1)
            return self.layers(torch.cat([x, angles.sin(), angles.cos()], 1)).squeeze(1)

    return Critic()


def hidden(inputs: int) -> list:
    """Three layers of 128 with LeakyReLU 0.2."""
    from torch import nn

    layers: list[nn.Module] = []
    for before in (inputs, 128, 128):
        layers += [nn.Linear(before, 128), nn.LeakyReLU(0.2)]
    return layers


# --- the table


def print_table(kept: dict[str, Any]) -> None:
    """As Markdown."""
    print("| case | updates | modes | within 3 sigma | width over sigma | share over equal | processor |")
    print("|---|---|---|---|---|---|---|")
    for case, row in kept.items():
        if "error" in row:
            print(f"| {case} | {row['error']} | | | | | |")
            continue
        cells = [
            f"{row['updates']:,}",
            str(row["modes"]),
            f"{row['within']:.1%}",
            f"{row['narrowest']:.2f} to {row['widest']:.2f}",
            f"{row['rarest']:.2f} to {row['commonest']:.2f}",
            f"{row['processor_seconds'] / 60:.1f} min",
        ]
        print(f"| {case} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
