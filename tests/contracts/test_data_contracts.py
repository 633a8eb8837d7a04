"""What a prepared set promises: shapes, labels, splits, report keys, and that it is made once."""

import dataclasses
import doctest
import importlib
import json
import os
import subprocess
import sys
import tracemalloc
import zipfile

import numpy as np
import pytest
from PIL import Image

from gansmith.core import pool
from gansmith.core.progress import Progress
from gansmith.data import survey
from gansmith.data.cache import release
from gansmith.data.drawing import STYLES, render
from gansmith.data.prepare import Prepared, prepare
from gansmith.data.rows import RowFile
from gansmith.data.sources import SOURCES

PROMISED = ["images", "set_aside", "duplicates", "near_duplicates", "resolution", "channels", "classes", "held_out"]


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GANSMITH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def picture(seed, width=40, height=40, mode="RGB"):
    coarse = np.random.default_rng(seed).integers(0, 256, (5, 5, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC).convert(mode)


def fill(folder, seeds, **options):
    folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        picture(seed, **options).save(folder / f"{seed:04d}.png")
    return folder


def test_a_prepared_set_keeps_its_promises(tmp_path):
    place = tmp_path / "my photos"
    for seed in range(40):
        fill(place / "cat", [seed], width=50 + seed)
        fill(place / "dog", [100 + seed], height=90)
    prepared = prepare(str(place), resolution="48x32")
    assert isinstance(prepared, Prepared) and prepared.name == "my-photos" and prepared.source == str(place)
    assert prepared.images.shape == (80, 32, 48, 3) and prepared.images.dtype == np.uint8
    assert isinstance(prepared.images, np.memmap) and not prepared.images.flags.writeable
    assert prepared.labels.dtype == np.int64 and prepared.labels.tolist() == [0] * 40 + [1] * 40
    assert prepared.classes == ["cat", "dog"] and prepared.attributes is None
    assert np.array_equal(np.sort(np.concatenate(list(prepared.splits.values()))), np.arange(80))
    report = json.loads(json.dumps(prepared.report, allow_nan=False))
    assert list(report)[: len(PROMISED)] == PROMISED
    assert report["resolution"] == [48, 32] and report["class_counts"] == {"cat": 40, "dog": 40}
    assert report["held_out"] == {name: len(prepared.splits[name]) for name in ("choose", "test")}


def test_the_second_time_no_file_is_read(tmp_path, monkeypatch):
    place = fill(tmp_path / "photos", range(20))
    first = prepare(str(place))
    monkeypatch.setattr(survey, "look", lambda file: pytest.fail(f"{file.name} was read again"))
    monkeypatch.setattr("gansmith.data.prepare.make", lambda *rest: pytest.fail("prepared again"))
    again = prepare(str(place))
    assert again.fingerprint == first.fingerprint and again.folder == first.folder
    assert again.report == first.report


def test_only_a_changed_file_is_read_again(tmp_path, monkeypatch):
    place = fill(tmp_path / "photos", range(20))
    first = prepare(str(place))
    picture(500).save(place / "0003.png")
    read, look = [], survey.look
    monkeypatch.setattr(survey, "look", lambda file: read.append(file.name) or look(file))
    again = prepare(str(place))
    assert read == ["0003.png"] and again.fingerprint != first.fingerprint


def test_the_key_is_the_content_not_the_place(tmp_path):
    one, other = fill(tmp_path / "one", range(20)), fill(tmp_path / "other", range(20))
    first, second = prepare(str(one)), prepare(str(other))
    assert first.folder == second.folder and first.fingerprint == second.fingerprint
    assert prepare(str(one), resolution="32").fingerprint != first.fingerprint
    assert prepare(str(one), alpha="keep").images.shape[-1] == 4


def test_a_broken_file_beside_does_not_change_the_set(tmp_path):
    place = fill(tmp_path / "photos", range(20))
    first = prepare(str(place))
    (place / "zz.pdf").write_bytes(b"%PDF")
    again = prepare(str(place))
    assert again.fingerprint == first.fingerprint and len(again.report["set_aside"]) == 1


def test_splits_stay_when_images_are_added(tmp_path):
    place = fill(tmp_path / "photos", range(60))
    before = prepare(str(place))
    fill(place, range(60, 200))
    after = prepare(str(place))
    for name in ("choose", "test"):
        assert set(before.splits[name]) <= set(after.splits[name])


def test_grey_pictures_saved_as_colour_get_one_channel(tmp_path):
    place = tmp_path / "grey"
    place.mkdir()
    for seed in range(10):
        picture(seed, mode="L").convert("RGB").save(place / f"{seed}.png")
    prepared = prepare(str(place))
    assert prepared.images.shape == (10, 40, 40, 1) and prepared.report["channels"] == 1
    assert np.array_equal(prepared.images[3, ..., 0], np.asarray(picture(3, mode="L")))


def test_twelve_bit_data_use_the_whole_range(tmp_path):
    place = tmp_path / "scans"
    place.mkdir()
    rng = np.random.default_rng(0)
    for seed in range(10):
        Image.fromarray(rng.integers(0, 4096, (32, 32)).astype(np.uint16)).save(place / f"{seed}.png")
    prepared = prepare(str(place))
    assert prepared.images.max() > 250 and prepared.report["facts"]["bits"] == 12


def test_split_folders_and_class_folders(tmp_path):
    for split, start in (("train", 0), ("test", 100), ("val", 200)):
        for label in ("10", "9"):
            fill(tmp_path / "set" / split / label, range(start + 20 * (label == "9"), start + 20 * (label == "9") + 15))
    prepared = prepare(str(tmp_path / "set"))
    assert prepared.classes == ["9", "10"] and len(prepared.images) == 90
    assert {name: len(rows) for name, rows in prepared.splits.items()} == {"train": 30, "choose": 30, "test": 30}


def test_training_images_like_test_images_are_counted(tmp_path):
    fill(tmp_path / "set" / "train", range(30))
    fill(tmp_path / "set" / "test", range(28, 40))
    report = prepare(str(tmp_path / "set")).report
    assert report["train_like_test"] + report["held_out"]["choose"] >= 2 and report["train_like_test"] >= 1
    assert report["duplicates"] == 2 and report["test_brought"]


def test_images_beside_folders_mean_no_labels(tmp_path):
    fill(tmp_path / "set" / "a", range(10))
    fill(tmp_path / "set" / "b", range(10, 20))
    fill(tmp_path / "set", range(20, 22))
    assert prepare(str(tmp_path / "set")).labels is None


def test_a_zip_is_like_its_folder(tmp_path):
    fill(tmp_path / "set" / "a", range(10))
    fill(tmp_path / "set" / "b", range(10, 20))
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for path in sorted((tmp_path / "set").rglob("*.png")):
            archive.write(path, path.relative_to(tmp_path))
    zipped, folder = prepare(str(tmp_path / "set.zip")), prepare(str(tmp_path / "set"))
    assert zipped.name == "set" and zipped.fingerprint == folder.fingerprint and zipped.classes == ["a", "b"]


def test_metadata_gives_labels_and_splits(tmp_path):
    place = fill(tmp_path / "set", range(30))
    rows = [f"{seed:04d}.png,{'xy'[seed % 2]},{'test' if seed > 24 else 'train'}" for seed in range(30)]
    (place / "metadata.csv").write_text("\n".join(["file_name,label,split", *rows]), encoding="utf-8-sig")
    prepared = prepare(str(place))
    assert prepared.classes == ["x", "y"] and prepared.labels.tolist() == [0, 1] * 15
    assert prepared.splits["test"].tolist() == [25, 26, 27, 28, 29]


def test_idx_files(tmp_path):
    place = tmp_path / "digits"
    place.mkdir()
    images = np.random.default_rng(0).integers(0, 256, (50, 28, 28), dtype=np.uint8)
    for name, rows in (("train", images[:40]), ("t10k", images[40:])):
        header = bytes((0, 0, 8, 3)) + np.array(rows.shape, ">u4").tobytes()
        (place / f"{name}-images-idx3-ubyte").write_bytes(header + rows.tobytes())
        labels = (np.arange(len(rows)) % 2 + 4).astype(np.uint8)
        (place / f"{name}-labels-idx1-ubyte").write_bytes(
            bytes((0, 0, 8, 1)) + np.array([len(rows)], ">u4").tobytes() + labels.tobytes()
        )
    prepared = prepare(str(place))
    assert np.array_equal(prepared.images[..., 0], images) and prepared.classes == ["4", "5"]
    assert prepared.splits["test"].tolist() == list(range(40, 50))
    assert prepare(str(place), resolution="32").images.shape == (50, 32, 32, 1)
    assert len(prepare(str(place / "train-images-idx3-ubyte")).images) == 40


def test_the_least_recently_used_sets_make_room(tmp_path, monkeypatch):
    first = prepare(str(fill(tmp_path / "one", range(100, 120))))
    release(first.folder)  # as if the process that used it had ended
    os.utime(first.folder / "report.json", (1, 1))
    monkeypatch.setenv("GANSMITH_CACHE_GB", "0.0001")
    second = prepare(str(fill(tmp_path / "two", range(200, 220))))
    third = prepare(str(fill(tmp_path / "three", range(300, 320))))
    assert not first.folder.exists()
    assert second.folder.exists() and third.folder.exists(), "sets in use stay"


def test_a_row_file_is_what_numpy_would_save(tmp_path):
    rows = np.random.default_rng(0).integers(0, 256, (12, 5, 4, 3), dtype=np.uint8)
    with RowFile(tmp_path / "rows.npy", (5, 4, 3)) as file:
        file.append(rows[0])
        file.append(rows[1:])
    assert np.array_equal(np.load(tmp_path / "rows.npy", mmap_mode="r"), rows)
    np.save(tmp_path / "saved.npy", rows)
    assert (tmp_path / "saved.npy").read_bytes() == (tmp_path / "rows.npy").read_bytes()


def test_few_items_are_in_flight():
    asked = []
    items = (asked.append(item) or item for item in range(2000))
    for done, result in enumerate(pool.in_order(lambda item: item, items)):
        assert result == done and len(asked) - done <= pool.thread_count() * pool.IN_FLIGHT


def test_pictures_stream(tmp_path):
    rows = np.random.default_rng(0).integers(0, 256, (2000, 128, 128), dtype=np.uint8)
    header = bytes((0, 0, 8, 3)) + np.array(rows.shape, ">u4").tobytes()
    (tmp_path / "train-images-idx3-ubyte").write_bytes(header + rows.tobytes())
    size = rows.nbytes
    del rows
    tracemalloc.start()
    prepared = prepare(str(tmp_path / "train-images-idx3-ubyte"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(prepared.images) == 2000 and peak < size, f"{peak >> 20} MB for {size >> 20} MB of pictures"


@pytest.mark.parametrize("name", SOURCES.names)
def test_every_built_in_set_says_what_it_is(name):
    source = SOURCES.get(name)
    assert SOURCES.help(name).endswith(".") and source.__module__.startswith("gansmith.data.sources.")
    assert "Source:" in source.__doc__ and "Raises:" in source.__doc__


def test_avatars_are_balanced_and_attributed(monkeypatch):
    module = importlib.import_module("gansmith.data.sources.avatars")
    monkeypatch.setattr(module, "EACH", 12)
    monkeypatch.setattr(module, "TEST", 12)
    prepared = prepare("avatars", resolution="32")
    assert prepared.images.shape == (72, 32, 32, 3) and prepared.classes == list(STYLES)
    assert np.bincount(prepared.labels[prepared.splits["test"]]).tolist() == [2] * 6
    rows = [json.loads(line) for line in prepared.attributes.read_text().splitlines()]
    assert [row["style"] for row in rows] == [prepared.classes[label] for label in prepared.labels]
    for row in (0, 40):
        pictures, attributes = render(rows[row]["style"], [rows[row]["seed"]], 32)
        assert np.array_equal(pictures[0], prepared.images[row]) and attributes[0] == rows[row]
    assert prepare("avatars", resolution="32", background="navy").fingerprint != prepared.fingerprint


def test_progress_is_told(tmp_path):
    class Listener(Progress):
        def __init__(self):
            self.bars = []

        def start(self, title, total=None):
            self.bars.append([total, 0])

        def advance(self, done, detail=""):
            assert done >= self.bars[-1][1]
            self.bars[-1][1] = done

    listener = Listener()
    prepare(str(fill(tmp_path / "photos", range(20))), progress=listener)
    assert [bar[0] for bar in listener.bars] == [20, 20, 20]
    assert all(done == total for total, done in listener.bars)


def test_preparing_needs_no_torch(tmp_path):
    script = (
        "import sys; from gansmith.data.prepare import prepare; prepare(sys.argv[1]); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script, str(fill(tmp_path / "photos", range(9)))], check=True)


def test_the_command_prints_one_json_object(tmp_path, capsys):
    from gansmith.cli.data import data

    place = str(fill(tmp_path / "photos", range(20)))
    data(place, json=True)
    report = json.loads(capsys.readouterr().out)
    assert report["images"] == 20 and set(PROMISED) <= set(report)
    (tmp_path / "photos" / "odd.bin").write_bytes(b"[red]x")
    data(place)
    words = capsys.readouterr().out
    assert "20, prepared as 40x40 RGB" in words and "odd.bin: not an image" in words


@pytest.mark.parametrize("room", ["collection", "fit", "layout", "plan", "report"])
def test_examples_in_docstrings_hold(room):
    tried = doctest.testmod(importlib.import_module(f"gansmith.data.{room}"))
    assert tried.attempted and not tried.failed


def test_prepared_cannot_be_changed(tmp_path):
    prepared = prepare(str(fill(tmp_path / "photos", range(9))))
    with pytest.raises(dataclasses.FrozenInstanceError):
        prepared.name = "other"
