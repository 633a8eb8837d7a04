"""``gansmith evaluate`` on real pictures: runs, folders and npz files, one JSON object, nothing half-written."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gansmith.cli.app import run as command
from gansmith.core.progress import Progress
from gansmith.data.prepare import prepare
from gansmith.engine.drawing import Painter, draw
from gansmith.networks import create_generator
from gansmith.networks.pretrained import Generator, save_generator
from gansmith.recipes.evaluating.evidence import alike
from gansmith.recipes.evaluating.npz import read_npz
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
    assert card["metrics"]["authenticity@pixels@4"]["n_training"] == 400
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
    assert "copies of training images" in first.out and "replaced" not in first.err and "usefulness" not in first.out
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


def test_the_parts_that_real_images_take_never_overlap(data):
    prepared = prepare(str(data))
    for split in ("test", "choose", "train", "all"):
        parts = roles(prepared, split, 50, 0)
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


def test_sets_of_other_channels_get_the_same(tmp_path):
    grey, colour = np.zeros((2, 4, 4, 1), np.uint8), np.zeros((3, 4, 4, 3), np.uint8)
    clear = np.zeros((2, 4, 4, 4), np.uint8)
    assert [some.shape[3] for some in alike(grey, colour)] == [3, 3]
    assert alike(clear, grey)[0].shape[3] == 3 and (alike(clear, grey)[0] == 255).all()
    assert alike(grey, grey)[0] is grey
