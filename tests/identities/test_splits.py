"""Splits are functions of content; duplicates stay together, each with one representative, never chained."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gansmith.core.progress import Progress
from gansmith.data.duplicates import MOST_RMS, find_duplicates, near_squares, principal_axes, sketches
from gansmith.data.split import split_rows


def keys_of(images):
    return np.stack([np.frombuffer(hashlib.blake2b(i.tobytes(), digest_size=16).digest(), np.uint8) for i in images])


def random_keys(count, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, 16), dtype=np.uint8)


def scenes(count, seed=0, size=32, channels=3):
    """Smooth random pictures, far from one another."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (count, size // 8, size // 8, channels))
    return np.kron(coarse, np.ones((1, 8, 8, 1))).astype(np.uint8)


def grouped(images):
    return find_duplicates(images, keys_of(images), Progress())


def assert_partition(splits, count):
    rows = np.concatenate(list(splits.values()))
    assert np.array_equal(np.sort(rows), np.arange(count))
    assert all(part.dtype == np.int64 and (np.diff(part) > 0).all() for part in splits.values())


def test_shares_are_as_stated():
    splits = split_rows(random_keys(50_000), np.arange(50_000))
    assert_partition(splits, 50_000)
    assert abs(len(splits["test"]) / 50_000 - 0.10) < 0.005
    assert abs(len(splits["choose"]) / 50_000 - 0.05) < 0.005


def test_adding_and_reordering_moves_nobody():
    keys = random_keys(3000)
    order = np.random.default_rng(1).permutation(3000)
    few = split_rows(keys[:1000], np.arange(1000))
    many = split_rows(keys, np.arange(3000))
    mixed = split_rows(keys[order], np.arange(3000))
    for name in few:
        assert set(few[name]) == {row for row in many[name] if row < 1000}
        assert set(order[mixed[name]]) == set(many[name])


@given(count=st.integers(1, 60), seed=st.integers(0, 1000), groups=st.integers(1, 60))
@settings(max_examples=100, deadline=None)
def test_tiny_sets_keep_training_images_and_whole_groups(count, seed, groups):
    keys = random_keys(count, seed)
    representative = np.random.default_rng(seed).integers(0, min(groups, count), count)
    representative = representative[representative]
    representative[representative] = representative[representative]
    splits = split_rows(keys, representative)
    assert_partition(splits, count)
    assert len(splits["train"]) > 0
    parts = [set(representative[rows]) for rows in splits.values()]
    assert sum(map(len, parts)) == len(set.union(*parts))


def test_small_sets_have_all_three_splits():
    for seed in range(20):
        assert all(len(rows) for rows in split_rows(random_keys(8, seed), np.arange(8)).values())


def test_a_test_split_that_is_brought_is_kept():
    brought = ["train"] * 900 + ["test"] * 100
    splits = split_rows(random_keys(1000), np.arange(1000), brought)
    assert_partition(splits, 1000)
    assert np.array_equal(splits["test"], np.arange(900, 1000))
    assert 20 < len(splits["choose"]) < 75 and splits["choose"].max() < 900
    with_choose = split_rows(random_keys(1000), np.arange(1000), ["choose"] * 50 + ["train"] * 950)
    assert np.array_equal(with_choose["choose"], np.arange(50)) and with_choose["test"].min() >= 50


def test_exact_and_near_copies_are_found_and_others_are_not():
    images = scenes(300)
    rng = np.random.default_rng(5)
    near = np.clip(images[:5].astype(int) + rng.integers(-3, 4, images[:5].shape), 0, 255).astype(np.uint8)
    everything = np.concatenate([images, images[10:14], near])
    found = grouped(everything)
    assert (found.exact, found.near, found.broken_up) == (4, 5, [])
    assert np.array_equal(found.representative[300:304], found.representative[10:14])
    assert np.array_equal(found.representative[304:], found.representative[:5])
    assert len(np.unique(found.representative)) == 300


def test_groups_do_not_depend_on_the_order():
    images = scenes(200)
    near = np.clip(images[:20].astype(int) + 2, 0, 255).astype(np.uint8)
    everything = np.concatenate([images, near])
    order = np.random.default_rng(2).permutation(len(everything))
    one, other = grouped(everything), grouped(everything[order])
    assert np.array_equal(order[other.representative], one.representative[order])


def test_a_chain_of_small_steps_is_not_one_group():
    base = scenes(1)[0].astype(int) // 2
    chain = np.stack([np.clip(base + 3 * step, 0, 255) for step in range(40)]).astype(np.uint8)
    everything = np.concatenate([chain, scenes(5000, seed=3)])
    found = grouped(everything)
    for row in range(40):
        stands = found.representative[row]
        assert found.representative[stands] == stands
        assert np.sqrt(((everything[row].astype(float) - everything[stands]) ** 2).mean()) <= MOST_RMS


def test_a_near_group_above_one_percent_is_broken_up_but_not_its_copies():
    base = scenes(1, seed=9)[0].astype(int)
    rng = np.random.default_rng(0)
    group = np.clip(base + rng.integers(-1, 2, (30, *base.shape)), 0, 255).astype(np.uint8)
    everything = np.concatenate([scenes(500), group, group[:3]])
    found = grouped(everything)
    assert found.broken_up == [33] and found.exact == 3 and found.near == 29
    assert np.array_equal(found.representative[530:], found.representative[500:503])
    assert len(np.unique(found.representative[500:])) == 30


def test_low_contrast_pictures_are_not_lumped_together():
    faint = 120 + scenes(200, seed=4) // 64
    assert grouped(faint).near == 0


@given(seed=st.integers(0, 10_000), size=st.sampled_from([(28, 28), (32, 48), (64, 64), (50, 29)]))
@settings(max_examples=30, deadline=None)
def test_sketches_never_lie_further_apart_than_the_pictures(seed, size):
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (4, *size, rng.choice([1, 3, 4])), dtype=np.uint8)
    points = principal_axes(sketches(images, np.arange(4))[0])
    for a in range(4):
        for b in range(a):
            apart = np.sqrt(((images[a].astype(float) - images[b]) ** 2).mean())
            assert np.linalg.norm(points[a] - points[b]) <= apart * 1.0001 + 0.01


def test_search_agrees_with_looking_at_all_pairs():
    rng = np.random.default_rng(3)
    images = scenes(200, seed=6)
    copies = images[rng.integers(0, 200, 100)].astype(int)
    shaken = np.clip(copies + rng.integers(-8, 9, (100, 1, 1, 1)), 0, 255).astype(np.uint8)
    everything = np.concatenate([images, shaken])
    keys = keys_of(everything)
    found = find_duplicates(everything, keys, Progress())
    order = sorted(np.unique(keys, axis=0, return_index=True)[1], key=lambda row: keys[row].tobytes())
    standing, leader = [], {}
    for row in order:
        square = near_squares(everything, row, np.array(standing, np.int64))
        found_one = bool(np.isfinite(square).any())
        leader[row] = standing[np.argmin(square)] if found_one else row
        standing += [] if found_one else [row]
    assert all(found.representative[row] == leader[row] for row in order)


@pytest.mark.parametrize("value", [0, 255])
def test_degenerate_sets_are_quick(value):
    images = np.full((3000, 28, 28, 1), value, np.uint8)
    images[:, 0, 0, 0] = np.arange(3000) % 251
    assert grouped(images).exact >= 2700
