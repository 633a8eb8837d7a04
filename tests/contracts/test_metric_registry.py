"""What every registered metric promises, without anyone asking: a new file in metrics/measures is tested here."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from gansmith.core.errors import InputError
from gansmith.metrics import METRICS
from gansmith.metrics.evidence import SETS, Evidence, Features
from gansmith.metrics.metric import measured, still_valid

N = 120
SEEING = {"fd", "fd-infinity", "kid", "precision", "recall", "coverage", "spectrum"}  # they must see blur
BLIND = {"authenticity", "usefulness", "usefulness-both", "vendi"}  # blur may improve these by chance
every_metric = pytest.mark.parametrize("name", METRICS.names)


def pictures(seed: int, n: int = N) -> tuple[np.ndarray, np.ndarray]:
    """(n, 8, 8, 3) noisy bars, lying or standing, and which of both."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, n)
    images = rng.integers(0, 90, (n, 8, 8, 3))
    at = rng.integers(1, 7, n)
    for image, label, place in zip(images, labels, at):
        bar = image[place] if label else image[:, place]
        bar += rng.integers(90, 160)
    return images.astype(np.uint8), labels


def seen(images: np.ndarray) -> Features:
    """(n, 8): level and contrast of each quarter."""
    quarters = images.mean(3).reshape(-1, 2, 4, 2, 4).transpose(0, 1, 3, 2, 4).reshape(-1, 4, 16)
    return Features(np.concatenate([quarters.mean(2), quarters.std(2)], 1) / 64)


def blurred(images: np.ndarray) -> np.ndarray:
    return gaussian_filter(images.astype(float), (0, 2, 2, 0)).round().astype(np.uint8)


def evidence(images: np.ndarray, labels: np.ndarray) -> Evidence:
    real, training = pictures(1), pictures(2)
    return Evidence(
        generated=seen(images),
        real=seen(real[0]),
        training=seen(training[0]),
        generated_images=images,
        real_images=real[0],
        training_images=training[0],
        generated_labels=labels,
        real_labels=real[1],
        training_labels=training[1],
        classes=("standing", "lying"),
    )


@pytest.fixture(scope="module", autouse=True)
def _short_lessons():
    """The classifier of usefulness learns for 8 steps."""
    from gansmith.metrics.measures import usefulness

    before, usefulness.STEPS = usefulness.STEPS, 8
    yield
    usefulness.STEPS = before


@pytest.fixture(scope="module")
def healthy() -> Evidence:
    return evidence(*pictures(0))


def cut(whole: Evidence, which: str, n: int) -> Evidence:
    """The first n rows of one set alone."""
    features = getattr(whole, which)
    images, labels = (f"{which}_{kind}" for kind in ("images", "labels"))
    parts = {images: getattr(whole, images)[:n], labels: getattr(whole, labels)[:n]}
    return replace(whole, **{which: Features(features.rows[:n])}, **parts)


def refusal(name: str, broken: Evidence) -> str:
    with pytest.raises(InputError) as refused:
        measured(name, broken)
    assert "\n" not in str(refused.value) and "still valid here: " in str(refused.value)
    return str(refused.value)


@every_metric
def test_it_names_its_scores_and_its_source(name, healthy):
    metric = METRICS.get(name)
    assert METRICS.help(name) and "Source:" in metric.compute.__doc__
    found = measured(name, healthy)
    assert {each.partition("/")[0] for each in found} == set(metric.better)
    for each, estimate in found.items():
        assert metric.direction(each) in ("lower", "higher", "real")
        numbers = (estimate.value, estimate.error, estimate.low, estimate.high)
        assert all(type(number) is float and math.isfinite(number) for number in numbers), each
        assert estimate.low <= estimate.value <= estimate.high and estimate.error >= 0, each


@every_metric
def test_it_is_a_function_of_its_evidence_and_seed(name, healthy):
    found = measured(name, healthy)
    assert measured(name, evidence(*pictures(0))) == found
    wide = {which: Features(getattr(healthy, which).rows.float()) for which in SETS}
    exact = {which: Features(features.rows.double()) for which, features in wide.items()}
    assert measured(name, replace(healthy, **wide)) == measured(name, replace(healthy, **exact))


@every_metric
def test_real_images_against_themselves_are_ideal(name, healthy):
    metric = METRICS.get(name)
    if any(attribute.startswith("training") for attribute in metric.reads):
        return  # these compare three sets
    real = {f"generated{kind}": getattr(healthy, f"real{kind}") for kind in ("", "_images", "_labels")}
    found, others = measured(name, replace(healthy, **real)), measured(name, healthy)
    for each, estimate in found.items():
        if metric.direction(each) == "lower":
            assert estimate.value <= (others[each].value if "infinity" in each else 1e-7), each
        elif metric.direction(each) == "higher" and each != "vendi":
            assert estimate.value >= others[each].value, each


