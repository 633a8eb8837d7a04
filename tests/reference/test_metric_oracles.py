"""The metrics against independent oracles: scipy, torchmetrics, NumPy double loops."""

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm
from scipy.stats import wasserstein_distance

from gansmith.metrics.evidence import Evidence, Features
from gansmith.metrics.frechet import frechet_distance, moments
from gansmith.metrics.kid import kid
from gansmith.metrics.labels import read_labels
from gansmith.metrics.metric import measured
from gansmith.metrics.neighbours import nearest, nearest_others
from gansmith.metrics.precision_recall import precision_recall


def pair(n: int, m: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    mix = rng.normal(size=(d, d))
    return rng.normal(size=(n, d)) @ mix, np.abs(rng.normal(size=(m, d))) @ mix + 0.2


@pytest.mark.parametrize(("n", "m", "d"), [(200, 300, 24), (20, 300, 24), (20, 15, 24)])
def test_fd_equals_scipys_matrix_root(n, m, d):
    x, y = pair(n, m, d)
    a, b = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    expected = ((x.mean(0) - y.mean(0)) ** 2).sum() + np.trace(a + b - 2 * sqrtm(a @ b).real)
    tolerance = 1e-9 if min(n, m) > d else 1e-5  # the root of a singular product is itself inexact
    assert frechet_distance(moments(x), moments(y)) == pytest.approx(expected, rel=tolerance)


def test_kid_equals_a_double_loop():
    x, y = pair(19, 23, 7)

    def kernel(a, b):
        return (sum(p * q for p, q in zip(a, b, strict=True)) / 7 + 1) ** 3

    def within(s):
        pairs = [kernel(a, b) for i, a in enumerate(s) for j, b in enumerate(s) if i != j]
        return sum(pairs) / len(pairs)

    expected = within(x) + within(y) - 2 * np.mean([[kernel(a, b) for b in y] for a in x])
    assert kid(x, y).value == pytest.approx(expected, rel=1e-9)


def test_precision_and_recall_equal_a_double_loop():
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(70, 5)) + 1.2, rng.normal(size=(60, 5))

    def radius(i, manifold):
        return sorted(np.linalg.norm(manifold[i] - b) for j, b in enumerate(manifold) if j != i)[2]

    def share_on_manifold(points, manifold):
        balls = [(centre, radius(i, manifold)) for i, centre in enumerate(manifold)]
        return np.mean([any(np.linalg.norm(p - centre) <= reach for centre, reach in balls) for p in points])

    expected = share_on_manifold(x, y), share_on_manifold(y, x)
    assert 0 < expected[0] < 1 and 0 < expected[1] < 1
    assert precision_recall(x, y) == pytest.approx(expected)


def test_blocks_do_not_change_the_results(monkeypatch):
    x, y = pair(70, 60, 5)
    whole = kid(x, y), precision_recall(x, y)
    monkeypatch.setattr("gansmith.metrics._features.BLOCK_VALUES", 500)
    assert kid(x, y).value == pytest.approx(whole[0].value, rel=1e-12)
    assert precision_recall(x, y) == whole[1]


# --- torchmetrics on the same features, and brute force for everything that has neighbours


class Identity(torch.nn.Module):
    """Features as they are: what torchmetrics calls images are feature vectors here."""

    num_features = 24

    def forward(self, x):
        return x


def test_fd_equals_torchmetrics():
    fid = pytest.importorskip("torchmetrics.image.fid")
    x, y = (torch.from_numpy(each) for each in pair(200, 300, 24))
    theirs = fid.FrechetInceptionDistance(feature=Identity(), normalize=True).set_dtype(torch.float64)
    theirs.update(y, real=True)
    theirs.update(x, real=False)
    assert frechet_distance(moments(x), moments(y)) == pytest.approx(float(theirs.compute()), rel=1e-4)


def test_kid_of_one_full_subset_equals_torchmetrics():
    formula = pytest.importorskip("torchmetrics.image.kid")
    x, y = (torch.from_numpy(each) for each in pair(120, 120, 24))
    theirs = formula.KernelInceptionDistance(feature=Identity(), subsets=1, subset_size=120, normalize=True)
    theirs.update(y, real=True)
    theirs.update(x, real=False)
    assert kid(x, y).value == pytest.approx(float(theirs.compute()[0]), rel=1e-4)


