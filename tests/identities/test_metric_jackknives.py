"""Every interval that is found in one pass equals leaving out each row in turn, or the textbook's closed form."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from gansmith.core.errors import InputError
from gansmith.metrics._without_one import entropy_change, root_change
from gansmith.metrics.evidence import SETS, Evidence, Features
from gansmith.metrics.frechet import frechet_distance, influences, moments
from gansmith.metrics.interval import Estimate, normal_reach
from gansmith.metrics.measures import class_shares, usefulness
from gansmith.metrics.measures.colour import shares_up_to
from gansmith.metrics.measures.copies import closeness, different, small_greys
from gansmith.metrics.measures.fd_infinity import intercept_weights
from gansmith.metrics.measures.spectrum import profiles
from gansmith.metrics.metric import measured
from gansmith.metrics.notice import difference, noticed


def drawn(n: int, d: int, seed: int) -> torch.Tensor:
    rng = np.random.default_rng(seed)
    return torch.as_tensor(np.maximum(rng.normal(size=(n, d)) * np.geomspace(1, 0.1, d), -0.4))


def jackknifed(values: list[float]) -> float:
    n, without = len(values), np.array(values)
    return float(np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum()))


def without(x, i: int):
    return x[[row for row in range(len(x)) if row != i]]


@pytest.mark.parametrize(("name", "score"), [("precision-recall", "recall"), ("density-coverage", "coverage")])
def test_manifolds_leave_out_each_row_in_turn(name, score):
    x, real = drawn(40, 3, 0), Features(drawn(60, 3, 1))
    got = measured(name, Evidence(generated=Features(x), real=real))[score]
    values = [measured(name, Evidence(generated=Features(without(x, i)), real=real))[score].value for i in range(40)]
    assert got.error == pytest.approx(jackknifed(values), rel=1e-9) and got.error > 0


@pytest.mark.parametrize(("n", "d"), [(30, 6), (12, 20)])
def test_vendi_leaves_out_each_row_in_turn(n, d):
    x = drawn(n, d, 0)
    got = measured("vendi", Evidence(generated=Features(x)))["vendi"]
    values = [measured("vendi", Evidence(generated=Features(without(x, i))))["vendi"].value for i in range(n)]
    assert got.error == pytest.approx(jackknifed(values), rel=1e-6)


@pytest.mark.parametrize("score", ["colour", "spectrum"])
def test_images_leave_out_each_one_in_turn(score):
    rng = np.random.default_rng(0)
    x, real = (rng.integers(0, high, (n, 8, 8, 3), dtype=np.uint8) for high, n in ((200, 15), (256, 20)))
    got = measured(score, Evidence(generated_images=x, real_images=real))[score]
    every = [Evidence(generated_images=without(x, i), real_images=real) for i in range(15)]
    assert got.error == pytest.approx(jackknifed([measured(score, each)[score].value for each in every]), rel=1e-4)


def test_fd_leaves_out_each_row_in_turn():
    x, real = drawn(40, 5, 0), moments(drawn(80, 5, 1))
    whole = frechet_distance(moments(x), real)
    left = np.array([frechet_distance(moments(without(x, i)), real) for i in range(40)])
    expected = 39 * (whole - left)
    np.testing.assert_allclose(influences(x, moments(x), real)[:, 1], expected - expected.mean(), atol=1e-6)


def test_sums_over_eigenvalues_without_a_row_equal_decomposing_again():
    rows = drawn(25, 6, 3)
    values, vectors = torch.linalg.eigh(rows.T @ rows)
    squares = (rows @ vectors).square()
    roots, entropies = root_change(values, squares), entropy_change(values, squares)
    for i in range(25):
        left = torch.linalg.eigvalsh(without(rows, i).T @ without(rows, i)).clamp(min=1e-300)
        assert float(roots[i]) == pytest.approx(float(left.sqrt().sum() - values.sqrt().sum()), rel=1e-6)
        expected = float((left * left.log()).sum() - (values * values.log()).sum())
        assert float(entropies[i]) == pytest.approx(expected, rel=1e-6)


def test_the_ends_of_wilsons_interval_solve_its_equation():
    for hits, of in ((0, 20), (7, 20), (20, 20)):
        got, z = Estimate.share(hits, of), normal_reach()
        for end in (got.low, got.high):
            assert (hits / of - end) ** 2 == pytest.approx(z**2 * end * (1 - end) / of, abs=1e-12)
        assert 0 <= got.low <= got.value <= got.high <= 1 and got.error > 0
    with pytest.raises(ValueError, match="at least one row"):
        Estimate.share(0, 0)


def test_of_a_mean_every_error_is_the_same():
    x = torch.tensor([1.0, 4.0, 2.0, 8.0], dtype=torch.float64)
    left = (x.sum() - x) / 3
    assert Estimate.jackknife(float(x.mean()), left).error == pytest.approx(Estimate.mean(x).error)


def test_fd_at_infinity_is_the_intercept():
    at = [1 / 100, 1 / 75, 1 / 50]
    weights = intercept_weights(at)
    assert sum(weights) == pytest.approx(1)
    assert sum(w * (3 + 7 * point) for w, point in zip(weights, at)) == pytest.approx(3)


def test_fd_at_infinity_has_no_bias_from_n_and_an_honest_error():
    """Of fresh Gaussian samples the mean is the distance of the true moments; FD itself lies above it."""
    d, scales = 6, torch.linspace(0.5, 2, 6, dtype=torch.float64)
    rng = np.random.default_rng(0)
    real = Features(torch.as_tensor(rng.normal(size=(500, d))))
    truth = float(real.moments.mean.square().sum() + scales.square().sum() + real.moments.trace)
    inner = torch.linalg.eigvalsh(real.moments.symmetric @ torch.diag(scales**2) @ real.moments.symmetric)
    truth -= 2 * float(inner.sqrt().sum())
    found, plain = [], []
    for seed in range(60):
        draw = Evidence(generated=Features(torch.as_tensor(rng.normal(size=(200, d))) * scales), real=real, seed=seed)
        found.append(measured("fd-infinity", draw)["fd-infinity"])
        plain.append(measured("fd", draw)["fd"].value)
    values, errors = np.array([[each.value, each.error] for each in found]).T
    chance = values.std() / np.sqrt(60)
    assert abs(values.mean() - truth) < 3 * chance < abs(np.mean(plain) - truth) * 3
    assert np.mean(plain) > truth
    assert np.median(errors) == pytest.approx(values.std(), rel=0.25)


def test_vendi_counts_orthogonal_rows():
    rows = torch.eye(7, dtype=torch.float64)
    for x in (rows, torch.cat([rows, 3 * rows]), rows[:1].repeat(5, 1)):
        distinct = len(x.unique(dim=0)) if len(x) != 14 else 7
        assert measured("vendi", Evidence(generated=Features(x)))["vendi"].value == pytest.approx(distinct, rel=1e-9)


def test_density_and_coverage_of_equal_distributions_are_known():
    rng = np.random.default_rng(0)
    found = [
        measured("density-coverage", Evidence(generated=Features(x), real=Features(y)))
        for x, y in (rng.normal(size=(2, 80, 4)) for _ in range(60))
    ]
    density, coverage = (np.mean([each[name].value for each in found]) for name in ("density", "coverage"))
    expected = 1 - np.prod([(79 - i) / (159 - i) for i in range(5)])  # C(m - 1, k) / C(n + m - 1, k)
    assert density == pytest.approx(1, abs=0.04) and coverage == pytest.approx(expected, abs=0.01)


def test_white_noise_and_a_wave_have_the_spectrum_they_should():
    rng = np.random.default_rng(0)
    noise = (128 + 20 * rng.normal(size=(150, 32, 32, 1))).round().clip(0, 255).astype(np.uint8)
    np.testing.assert_allclose(profiles(noise).mean(0), 20 * np.log10(20) - 2.5, atol=0.4)
    at = 2 * np.pi * np.arange(32) / 32
    ways = ((5, 0), (0, 5), (3, 4), (4, 3), (-3, 4), (-4, 3))
    waves = 128 + 20 * sum(np.sin(down * at[:, None] + right * at) for down, right in ways)
    assert profiles(waves.round().astype(np.uint8)[None, :, :, None])[0].argmax() + 1 == 5
    flat = np.full((1, 8, 8, 1), 9, np.uint8)
    np.testing.assert_allclose(profiles(flat), 10 * np.log10(1 / 12))


def test_brighter_by_a_level_is_a_colour_distance_of_one():
    images = np.random.default_rng(0).integers(0, 200, (9, 8, 8, 3), dtype=np.uint8)
    got = measured("colour", Evidence(generated_images=images + 3, real_images=images))["colour"]
    assert got.value == pytest.approx(3, rel=1e-5)
    np.testing.assert_allclose(shares_up_to(images)[:, :, -1], 1)


def test_copies_are_told_from_new_images():
    training, real, new = (Features(drawn(60, 4, seed)) for seed in (0, 1, 2))
    whole = Evidence(generated=new, real=real, training=training)
    copies = replace(whole, generated=Features(training.rows))
    assert measured("authenticity", copies)["authenticity"].value == 0
    assert measured("neighbour-ratio", copies)["neighbour-ratio"].value == pytest.approx(0, abs=1e-7)
    same = replace(whole, generated=real)
    assert measured("neighbour-ratio", same)["neighbour-ratio"].value == pytest.approx(1)
    assert measured("authenticity", whole)["authenticity"].value > 0.3


def test_a_copy_is_counted_even_when_shifted_by_a_pixel():
    rng = np.random.default_rng(0)
    training, real, new = (rng.integers(0, 256, (n, 10, 12, 3), dtype=np.uint8) for n in (60, 100, 40))
    shifted = np.roll(training, (1, -1), (1, 2))
    for images, share in ((training, 1), (shifted, 1), (np.roll(training, 2, 1), 0), (new, 0)):
        whole = Evidence(generated_images=images, real_images=real, training_images=training)
        assert measured("copies", whole)["copies"].value == pytest.approx(share, abs=0.05)
    parts = closeness(small_greys(new[:9]), small_greys(training))
    grey, others = (some @ [0.299, 0.587, 0.114] for some in (new[:9], training))
    flat = np.array([grey[:, a : a + 8, b : b + 10].reshape(9, -1) for a in range(3) for b in range(3)])
    middle = others[:, 1:-1, 1:-1].reshape(60, -1)
    distances = np.sort(np.linalg.norm(flat[:, :, None] - middle, axis=3).min(0), 1)
    np.testing.assert_allclose(parts, distances[:, 0] / distances[:, 4], rtol=1e-4)


def test_copies_of_images_that_training_holds_often_are_counted():
    rng = np.random.default_rng(0)
    training, real = (rng.integers(0, 256, (n, 10, 12, 1), dtype=np.uint8) for n in (60, 100))
    often = np.concatenate([training, np.repeat(training[:3], 9, 0)])
    assert torch.equal(different(often), small_greys(training))
    for images, share in ((np.repeat(training[:3], 10, 0), 1), (training, 1), (real[::-1], 0.01)):
        whole = Evidence(generated_images=images, real_images=real, training_images=often)
        assert measured("copies", whole)["copies"].value == pytest.approx(share, abs=0.01)
    with pytest.raises(InputError, match="3 different training images"):
        measured("copies", replace(whole, training_images=np.repeat(training[:3], 9, 0)))


def test_copies_does_not_hang_on_the_order_of_real_images(monkeypatch):
    monkeypatch.setattr("gansmith.metrics.measures.copies.CALIBRATING", 100)
    rng = np.random.default_rng(0)
    training, real = (rng.integers(0, 256, (n, 8, 8, 1), dtype=np.uint8) for n in (60, 200))
    real[:100] = np.repeat(training, 2, 0)[:100]  # sorted: the first half are copies
    whole = Evidence(generated_images=training, real_images=real, training_images=training)
    assert measured("copies", whole)["copies"].value == 0  # as half of the real images are


def test_copies_reads_training_images_from_a_file_in_blocks(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    training, real, new = (rng.integers(0, 256, (n, 40, 36, 3), dtype=np.uint8) for n in (30, 40, 25))
    np.save(tmp_path / "training.npy", training)
    mapped = np.load(tmp_path / "training.npy", mmap_mode="r")
    whole = Evidence(generated_images=new, real_images=real, training_images=training)
    expected = measured("copies", whole)
    monkeypatch.setattr("gansmith.metrics._images.PART_VALUES", 10_000)
    assert measured("copies", replace(whole, training_images=mapped, _once={})) == expected


def test_what_hangs_on_real_images_alone_is_found_once():
    real, other = np.zeros((3, 4, 4, 1), np.uint8), np.ones((3, 4, 4, 1), np.uint8)
    calls = []
    first = Evidence(real_images=real)
    for evidence in (first, replace(first, generated_images=other), replace(first, real_images=other), first):
        assert evidence.once(lambda_, evidence.real_images, calls) == evidence.real_images.sum()
    assert len(calls) == 2


def lambda_(images, calls):
    calls.append(images)
    return images.sum()


def test_lost_classes_are_counted():
    real = np.repeat(np.arange(4), 200)
    whole = Evidence(real_labels=real, generated_labels=real)
    assert measured("class-shares", whole)["classes-lost"].value == 0
    lost = measured("class-shares", replace(whole, generated_labels=np.zeros(800, int)))["classes-lost"]
    assert (lost.value, lost.low, lost.high) == (3, 3, 3)
    few = replace(whole, real_labels=np.repeat([0, 1, 2], (960, 20, 20)), generated_labels=np.repeat([0, 2], (780, 20)))
    found = measured("class-shares", few)
    surely = [name for name, share in found.items() if class_shares.lost(share.high, 0.02)]
    assert found["classes-lost"].value == 1 and len(surely) == found["classes-lost"].low == 0
    many = replace(few, generated_labels=np.repeat([0, 2], (7800, 200)))
    assert class_shares.lost(measured("class-shares", many)["class-share/1"].high, 0.02)


def test_lost_classes_are_noticed_by_their_ends():
    def shares(classes: int, real: int = 4):
        whole = Evidence(real_labels=np.repeat(np.arange(real), 200), generated_labels=np.arange(800) % classes)
        return {f"{name}@a/b": each for name, each in measured("class-shares", whole).items()}

    found = noticed(shares(2), shares(4))
    assert list(found) == ["classes-lost@a/b"]
    assert found["classes-lost@a/b"].beyond and not noticed(shares(4), shares(4))["classes-lost@a/b"].beyond
    assert not noticed(shares(3), shares(3))["classes-lost@a/b"].beyond  # as many are lost among real images
    ours = {name: Estimate.normal(1.0, 1.0) for name in ("kid", "class-kid/a", "usefulness-real", "classes-lost")}
    judged = noticed(ours, ours)
    assert list(judged) == ["kid", "classes-lost"]
    assert judged["kid"].estimate.high == pytest.approx(normal_reach() * 2**0.5)


def test_several_equal_shares_have_wilsons_interval():
    got, wilson = usefulness._of_several([30, 30, 30], 40), Estimate.share(30, 40)
    assert (got.value, got.low, got.high) == pytest.approx((wilson.value, wilson.low, wilson.high))
    apart = usefulness._of_several([25, 30, 35], 40)
    assert apart.value == 0.75 and apart.error == pytest.approx(np.hypot(wilson.error, 0.125))


def test_a_small_class_is_left_out_and_the_others_are_scored(monkeypatch):
    monkeypatch.setattr(usefulness, "STEPS", 20)
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], (60, 60, 3))
    images = (rng.integers(0, 100, (123, 8, 8, 3)) + 70 * (labels == 1)[:, None, None, None]).astype(np.uint8)
    sets = {f"{which}_{kind}": some for which in SETS for kind, some in (("images", images), ("labels", labels))}
    whole = Evidence(generated=Features(images.mean((1, 2))), real=Features(images.mean((1, 2)) + 1), **sets)
    assert set(measured("class-kid", whole)) == {"class-kid/0", "class-kid/1"}
    found = measured("usefulness", whole)
    assert found["usefulness"].value > 0.9 and found == measured("usefulness", replace(whole, seed=9))


def test_many_differences_together_hold_at_their_level():
    rng = np.random.default_rng(0)
    sets = 400
    beyond = 0
    for _ in range(sets):
        ours, floor = (
            {str(i): Estimate.normal(value, 1.0) for i, value in enumerate(rng.normal(size=12))} for _ in "ab"
        )
        beyond += any(each.beyond for each in noticed(ours, floor).values())
    assert 0.02 < beyond / sets < 0.09
    one = difference(Estimate.normal(3.0, 0.6), Estimate.normal(1.0, 0.8))
    assert one.beyond and one.estimate.high - one.estimate.value == pytest.approx(normal_reach())
    with pytest.raises(ValueError, match="at least one"):
        difference(one.estimate, one.estimate, 0)
