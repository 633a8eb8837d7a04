"""The faults of benchmarks/metrics_respond.py are what they say they are, and its table follows from its values."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

_spec = importlib.util.spec_from_file_location(
    "metrics_respond", Path(__file__).parents[2] / "benchmarks" / "metrics_respond.py"
)
assert _spec is not None and _spec.loader is not None
respond = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(respond)


@pytest.fixture(scope="module")
def bench():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 200, (300, 12, 12, 3), dtype=np.uint8)
    labels = rng.integers(0, 10, 300)
    data = SimpleNamespace(images=images, labels=labels, classes=list("abcdefghij"))
    return respond.Bench(data, respond.Sizes(60, 50, 80), None)


def test_a_draw_its_floor_real_and_training_images_share_nothing(bench):
    ours, floor = (bench.pool[places] for places in bench.drawn(3))
    sets = [ours, floor, bench.real_rows, bench.training_rows]
    assert len(np.unique(np.concatenate(sets))) == 60 + 60 + 50 + 80


@pytest.mark.parametrize("fault", respond.FAULTS)
def test_faults_grow_with_their_strength(bench, fault):
    damage, strengths = respond.FAULTS[fault]
    places = bench.drawn(0)[0]
    whole = bench.data.images[bench.pool[places]]
    changed = []
    for strength in strengths:
        images = damage(bench, places, strength)
        assert images.shape == whole.shape and images.dtype == np.uint8
        changed.append(np.abs(images.astype(float) - whole).mean())
    if fault != "classes dropped":
        assert changed == sorted(changed) and changed[-1] > changed[0]
    np.testing.assert_array_equal(bench.data.images[bench.pool[places]], whole)


def test_blur_keeps_a_flat_image_and_the_mean(bench):
    places = bench.drawn(0)[0]
    assert respond.blur(bench, places, 2).mean() == pytest.approx(bench.data.images[bench.pool[places]].mean(), abs=1.5)


def test_dropped_classes_are_gone(bench):
    images = respond.dropped(bench, bench.drawn(0)[0], 5)
    rows = [int((bench.data.images == image).all((1, 2, 3)).argmax()) for image in images]
    assert min(bench.data.labels[rows]) == 5
    assert not set(rows) & set(bench.pool[bench.drawn(0)[1]])


def test_the_table_gives_the_least_strength_that_is_seen_from_there_on():
    seen = {
        "blur 0.3": {"kid": 9.0},
        "blur 0.5": {},
        "blur 1": {"kid": 3.0, "fd": 4.0},
        "blur 2": {"kid": 8.0, "fd": 9.0},
    }
    assert respond.thresholds(seen, "kid") == {"blur": 1}
    assert respond.thresholds(seen, "vendi") == {"blur": None}
    said = {"from": {name: respond.thresholds(seen, name) for name in ("kid", "vendi")}}
    assert respond.table(said).splitlines()[2:] == ["| `kid` | 1 |", "| `vendi` |  |"]


def test_notices_are_those_beyond_their_widened_intervals():
    floor = {name: [0.0, 1.0, -2.0, 2.0] for name in ("a", "b", "c")}
    state = {"floor 0": floor, "healthy 0": floor, "blur 0.5": floor | {"b": [9.0, 1.0, 7.0, 11.0]}}
    said = respond.summary(state)
    assert said["healthy_draws_with_a_notice"] == 0 and said["must_be_noticed"] == {"blur 0.5": {"b": 6.4}}