def distances(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.array([[np.sqrt(((a - b) ** 2).sum()) for b in y] for a in x])


@pytest.fixture
def three() -> Evidence:
    rng = np.random.default_rng(4)
    sets = rng.normal(size=(70, 5)) * 0.8 + 0.6, rng.normal(size=(60, 5)), rng.normal(size=(50, 5))
    return Evidence(
        **{name: Features(rows) for name, rows in zip(("generated", "real", "training"), sets, strict=True)}
    )


def test_precision_recall_density_and_coverage_equal_brute_force(three):
    x, y = three.generated.rows.numpy(), three.real.rows.numpy()
    between, among_x, among_y = distances(x, y), distances(x, x), distances(y, y)
    reach = {k: np.sort(among_y, 1)[:, k] for k in (3, 5)}  # column 0 is the row itself
    found = measured("precision-recall", three) | measured("density-coverage", three)
    expected = {
        "precision": (between <= reach[3]).any(1).mean(),
        "recall": (between <= np.sort(among_x, 1)[:, 3][:, None]).any(0).mean(),
        "density": (between <= reach[5]).sum() / (5 * len(x)),
        "coverage": (between.min(0) <= reach[5]).mean(),
    }
    for name, value in expected.items():
        assert value > 0 and found[name].value == pytest.approx(value, rel=1e-12), name
    plain = precision_recall(x, y)
    assert (found["precision"].value, found["recall"].value) == plain


def test_authenticity_and_the_neighbour_ratio_equal_brute_force(three):
    x, y, t = (some.rows.numpy() for some in (three.generated, three.real, three.training))
    ours, own = distances(x, t), np.sort(distances(t, t), 1)[:, 1]
    expected = (ours.min(1) > own[ours.argmin(1)]).mean()
    assert measured("authenticity", three)["authenticity"].value == pytest.approx(expected, rel=1e-12)
    ratio = ours.min(1).mean() / distances(y, t).min(1).mean()
    assert measured("neighbour-ratio", three)["neighbour-ratio"].value == pytest.approx(ratio, rel=1e-12)


def test_features_keep_the_most_neighbours_that_were_asked_for(three, monkeypatch):
    x, y = three.generated, three.training
    distance, row = x.nearest(y, 4)
    own = three.training.spacing(row[:, 0])
    monkeypatch.setattr("gansmith.metrics.evidence.nearest", None)  # what follows computes nothing
    assert torch.equal(x.nearest(y)[0], distance[:, :1]) and torch.equal(x.nearest(y, 3)[1], row[:, :3])
    assert torch.equal(three.training.spacing(row[:9, 0]), own[:9])
    torch.testing.assert_close(own, nearest_others(y.exact, 1)[0][row[:, 0], 0])


def test_neighbours_do_not_hang_on_blocks(three, monkeypatch):
    x, y = three.generated.exact, three.real.exact
    but = torch.arange(60)
    whole = nearest(x, y, 4), nearest(y, y, 2, but=but), nearest_others(y, 2)
    monkeypatch.setattr("gansmith.metrics._features.BLOCK_VALUES", 100)
    monkeypatch.setattr("gansmith.metrics.neighbours.AT_ONCE", 7)
    again = nearest(x, y, 4), nearest(y, y, 2, but=but), nearest_others(y, 2)
    for (distance, row), (distance_again, row_again) in zip(whole, again, strict=True):
        torch.testing.assert_close(distance, distance_again, rtol=1e-12, atol=1e-12)
        assert torch.equal(row, row_again)
    assert torch.equal(whole[1][1], whole[2][1])
    expected = np.sort(distances(x.numpy(), y.numpy()), 1)[:, :4]
    np.testing.assert_allclose(whole[0][0].sqrt(), expected, rtol=1e-9)


def test_colour_equals_scipys_distance_of_the_pixels():
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 200, (6, 8, 8, 3), dtype=np.uint8), rng.integers(30, 256, (9, 8, 8, 3), dtype=np.uint8)
    expected = np.mean([wasserstein_distance(x[..., c].ravel(), y[..., c].ravel()) for c in range(3)])
    found = measured("colour", Evidence(generated_images=x, real_images=y))["colour"]
    assert found.value == pytest.approx(expected, rel=1e-5)


def test_labels_are_those_of_the_nearest():
    rng = np.random.default_rng(0)
    known, labels = rng.normal(size=(40, 3)), rng.integers(0, 3, 40)
    asked = rng.normal(size=(25, 3))
    order = distances(asked, known).argsort(1)[:, :15]
    expected = []
    for row in order:
        votes = np.bincount(labels[row], minlength=3)
        expected.append(next(labels[i] for i in row if votes[labels[i]] == votes.max()))
    assert read_labels(Features(asked), Features(known), labels).tolist() == expected
    assert read_labels(Features(known), Features(known), labels, 1).tolist() == labels.tolist()
    others = [labels[row[row != own][0]] for own, row in enumerate(distances(known, known).argsort(1))]
    assert read_labels(Features(known), Features(known), labels, 1, torch.arange(40)).tolist() == others
