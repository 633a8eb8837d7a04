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
    return respond.Bench(data, respond.Sizes(50, 50, 80), None)


def test_a_draw_its_floor_real_and_training_images_share_nothing(bench):
    ours, floor = (bench.pool[places] for places in bench.drawn(4))
    sets = [ours, floor, bench.real_rows, bench.training_rows]
    assert len(np.unique(np.concatenate(sets))) == 50 + 50 + 50 + 80


def test_draws_are_rings_of_blocks_that_share_nothing(bench):
    assert bench.blocks == 3
    assert [bench.floor_of(number) for number in range(6)] == [1, 2, 0, 4, 5, 3]
    for ring in ((0, 1, 2), (3, 4, 5)):
        assert len(np.unique(np.concatenate([bench.block(number) for number in ring]))) == 150


@pytest.mark.parametrize("fault", respond.FAULTS)
def test_faults_grow_with_their_strength(bench, fault):
    damage, strengths = respond.FAULTS[fault]
    whole = bench.healthy_images(0)
    changed = []
    for strength in strengths:
        images = damage(bench, 0, strength)
        assert images.shape == whole.shape and images.dtype == np.uint8
        changed.append(np.abs(images.astype(float) - whole).mean())
    if fault != "classes dropped":
        assert changed == sorted(changed) and changed[-1] > changed[0]
    np.testing.assert_array_equal(bench.healthy_images(0), whole)


def test_blur_keeps_a_flat_image_and_the_mean(bench):
    assert respond.blur(bench, 0, 2).mean() == pytest.approx(bench.healthy_images(0).mean(), abs=1.5)


def test_dropped_classes_are_gone_and_no_image_comes_twice(bench):
    images = respond.dropped(bench, 0, 5)
    rows = [int((bench.data.images == image).all((1, 2, 3)).argmax()) for image in images]
    assert min(bench.data.labels[rows]) == 5 and len(set(rows)) == len(rows)
    assert not set(rows) & set(bench.pool[bench.drawn(0)[1]])


def test_the_table_gives_the_least_strength_that_is_seen_from_there_on_and_the_way():
    seen = {
        "blur 0.3": {"kid": 9.0, "vendi": 4.0},
        "blur 0.5": {"vendi": -4.0},
        "blur 1": {"kid": 3.0, "fd": 4.0, "vendi": -4.0},
    }
    assert respond.thresholds(seen, "kid") == {"blur": [1, 1]}
    assert respond.thresholds(seen, "vendi") == {"blur": [0.5, -1]}
    assert respond.thresholds(seen, "recall") == {"blur": None}
    said = {"from": {name: respond.thresholds(seen, name) for name in ("kid", "recall", "vendi")}}
    assert respond.table(said).splitlines()[2:] == ["| `kid` | 1 + |", "| `recall` |  |", "| `vendi` | 0.5 - |"]


def test_notices_are_those_of_the_card_and_rates_are_of_the_draws_that_were_run():
    alike = {name: [0.0, 1.0, -2.0, 2.0] for name in ("a", "b", "c")}
    state = {"healthy 0": alike, "healthy 1": alike, "blur 0.5 in 1": alike}
    state["blur 0.5 in 0"] = alike | {"b": [-9.0, 1.0, -11.0, -7.0]}
    draws = dict.fromkeys(["healthy 0", *(f"blur 0.5 in {draw}" for draw in range(5))], "healthy 1")
    said = respond.summary(state, draws | {"copies 0.05 in 0": "healthy 1"})
    assert (said["healthy_draws"], said["healthy_draws_with_a_notice"]) == (1, 0)
    assert said["as_few_as_wanted"] == "not judged under 40 draws"
    must = said["must_be_noticed"]
    assert must["blur 0.5"] == {"draws": 2, "wanted": 5, "noticed": 1, "by": {"b": 1}}
    assert must["copies 0.05"]["draws"] == 0 and "classes dropped 1" not in must
    assert said["seen"] == {"blur 0.5": {}}  # one of two is not most
    assert respond.seen_mostly([{"b": -6.0}, {"b": -7.0}, {}]) == {"b": -7.0}
