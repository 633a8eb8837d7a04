"""What is shown in step k is a function of (seed, k): any order of asking, every row once an epoch, ranks share."""

import numpy as np
import pytest
import torch

from gansmith.core.images import to_bytes
from gansmith.data.batches import Batches

COUNT = 23


def images(count: int = COUNT) -> np.ndarray:
    """Every picture has its row's number in its corner."""
    pictures = np.random.default_rng(0).integers(0, 256, (count, 6, 5, 3), dtype=np.uint8)
    pictures[:, 0, 0, 0] = np.arange(count)
    return pictures


def batches(batch: int = 8, rows: np.ndarray | None = None, labels: bool = True, **options) -> Batches:
    rows = np.arange(COUNT) if rows is None else rows
    return Batches(
        images(), np.arange(COUNT) * 10 if labels else None, rows, batch=batch, seed=options.pop("seed", 4), **options
    )


def shown(source: Batches, steps: int) -> list[int]:
    """The rows that were shown, read from the pictures themselves."""
    return [int(row) for step in range(steps) for row in to_bytes(source(step)[0])[:, 0, 0, 0]]


def test_pictures_are_floats_and_labels_are_their_own():
    real, labels = batches()(0)
    assert real.shape == (8, 3, 6, 5) and real.dtype == torch.float32 and real.min() >= -1 and real.max() <= 1
    assert real.is_contiguous(memory_format=torch.channels_last)
    rows = batches().rows_of(0)
    assert np.array_equal(to_bytes(real).numpy(), images()[rows])
    assert labels.dtype == torch.int64 and labels.tolist() == (rows * 10).tolist()
    assert batches(labels=False)(0)[1] is None


def test_any_order_of_asking_gives_the_same():
    forward = batches(mirror=True)
    expected = {step: forward(step) for step in range(12)}
    anyhow = batches(mirror=True)
    for step in (7, 8, 9, 2, 11, 0, 0, 1, 3, 10, 5):
        real, labels = anyhow(step)
        assert torch.equal(real, expected[step][0]) and torch.equal(labels, expected[step][1])
    assert torch.equal(batches(mirror=True)(9)[0], expected[9][0])


def test_asking_far_and_wide_beside_the_reader_never_fails():
    """The reader looks one step ahead in a thread of its own while others are asked for."""
    source, calm = batches(batch=7), batches(batch=7)
    for step in np.random.default_rng(1).integers(0, 400, 300):
        assert source(int(step))[1].tolist() == (calm.rows_of(int(step)) * 10).tolist()


@pytest.mark.parametrize("batch", [1, 8, 23, 50])
def test_every_row_is_shown_once_an_epoch(batch):
    epochs = 4
    steps = -(-epochs * COUNT // batch)
    seen = shown(batches(batch), steps)
    for epoch in range(epochs):
        assert sorted(seen[epoch * COUNT : (epoch + 1) * COUNT]) == list(range(COUNT))
    assert seen[:COUNT] != seen[COUNT : 2 * COUNT], "every epoch has an order of its own"


def test_only_the_given_rows_are_shown():
    some = np.array([1, 5, 8, 13, 21])
    assert set(shown(batches(4, rows=some), 20)) == set(some.tolist())


def test_the_seed_decides():
    assert shown(batches(), 6) == shown(batches(), 6) != shown(batches(seed=5), 6)


def test_mirroring_mirrors_about_half_and_leaves_the_pictures_in_the_file():
    source, plain = batches(mirror=True), batches()
    before = source.images.copy()
    turned = []
    for step in range(40):
        for seen, straight in zip(source(step)[0], plain(step)[0]):
            assert torch.equal(seen, straight) or torch.equal(seen, straight.flip(-1))
            turned.append(not torch.equal(seen, straight))
    assert 0.4 < np.mean(turned) < 0.6
    assert np.array_equal(source.images, before)


@pytest.mark.parametrize("ranks", [2, 3, 8])
def test_the_shares_of_the_ranks_are_the_whole(ranks):
    whole = batches(8, mirror=True)
    parts = [batches(8, mirror=True, share=(rank, ranks)) for rank in range(ranks)]
    for step in range(5):
        real, labels = whole(step)
        shares = [part(step) for part in parts]
        assert torch.equal(torch.cat([share[0] for share in shares]), real)
        assert torch.equal(torch.cat([share[1] for share in shares]), labels)


def test_pictures_on_the_disk_are_read_as_they_are_asked_for(tmp_path):
    np.save(tmp_path / "images.npy", images())
    mapped = Batches(
        np.load(tmp_path / "images.npy", mmap_mode="r"), None, np.arange(COUNT), batch=8, seed=4, mirror=True
    )
    assert torch.equal(mapped(3)[0], batches(8, mirror=True)(3)[0])


def test_waiting_is_counted(monkeypatch):
    import time

    source = batches()
    read = source._read
    monkeypatch.setattr(source, "_read", lambda step: time.sleep(0.05) or read(step))
    source(0)
    assert source.waited_seconds >= 0.05
    time.sleep(0.3)
    waited = source.waited_seconds
    source(1)
    assert source.waited_seconds - waited < 0.05, "the next batch was read ahead"
