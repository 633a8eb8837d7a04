"""Lanes: a step's rows in equal parts, each played by a copy of the game on a thread of its own.

Threads inside a layer wait for one another at every layer, and small layers are over before all have begun;
lanes wait for one another once a turn.
"""

import copy
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait

import torch

from gansmith.core import randomness
from gansmith.core.turns import Game, Step


class Lanes:
    """Copies of a game that share its weights.

    How many lanes there are is part of the result: batch normalisation takes each lane's statistics, and those
    of the first are kept. How many of them run at a time is not.

    Args:
        game: the first lane; its players are where they will stay, and their tensors are never replaced.
        count: of lanes.
        threads: in all, shared out over the lanes; the caller's is one of them.
    Check: without statistics over the batch, two lanes equal one up to the order of float sums; a thread for
        each gives the same bits as one for all.
    """

    def __init__(self, game: Game, count: int = 1, threads: int = 1):
        self.games = [game, *(_twin(game) for _ in range(count - 1))]
        # Walking over modules anew in every turn costs as much as a small layer.
        self.weights = {name: [list(each.players[name].parameters()) for each in self.games] for name in game.players}
        self.buffers = [list(_buffers(each)) for each in self.games]
        self.at_once = min(count, threads)
        if self.at_once > 1:
            # Each thread has its own number of threads inside a layer, and begins with all processors.
            within = max(1, threads // count)
            self._others = ThreadPoolExecutor(self.at_once - 1, "lane", torch.set_num_threads, (within,))

    def parts(self, step: Step) -> list[Step]:
        """The step of each lane: its rows, and what the whole step is named by.

        Raises: ValueError: when the rows do not part equally.
        """
        count = len(self.games)
        if count == 1:
            return [step]
        if len(step.real) % count:
            raise ValueError(f"{len(step.real)} rows do not part into {count} lanes")
        labels = [None] * count if step.labels is None else step.labels.chunk(count)
        return [
            Step(step.index, step.images_seen, step.progress, step.seed, real, own)
            for real, own in zip(step.real.chunk(count), labels, strict=True)
        ]

    def each(self, work: Callable[[int], None]) -> None:
        """Call ``work`` with every lane's number, drawing that lane's rows; the first error is raised."""
        count = len(self.games)

        def play(thread: int) -> None:
            for lane in range(thread, count, self.at_once):
                with randomness.rows_of(lane, count):
                    work(lane)

        under_way = [self._others.submit(play, thread) for thread in range(1, self.at_once)]
        try:
            play(0)
        finally:
            wait(under_way)
        for future in under_way:
            future.result()

    @torch.no_grad()
    def gather(self, player: str) -> None:
        """The first lane's gradients become the mean of all lanes'."""
        if len(self.games) == 1:
            return
        weights = zip(*self.weights[player], strict=True)
        moved = ([weight.grad for weight in alike] for alike in weights if alike[0].grad is not None)
        mine, *theirs = zip(*moved, strict=True)
        for gradients in theirs:
            torch._foreach_add_(mine, gradients)  # pyright: ignore[reportPrivateImportUsage]
        torch._foreach_mul_(mine, 1 / len(self.games))  # pyright: ignore[reportPrivateImportUsage]

    @torch.no_grad()
    def align(self) -> None:
        """Every lane's buffers become the first lane's."""
        first, *others = self.buffers
        for buffers in others if first else ():
            torch._foreach_copy_(buffers, first)  # pyright: ignore[reportPrivateImportUsage]

    def note(self, step: Step, parts: list[Step]) -> None:
        """What the lanes noted, averaged, on the whole step."""
        if len(parts) > 1:
            names = parts[0].signals
            step.note(**{name: torch.stack([part.signals[name] for part in parts]).mean(0) for name in names})


def _twin(game: Game) -> Game:
    """A copy whose weights lie where the game's lie."""
    twin = copy.deepcopy(game)
    for name, player in game.players.items():
        for own, kept in zip(twin.players[name].parameters(), player.parameters(), strict=True):
            own.data = kept.data
    return twin


def _buffers(game: Game) -> Iterable[torch.Tensor]:
    return (buffer for player in game.players.values() for buffer in player.buffers())
