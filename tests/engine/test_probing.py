"""The probe reads a run and changes nothing of it."""

import numpy as np
import pytest
import torch
from tiny_trainer import BATCH, STEPS, play, same, trainer_of

from gansmith.core.images import to_float
from gansmith.core.turns import Shown
from gansmith.engine.marks import MOST_PROBES, STEPS_A_PROBE, probe_marks
from gansmith.engine.observers.probing import Probing
from gansmith.recipes import PRESETS

EVERY_STEP = [BATCH * (step + 1) for step in range(STEPS)]


class Rows:
    """A log that keeps what it is told."""

    def __init__(self):
        self.rows = []

    def write(self, kind, images, **row):
        self.rows.append({"kind": kind, "images": images} | row)


def shown(classes=0, held=True):
    rng = np.random.default_rng(3)
    images = [to_float(torch.from_numpy(rng.integers(0, 256, (8, 28, 28, 3), dtype=np.uint8))) for _ in range(2)]
    labels = torch.arange(8) % classes if classes else None
    z = torch.from_numpy(rng.standard_normal((8, 16), dtype=np.float32))
    return Shown(images[0], labels, images[1] if held else None, labels if held else None, z, labels)


def probed(held=True, **how):
    trainer, log = trainer_of(**how), Rows()
    trainer.observers = [Probing(EVERY_STEP, shown(how.get("classes", 0), held), log)]
    trainer.run()
    return trainer, log.rows


@pytest.mark.parametrize("preset", PRESETS.names)
def test_a_probed_run_equals_one_that_is_not(preset):
    assert same(probed(preset=preset)[0], play(trainer_of(preset), STEPS))


@pytest.mark.parametrize("how", [{"classes": 3}, {"packing": 2, "group": 0}, {"precision": "bf16"}, {"lanes": 2}])
def test_however_it_is_played(how):
    trainer, rows = probed(**how)
    assert same(trainer, play(trainer_of(**how), STEPS))
    assert [row["kind"] for row in rows] == ["real"] + ["probe"] * (STEPS + 1)
    assert ("label_moves" in rows[-1]) == bool(how.get("classes"))


def test_a_row_tells_of_critic_pictures_and_weights():
    trainer, rows = probed()
    row = rows[-1]
    assert 0 <= row["caught"] <= 1 and 0 <= row["held_caught"] <= 1 and row["answer"] >= 0 and row["fake_slope"] > 0
    assert row["drawn"].keys() == row["raw"].keys() == rows[0].keys() - {"kind", "images"}
    assert row["sketch"].keys() == trainer.game.players.keys()
    assert rows[1]["sketch"] != rows[2]["sketch"]


def test_without_held_out_images_it_tells_the_rest():
    rows = probed(held=False)[1]
    assert "held_logit" not in rows[-1] and "train_logit" in rows[-1]


@pytest.mark.parametrize(("images", "batch"), [(64, 64), (9_984, 64), (1_000_000, 64), (3_000, 8)])
def test_probes_lie_apart_and_the_last_is_at_the_end(images, batch):
    marks = probe_marks(images, batch)
    assert marks[-1] == images and 1 <= len(marks) <= MOST_PROBES
    gaps = np.diff([0, *marks])
    assert len(marks) == 1 or gaps.min() >= STEPS_A_PROBE * batch - 1
