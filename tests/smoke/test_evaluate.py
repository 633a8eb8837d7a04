"""``gansmith evaluate`` on real pictures: runs, folders and npz files, one JSON object, nothing half-written."""

import hashlib
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from gansmith.cli.app import run as command
from gansmith.core.progress import Progress
from gansmith.data.npz import read_npz
from gansmith.data.prepare import prepare
from gansmith.engine.drawing import Painter, draw
from gansmith.metrics.evidence import Features
from gansmith.metrics.labels import read_labels
from gansmith.networks import create_generator
from gansmith.networks.pretrained import Generator, save_generator
from gansmith.recipes.evaluating.evidence import places
from gansmith.recipes.evaluating.lazy import Rows, common, with_channels
from gansmith.recipes.evaluating.roles import roles
from gansmith.recipes.evaluating.sources import source
from real_pictures import save_tiles, tiles

QUICK = ["--extractor", "pixels@4"]


@pytest.fixture(autouse=True)
def elsewhere(shared_cache, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("gansmith.metrics.measures.usefulness.STEPS", 4)


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """Two classes of real pictures."""
    folder = tmp_path_factory.mktemp("pictures") / "real"
    for name, picture in (("cat", "chelsea"), ("coffee", "coffee")):
        save_tiles(folder / name, tiles(200, picture=picture))
    return folder


def npz(path: Path, images: np.ndarray, **other) -> str:
    np.savez(path, images=images, **other)
    return str(path)


def some(count: int = 60) -> np.ndarray:
    return np.stack(tiles(count))


def told(capsys, *words: str) -> dict:
    assert command(["evaluate", *words, *QUICK, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def refused(capsys, *words: str) -> str:
    before = {path for path in Path().rglob("*") if path.is_file()}
    assert command(["evaluate", *words]) == 2
    said = capsys.readouterr()
    assert said.out == "" and {path for path in Path().rglob("*") if path.is_file()} == before
    return said.err.strip().splitlines()[-1]


def test_an_npz_against_the_whole_of_the_data(data, tmp_path, capsys):
    card = told(capsys, npz(tmp_path / "ours.npz", some()), "--against", str(data))
    assert card["split"] == "all" and card["n"] == 60 and card["n_real"] == 340 and card["against"]["images"] == 400
    assert set(card) >= {"metrics", "floor", "summary", "notes", "unavailable", "differences"}
    assert card["floor"]["kid@pixels@4"]["n"] == 60 and card["metrics"]["class-share/cat"]["labels"].startswith("read")
    splits = prepare(str(data), resolution="28x28").splits
    assert card["metrics"]["authenticity@pixels@4"]["n_training"] == 400 - len(splits["choose"])
    assert card["source"]["checksum"] == hashlib.sha256((tmp_path / "ours.npz").read_bytes()).hexdigest()
    assert set(card["against"]["class_shares"]) == {"cat", "coffee"} and card["against"]["unreadable"] == []
    assert {"usefulness", "usefulness-real", "usefulness-both"} <= set(card["metrics"])
    (page,) = Path("evaluations").glob("*.html")
    assert page.read_text().count("data:image/png") == 2


def test_copies_are_found_and_a_second_card_of_the_same_settings_says_so(data, tmp_path, capsys):
    folder = tmp_path / "copies"
    folder.mkdir()
    for index, path in enumerate(sorted(data.rglob("*.png"))[:40]):
        Image.open(path).save(folder / f"{index}.png")
    words = (str(folder), "--against", str(data), "--no-usefulness", *QUICK)
    assert command(["evaluate", *words]) == 0
    first = capsys.readouterr()
    assert (
        "lie beside one training image" in " ".join(first.out.split())
        and "replaced" not in first.err
        and "usefulness" not in first.out
    )
    assert command(["evaluate", *words]) == 0
    assert "replaced the card of the same settings" in capsys.readouterr().err
    assert command(["evaluate", *words, "--seed", "1"]) == 0
    assert "replaced" not in capsys.readouterr().err and len(list(Path("evaluations").glob("*.json"))) == 2


@pytest.fixture
def run(tmp_path, data) -> Path:
    """A run whose generator has learned nothing, which is enough to be measured."""
    prepared = prepare(str(data), resolution="28x28")
    arguments = {"resolution": (28, 28), "channels": 3, "classes": 2, "latent": 8, "width": 8}
    description = {"arguments": arguments, "classes": prepared.classes, "frequencies": [0.5, 0.5]}
    path = tmp_path / "run"
    path.mkdir()
    save_generator(
        path / "generator.safetensors", create_generator("strided", **arguments), description | {"family": "strided"}
    )
    config = {"format": 1, "source": str(data), "reading": {"resolution": "28x28"}, "fingerprint": prepared.fingerprint}
    (path / "config.json").write_text(json.dumps(config | {"choices": {"seed": {"value": 7, "reason": ""}}}))
    return path


def test_a_run_against_its_own_test_split(run, capsys):
    card = told(capsys, str(run), "--no-usefulness", "-n", "40")
    splits = prepare(card["against"]["source"], resolution="28x28").splits
    assert card["split"] == "test" and card["seed"] == 7 and card["n_real"] == len(splits["test"])
    assert card["metrics"]["class-kid/cat@pixels@4"]["labels"] == "asked of the generator"
    assert card["metrics"]["neighbour-ratio@pixels@4"]["n_training"] == len(splits["train"])
    assert card["metrics"]["neighbour-ratio@pixels@4"]["split"] == "train"
    (file,) = (run / "evaluations").iterdir()
    assert json.loads(file.read_text())["summary"] == card["summary"]
    assert "The evaluation card" in (run / "report.html").read_text()
    assert "## Evaluation card" in (run / "README.md").read_text()
    again = told(capsys, str(run), "--no-usefulness", "-n", "40")
    assert again["metrics"] == card["metrics"] and len(list((run / "evaluations").iterdir())) == 1
    assert "trained on" in refused(capsys, str(run), "--split", "train")


def test_a_run_draws_the_images_of_its_final_score(run):
    drawn = source(run, Progress()).take(130, 7, Progress())
    generator = Generator.from_pretrained(run)
    latents = Painter(8, [0.5, 0.5], 7).latents(130, "final")
    assert (drawn.images == draw(generator.module, latents)).all() and set(drawn.labels) == {"cat", "coffee"}


def test_a_critic_that_saw_the_extractor_gives_the_lead_to_another(run, capsys, monkeypatch):
    monkeypatch.setattr("gansmith.recipes.evaluating.evaluation.SEEN_BY_CRITIC", {"strided": "pixels"})
    card = told(capsys, str(run), "--no-usefulness", "-n", "40", "--labels", "none")
    assert card["extractors"]["pixels@4"]["seen"] and any("flatter" in note for note in card["notes"])
    assert "class-shares" in card["unavailable"]
    monkeypatch.setattr("gansmith.recipes.evaluating.evaluation.DEFAULT", "pixels@4")
    monkeypatch.setattr("gansmith.recipes.evaluating.evaluation.available", lambda *_: None)
    assert command(["evaluate", str(run), "--no-usefulness", "-n", "40", "--json"]) == 0
    alone = json.loads(capsys.readouterr().out)
    assert list(alone["extractors"]) == ["pixels@4"] and any("hed is not installed" in note for note in alone["notes"])


def test_the_parts_that_real_images_take_never_overlap(data):
    prepared = prepare(str(data))
    for split in ("test", "choose", "train", "all"):
        parts = roles(prepared, split, 50)
        assert not set(parts.floor) & set(parts.real), split
        assert not set(parts.fresh) & (set(parts.training) | set(parts.held_out))
        assert not set(parts.held_out) & set(parts.training)


def test_ctrl_c_leaves_no_card(data, tmp_path, capsys, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("gansmith.recipes.evaluating.evaluation.noticed", stop)
    words = [npz(tmp_path / "ours.npz", some()), "--against", str(data), "--no-usefulness", *QUICK]
    assert command(["evaluate", *words]) == 130
    assert "no card was written" in capsys.readouterr().err and not Path("evaluations").exists()


def test_bad_npz_files_are_refused_in_one_line(tmp_path, capsys, data):
    floats = np.full((9, 28, 28, 3), np.nan, np.float32)
    cases = {
        "uint8": floats,
        "holds images of": np.zeros((9, 28, 28, 2), np.uint8),
        "images of (9,)": np.array([None] * 9, dtype=object),
    }
    for words, images in cases.items():
        assert words in refused(capsys, npz(tmp_path / "bad.npz", images), "--against", str(data)), words
    assert "it needs images" in refused(capsys, _named(tmp_path, other=some(9)), "--against", str(data))
    assert "labels of shape" in refused(
        capsys, npz(tmp_path / "bad.npz", some(9), labels=np.arange(3)), "--against", str(data)
    )
    (tmp_path / "text.npz").write_text("no zip")
    assert "cannot be read" in refused(capsys, str(tmp_path / "text.npz"), "--against", str(data))
    assert "there is no file" in refused(capsys, "nowhere.npz", "--against", str(data))
    assert "--against DATA" in refused(capsys, npz(tmp_path / "ours.npz", some(9)))


def _named(folder: Path, **arrays) -> str:
    np.savez(folder / "named.npz", **arrays)
    return str(folder / "named.npz")


def test_objects_are_never_unpickled(tmp_path):
    """A pickle that would write a file when it is opened."""

    class Bomb:
        def __reduce__(self):
            return (open, (str(tmp_path / "went-off"), "w"))

    np.savez(tmp_path / "bomb.npz", images=some(9), labels=np.array([Bomb()] * 9, dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="whole numbers nor text"):
        read_npz(tmp_path / "bomb.npz")
    assert not (tmp_path / "went-off").exists()


def test_images_that_cannot_be_compared_are_refused(tmp_path, capsys, data):
    mixed = tmp_path / "mixed"
    save_tiles(mixed, tiles(8))
    Image.fromarray(tiles(1, 40, 40)[0]).save(mixed / "large.png")
    assert "2 sizes" in refused(capsys, str(mixed), "--against", str(data))
    broken = tmp_path / "broken"
    broken.mkdir()
    assert "holds no image" in refused(capsys, str(broken), "--against", str(data))
    (broken / "one.png").write_bytes(b"no image")
    assert "holds no image" in refused(capsys, str(broken), "--against", str(data))
    assert "resize them" in refused(
        capsys, npz(tmp_path / "tiny.npz", np.zeros((9, 8, 8, 3), np.uint8)), "--against", str(data)
    )
    assert "did you mean" in refused(
        capsys, npz(tmp_path / "ours.npz", some(9)), "--against", str(data), "--extractor", "hedd"
    )


def test_one_image_is_too_few_and_flat_ones_are_called_that(tmp_path, capsys, data):
    assert "too few" in refused(capsys, npz(tmp_path / "one.npz", some(1)), "--against", str(data), *QUICK)
    flat = np.full((20, 28, 28, 3), 128, np.uint8)
    card = told(capsys, npz(tmp_path / "flat.npz", flat), "--against", str(data), "--no-usefulness")
    assert card["summary"].startswith("Every image is the same picture")


def test_flat_real_images_are_refused(tmp_path, capsys):
    flat = save_tiles(tmp_path / "flat", [np.full((28, 28, 3), 128, np.uint8)] * 12)
    said = refused(capsys, npz(tmp_path / "ours.npz", some(9)), "--against", str(flat), *QUICK)
    assert "nothing to compare with" in said


def test_sets_of_other_channels_get_the_same():
    assert [common(*pair) for pair in ((1, 3), (1, 4), (4, 3), (4, 4), (1, 1))] == [3, 3, 3, 4, 1]
    clear = np.zeros((5, 4, 6, 4), np.uint8)
    assert (with_channels(clear, 3) == 255).all() and with_channels(clear, 4) is clear
    grey = np.random.default_rng(0).integers(0, 256, (5, 4, 6, 1), dtype=np.uint8)
    rows, wanted = Rows(grey, np.array([4, 0, 2]), 3), np.repeat(grey[[4, 0, 2]], 3, 3)
    assert rows.shape == wanted.shape and (np.asarray(rows) == wanted).all() and (rows[1] == wanted[1]).all()
    assert (rows[1:] == wanted[1:]).all() and (rows[np.array([2, 0])] == wanted[[2, 0]]).all()


def test_only_the_member_that_was_checked_is_read(tmp_path):
    """np.load would take ``images`` before ``images.npy``, and no look at the one says anything of the other."""
    with zipfile.ZipFile(npz(tmp_path / "two.npz", some(9)), "a") as archive, archive.open("images", "w") as file:
        np.lib.format.write_array(file, np.zeros((3, 4, 4, 3)))
    assert read_npz(tmp_path / "two.npz")[0].dtype == np.uint8
    with zipfile.ZipFile(npz(tmp_path / "vast.npz", some(9)), "a") as archive, archive.open("labels.npy", "w") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<i8", "fortran_order": False, "shape": (10**14,)})
    with pytest.raises(ValueError, match="labels of shape"):
        read_npz(tmp_path / "vast.npz")


def test_members_that_cannot_be_unpacked_are_refused_in_one_line(tmp_path, data, capsys):
    path = Path(npz(tmp_path / "odd.npz", some(9)))
    whole = path.read_bytes()
    at = whole.rindex(b"PK\x01\x02")
    for offset, value in ((8, 1), (10, 99)):  # encrypted; packed in an unknown way
        broken = bytearray(whole)
        broken[at + offset] = value
        broken[offset - 2] = value
        path.write_bytes(broken)
        assert "cannot be read" in refused(capsys, str(path), "--against", str(data))


def test_a_run_whose_data_changed_is_measured_by_its_test_split_and_says_so(run, capsys):
    config = json.loads((run / "config.json").read_text())
    (run / "config.json").write_text(json.dumps(config | {"fingerprint": "before"}))
    assert "trained on" in refused(capsys, str(run), "--split", "all", *QUICK)
    card = told(capsys, str(run), "--no-usefulness", "-n", "40")
    assert card["split"] == "test" and any("have changed" in note for note in card["notes"])
    (run / "config.json").write_text(json.dumps(config | {"source": "hf:somebody/pictures"}))
    assert "--against hf:somebody/pictures" in refused(capsys, str(run), *QUICK)


def test_real_images_are_the_same_whatever_the_seed_which_may_be_negative(data, tmp_path, capsys):
    ours = npz(tmp_path / "ours.npz", some(), labels=np.array(["dog"] * 60))
    words = (ours, "--against", str(data), "--no-usefulness", "-n", "40", "--extractor", "pixels@4")
    one, other = (told(capsys, *words, "--seed", seed, "--labels", "none") for seed in ("-1", "1"))
    assert one["floor"] == other["floor"] and one["metrics"] != other["metrics"]
    assert list(one["extractors"]) == ["pixels@4"] and not any("dog" in note for note in one["notes"])
    many = told(capsys, ours, "--against", str(data), "--no-usefulness", "-n", "500")
    assert any("there are 60" in note for note in many["notes"]) and any("dog" in note for note in many["notes"])


def test_a_real_image_is_not_asked_what_it_is_itself():
    """Two neighbours of the other class outvote what an image would say of itself."""
    known, labels = Features(np.array([[0.0], [0.1], [0.2], [9.0]], np.float32)), np.array([0, 1, 1, 0])
    assert places(np.array([5, 7, 8]), np.array([3, 7])).tolist() == [-1, 1, -1]
    assert read_labels(known, known, labels, k=1).tolist() == [0, 1, 1, 0]
    assert read_labels(known, known, labels, k=1, but=torch.arange(4)).tolist() == [1, 0, 1, 1]


def test_a_rare_class_that_cannot_be_read_is_not_called_missing(tmp_path, capsys):
    """Ten of three hundred images bear a name that nothing in them shows."""
    folder = tmp_path / "rare"
    for name, pictures in (("cat", tiles(300, picture="chelsea")[:290]), ("odd", tiles(300, picture="chelsea")[290:])):
        save_tiles(folder / name, pictures)
    card = told(capsys, npz(tmp_path / "ours.npz", some()), "--against", str(folder), "--no-usefulness")
    assert "issing classes" not in card["summary"] and card["against"]["unreadable"] == ["odd"]
    assert any("odd are mostly taken for other classes" in note for note in card["notes"])
