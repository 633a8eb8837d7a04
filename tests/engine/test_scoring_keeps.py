"""Which generator is kept: the last of those that score alike."""

import numpy as np
import pytest

from gansmith.engine.observers.scoring import Scoring


class Painter:
    def latents(self, count, purpose):
        return None

    def settled(self, average):
        return average


class Trainer:
    done, stop_requested = False, False

    def __init__(self):
        self.images_seen, self.average = 0, None


class Log:
    def __init__(self):
        self.rows = []

    def write(self, kind, images, **row):
        self.rows.append((images, row))


@pytest.mark.parametrize(
    "scores,kept",
    [
        ([400, 300, 200], [1, 2, 3]),
        ([400, 300, 301, 305, 306], [1, 2, 3, 4, 5]),  # alike: later weights have learned more
        ([400, 300, 310, 320, 308], [1, 2, 5]),  # 3 % above the best is no longer alike
        ([300, 306, 312, 318], [1, 2]),  # compared with the best, not with the one before
    ],
)
def test_of_those_that_score_alike_the_last_is_kept(scores, kept, monkeypatch):
    monkeypatch.setattr("gansmith.engine.observers.scoring.draw", lambda generator, latents: np.zeros(1))
    trainer, log, taken = Trainer(), Log(), []
    values = iter(scores)
    observer = Scoring(
        list(range(1, 9)),
        lambda pictures: {"fd": next(values)},
        Painter(),
        lambda g: taken.append(trainer.images_seen),
        log,
    )
    observer.on_start(trainer)
    for images in range(1, len(scores) + 1):
        trainer.images_seen = images
        observer.after_step(trainer, None)
    assert taken == kept and [images for images, row in log.rows if row["best"]] == kept
    assert observer.state() == {"best": min(scores)}
