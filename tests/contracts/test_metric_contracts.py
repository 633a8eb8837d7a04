"""What every score promises: clear errors, plain numbers, features computed once."""

import json

import numpy as np
import pytest

from gansmith.core.errors import InputError
from gansmith.core.progress import Progress
from gansmith.metrics import features as features_module
from gansmith.metrics.features import cached_features
from gansmith.metrics.frechet import frechet_distance, frechet_estimate, moments
from gansmith.metrics.kid import kid
from gansmith.metrics.precision_recall import precision_recall
from gansmith.metrics.score import LoopScore, final_score


class Means:
    """An extractor without weights: block means of the first channel."""

    name, dimensions, checksum, resize = "means", 16, "0" * 64, "none"
    calls = 0

    def features(self, images, progress=None):
        self.calls += 1
        blocks = images[..., 0].astype(np.float32).reshape(len(images), 4, 2, 4, 2) / 255
        if progress is not None:
            progress.advance(len(images))
        return blocks.mean((2, 4)).reshape(len(images), 16)


def pictures(n: int, seed: int = 0, low: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(low, 256, (n, 8, 8, 1), dtype=np.uint8)


class Listener(Progress):
    """Counts what it is told."""

    def __init__(self):
        self.messages, self.total, self.done, self.open = [], 0.0, 0.0, 0

    def message(self, text):
        self.messages.append(text)

    def start(self, title, total=None):
        self.total, self.open = total, self.open + 1

    def advance(self, done, detail=""):
        self.done += done

    def finish(self):
        self.open -= 1


GOOD = np.random.default_rng(1).normal(size=(20, 4))
BROKEN = np.where(np.arange(80).reshape(20, 4) == 13, np.nan, GOOD)


@pytest.mark.parametrize("metric", [kid, precision_recall, lambda x, y: frechet_distance(moments(x), moments(y))])
@pytest.mark.parametrize(
    ("features", "says"),
    [(BROKEN, "not finite"), (GOOD[:1], "too few"), (GOOD[:, 0], "must be"), (GOOD[:, :3], "one extractor")],
)
def test_wrong_features_are_refused_on_either_side(metric, features, says):
    with pytest.raises(InputError, match=says):
        metric(features, GOOD)
    with pytest.raises(InputError, match=says):
        metric(GOOD, features)


def test_a_collapsed_generator_is_still_scored():
    constant = np.ones((20, 4))
    estimate = frechet_estimate(constant, moments(GOOD))
    expected = ((1 - GOOD.mean(0)) ** 2).sum() + np.trace(np.cov(GOOD, rowvar=False))
    assert estimate.value == pytest.approx(expected) and estimate.error == pytest.approx(0, abs=1e-9)
    assert np.isfinite(kid(constant, GOOD).value)
    assert precision_recall(constant, GOOD)[1] == 0


def test_the_loop_score_equals_the_metrics_and_names_what_it_used():
    extractor = Means()
    real, images = extractor.features(pictures(60)), pictures(40, 1, 40)
    score = LoopScore(extractor, real)(images)
    json.dumps(score, allow_nan=False)
    generated = extractor.features(images)
    assert score["fd"] == pytest.approx(frechet_distance(moments(generated), moments(real)))
    assert (score["precision"], score["recall"]) == precision_recall(generated, real)
    named = {"extractor": "means", "checksum": "0" * 64, "resize": "none", "n": 40, "n_real": 60}
    assert named.items() <= score.items()


@pytest.mark.parametrize(
    ("real", "says"), [(GOOD[:3], "too few"), (np.ones((9, 4)), "same features"), (BROKEN, "finite")]
)
def test_a_real_set_without_information_is_refused(real, says):
    with pytest.raises(InputError, match=says):
        LoopScore(Means(), real)


def test_the_final_score_has_intervals_a_floor_and_a_sentence():
    extractor, listener = Means(), Listener()
    test, floor = extractor.features(pictures(1000, 3)), extractor.features(pictures(300, 4))
    score = final_score(extractor, pictures(300, 5, 90), test, floor, seed=7, progress=listener)
    json.dumps(score, allow_nan=False)
    assert listener.open == 0 and listener.done == 300
    fd, kid_ = score["metrics"]["fd"], score["metrics"]["kid"]
    assert fd["low"] < fd["value"] < fd["high"] and kid_["low"] < kid_["value"] < kid_["high"]
    assert {"extractor", "checksum", "resize", "n", "n_real", "split", "seed"} <= fd.keys()
    assert fd["seed"] == 7 and fd["split"] == "test" and (fd["n"], fd["n_real"]) == (300, 1000)
    assert 0 <= score["metrics"]["recall"]["value"] <= 1 and 0 <= score["metrics"]["precision"]["value"] <= 1
    assert score["floor"]["fd"]["value"] < fd["low"] and score["floor"]["kid"]["value"] < kid_["low"]
    assert score["leads"] == "fd" and score["uncertain"] is False
    assert score["summary"].startswith("FD-means") and "interval" in score["summary"]


def test_with_fewer_than_a_thousand_test_images_kid_leads():
    extractor = Means()
    test, floor = extractor.features(pictures(200, 3)), extractor.features(pictures(100, 4))
    score = final_score(extractor, np.repeat(pictures(1), 100, 0), test, floor, seed=0)
    assert score["leads"] == "kid" and score["uncertain"] is True
    assert "uncertain" in score["summary"] and "same picture" in score["summary"]


def test_features_are_computed_once_and_again_when_torn(tmp_path):
    extractor, images, rows = Means(), pictures(30), np.arange(5, 25)
    first = cached_features(extractor, images, rows, tmp_path, "key")
    np.testing.assert_array_equal(first, extractor.features(images[rows]))
    calls = extractor.calls
    np.testing.assert_array_equal(cached_features(extractor, images, rows, tmp_path, "key"), first)
    assert extractor.calls == calls
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:500])
    np.testing.assert_array_equal(cached_features(extractor, images, rows, tmp_path, "key"), first)
    assert extractor.calls == calls + 1


def test_other_rows_data_or_weights_have_their_own_file(tmp_path):
    other = Means()
    other.checksum = "1" * 64
    for extractor, rows, key in (
        (Means(), [1, 2], "a"),
        (Means(), [2, 1], "a"),
        (Means(), [1, 2], "b"),
        (other, [1, 2], "a"),
    ):
        cached_features(extractor, pictures(4), np.array(rows), tmp_path, key)
    assert len(list(tmp_path.iterdir())) == 4


def test_features_of_many_rows_come_in_parts(monkeypatch):
    monkeypatch.setattr(features_module, "AT_ONCE", 7)
    extractor, images = Means(), pictures(30)
    got = features_module.features_of_rows(extractor, images, np.arange(30)[::-1])
    np.testing.assert_array_equal(got, extractor.features(images[::-1]))
    assert extractor.calls == 6