@every_metric
def test_blur_is_no_improvement(name, healthy):
    metric = METRICS.get(name)
    images, labels = pictures(0)
    found, clear = measured(name, evidence(blurred(images), labels)), measured(name, healthy)
    for each, estimate in found.items():
        worse = {"lower": 1, "higher": -1, "real": 0}[metric.direction(each)] * (estimate.value - clear[each].value)
        assert worse >= 0 or each in BLIND, each
        assert worse > 0 or each not in SEEING, each


@every_metric
def test_what_is_missing_is_said(name, healthy):
    for attribute in METRICS.get(name).reads:
        which, _, kind = attribute.partition("_")
        said = refusal(name, replace(healthy, **{attribute: None}))
        assert f"no {kind or 'features'} of {which} images" in said


@every_metric
def test_one_image_is_refused_on_any_side(name, healthy):
    for which in {attribute.partition("_")[0] for attribute in METRICS.get(name).reads}:
        assert f"1 {which} image(s) are too few" in refusal(name, cut(healthy, which, 1))


@every_metric
def test_nan_and_other_widths_and_sizes_are_refused(name, healthy):
    reads = METRICS.get(name).reads
    for which in set(SETS) & set(reads):
        rows = getattr(healthy, which).rows.clone()
        rows[3, 1] = math.nan
        assert f"1 of {N} {which} images are not finite" in refusal(name, replace(healthy, **{which: Features(rows)}))
        assert "must be (n, d) floats" in refusal(name, replace(healthy, **{which: Features(rows[:, 0])}))
    if len(set(SETS) & set(reads)) > 1:
        narrow = Features(healthy.generated.rows[:, :3])
        assert "use one extractor" in refusal(name, replace(healthy, generated=narrow))
    if sum(attribute.endswith("images") for attribute in reads) > 1:
        small = healthy.generated_images[:, :6]
        assert "cannot be compared" in refusal(name, replace(healthy, generated_images=small))
        floats = healthy.generated_images / 255
        assert "uint8" in refusal(name, replace(healthy, generated_images=floats))
    for attribute in (a for a in reads if a.endswith("labels")):
        wrong = replace(healthy, **{attribute: getattr(healthy, attribute) + 0.5})
        assert "integers from 0" in refusal(name, wrong)
        beyond = replace(healthy, **{attribute: getattr(healthy, attribute) + 5})
        assert "2 classes" in refusal(name, beyond)


@every_metric
def test_rows_that_do_not_agree_are_refused(name, healthy):
    reads = METRICS.get(name).reads
    if "generated" not in reads and "generated_images" not in reads:
        assert "must agree" in refusal(name, replace(healthy, generated_labels=healthy.generated_labels[:-1]))
    elif any(attribute.startswith("generated_") for attribute in reads):
        attribute = next(a for a in reads if a.startswith("generated_"))
        shorter = replace(healthy, **{attribute: getattr(healthy, attribute)[:-1]})
        assert "must agree" in refusal(name, shorter)


@every_metric
def test_a_real_set_that_does_not_vary_is_refused(name, healthy):
    reads = METRICS.get(name).reads
    flat = replace(
        healthy,
        real=Features(healthy.real.rows[:1].repeat(N, 1)),
        real_images=np.full_like(healthy.real_images, 7),
    )
    if {"real", "real_images"} & set(reads):
        assert "nothing to compare with" in refusal(name, flat)


@every_metric
def test_a_collapsed_generator_is_scored_or_refused_in_words(name, healthy):
    """A generator that draws one picture is no broken input: it gets its bad score."""
    images, labels = (np.repeat(some[:1], N, 0) for some in pictures(0))
    collapsed = replace(
        healthy, generated=seen(images), generated_images=images, generated_labels=labels * 0 + labels[0]
    )
    for estimate in measured(name, collapsed).values():
        assert math.isfinite(estimate.value) and math.isfinite(estimate.error)


@every_metric
def test_fewer_images_than_features_leave_what_is_still_valid(name, healthy):
    many = np.random.default_rng(0).normal(size=(3, N, 3 * N))
    few = replace(healthy, **{which: Features(rows) for which, rows in zip(SETS, many)})
    if METRICS.get(name).widths:
        said = refusal(name, few)
        assert f"{3 * N} features" in said and "kid" in said
    else:
        assert measured(name, few)
    assert {"kid", "precision-recall", "spectrum"} <= set(still_valid(few)) and "fd" not in still_valid(few)


def test_a_user_may_name_a_metric_of_their_own(healthy, monkeypatch, tmp_path):
    (tmp_path / "own_metric.py").write_text(
        "from gansmith.metrics.interval import Estimate\n"
        "from gansmith.metrics.metric import Metric\n"
        "def compute(evidence):\n"
        "    return {'rows': Estimate(float(len(evidence.generated)), 0.0, 0.0, 0.0)}\n"
        "rows = Metric(compute=compute, reads=('generated',), better={'rows': 'real'})\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    assert measured("own_metric:rows", healthy)["rows"].value == N
