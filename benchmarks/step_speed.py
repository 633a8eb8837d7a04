"""One step of the published R3GAN game: gansmith's engine against the plain way to write it, on equal networks.

    python benchmarks/step_speed.py       # a quiet machine; about two minutes

Both play preset ``r3gan`` on Fashion-MNIST: the same networks from the same seed, the same batch, relativistic pairing
with exact R1 and R2 in every step. Plain is what a script in eager PyTorch does: float32, the default memory format,
foreach Adam, fakes and real logits computed again in each turn, real and fake through the critic in two batches. Ours
is the engine as a training uses it here, whose layout and precision are measured first. They take turns on the same
number of threads, and each keeps its best; ours in float32 and one lane stands beside. Target: 1.5 times as fast.
"""

import argparse
import json
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import softplus

from gansmith.core.files import write_json
from gansmith.data.prepare import prepare
from gansmith.engine.devices import processors
from gansmith.engine.memory import keep_freed_memory
from gansmith.engine.pace import Layout
from gansmith.engine.trainer import Trainer
from gansmith.recipes.choices import values
from gansmith.recipes.kinds.image import image
from gansmith.recipes.material import Pictures
from gansmith.recipes.recipe import plan_of
from gansmith.recipes.setup import Pace, batches_of, facts_of, precision_for

RESULT = Path(__file__).parent / "results" / "step_speed.json"
TARGET, ROUNDS, STEPS, BATCH = 1.5, 4, 3, 64
CPU = torch.device("cpu")


class Plain:
    """The game of Huang et al. 2024, written down as one would."""

    def __init__(self, game, batches, gamma: float):
        self.generator, self.critic = game.players["generator"], game.players["critic"]
        for player in game.players.values():
            player.to(memory_format=torch.contiguous_format).train()
        self.batches, self.gamma, self.index = batches, gamma, 0
        self.adams = [
            torch.optim.Adam(player.parameters(), lr=0.0, betas=(0.0, 0.9), foreach=True)
            for player in (self.critic, self.generator)
        ]

    def play(self) -> None:
        """The critic's turn, then the generator's."""
        real = self.batches(self.index)[0].contiguous()
        self.index += 1
        fake = self.generator(torch.randn(len(real), 64)).detach()
        real, fake = real.requires_grad_(), fake.requires_grad_()
        real_logits, fake_logits = self.critic(real), self.critic(fake)
        slopes = [
            torch.autograd.grad(logits.sum(), x, create_graph=True)[0].square().sum((1, 2, 3))
            for logits, x in ((real_logits, real), (fake_logits, fake))
        ]
        self._move(0, softplus(fake_logits - real_logits) + self.gamma / 2 * sum(slopes))
        fake = self.generator(torch.randn(len(real), 64))
        self._move(1, softplus(self.critic(real.detach()) - self.critic(fake)))

    def _move(self, player: int, loss: torch.Tensor) -> None:
        self.adams[player].zero_grad()
        loss.mean().backward()
        self.adams[player].step()


def steps_per_second(play: Callable[[], object], layout: Layout) -> float:
    """After one step to warm up."""
    layout.take()
    play()
    began = time.perf_counter()
    for _ in range(STEPS):
        play()
    return STEPS / (time.perf_counter() - began)


def main() -> None:
    """Choose the layout, time in turns, keep the result."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    keep_freed_memory()
    prepared = prepare("fashion-mnist")
    facts = facts_of(prepared, False, 100_000, minutes=10)
    chosen: dict[str, Any] = values(image.choose(facts, "r3gan", {"batch": BATCH})) | {"rate": [0.0, 0.0]}
    precision = precision_for(None, CPU, chosen["penalty"]).value
    pace = Pace.measure(image, Pictures(prepared), chosen | {"precision": precision}, facts, CPU, None, 0)

    def ours(layout: Layout, precision: str) -> Trainer:
        how = chosen | {"precision": precision, "threads": layout.threads, "lanes": layout.lanes}
        game = image.build(how, facts, 0)
        return Trainer(game, batches_of(prepared, how, facts, CPU, 0), plan_of(how, game, facts.images, 0), [], CPU)

    inside = Layout(processors())
    plain = Plain(image.build(chosen, facts, 0), batches_of(prepared, chosen, facts, CPU, 0), chosen["gamma"][0])
    ways = {
        "plain": (plain.play, inside),
        "ours, fp32, one lane": (ours(inside, "fp32").play, inside),
        f"ours, as chosen: {precision}, {pace.layout}": (ours(pace.layout, precision).play, pace.layout),
    }
    rounds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, (play, layout) in ways.items():
            rounds[name].append(round(steps_per_second(play, layout), 3))
    best = {name: max(found) for name, found in rounds.items()}
    ratios = {name: round(speed / best["plain"], 2) for name, speed in best.items()}
    result = {
        "command": "python benchmarks/step_speed.py",
        "machine": f"{processors()} processors, {platform.machine()}, torch {torch.__version__}",
        "batch": BATCH,
        "widths": [chosen["generator_width"], chosen["critic_width"]],
        "steps_per_second": rounds,
        "over_plain": ratios,
        "target": TARGET,
        "reached": list(ratios.values())[-1] >= TARGET,
    }
    print(json.dumps(result, indent=1))
    write_json(RESULT, result)


if __name__ == "__main__":
    main()
