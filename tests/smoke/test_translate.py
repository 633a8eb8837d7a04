"""Two folders in, a translator out; files through it."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gansmith.cli.app import run as command
from gansmith.core.errors import InputError, Interrupted
from gansmith.data.domains import prepare_domains
from gansmith.engine.trainer import Trainer
from gansmith.networks.translated import Translator
from gansmith.recipes.training import Request, resume, train
from gansmith.recipes.translating import PAIRED_PRESETS, UNPAIRED_PRESETS
from real_pictures import save_tiles, tiles

COUNT, BATCH, STEPS = 40, 4, 3
TINY = {"generator_width": 8, "critic_width": 8, "batch": BATCH}


@pytest.fixture(scope="module")
def sides(tmp_path_factory):
    """Photographs, and the same in grey and negative."""
    root = tmp_path_factory.mktemp("sides")
    pictures = tiles(COUNT, height=32, width=32)
    save_tiles(root / "b", pictures)
    save_tiles(root / "a", [255 - picture.mean(2).astype(np.uint8) for picture in pictures])
    return root


def trained(sides, out, **options) -> Path:
    asked = {"recipe": "paired", "score": False, "images": BATCH * STEPS, "threads": 1, "overrides": TINY} | options
    train(Request(data=str(sides / "a"), data_b=str(sides / "b"), out=out, resolution="32", **asked))
    return out


@pytest.fixture(scope="module")
def run(sides, tmp_path_factory) -> Path:
    return trained(sides, tmp_path_factory.mktemp("paired") / "run")


def test_a_pair_stays_a_pair(sides):
    domains = prepare_domains(str(sides / "a"), str(sides / "b"), paired=True, resolution="32")
    assert domains.a.images.shape == (COUNT, 32, 32, 1) and domains.b.images.shape == (COUNT, 32, 32, 3)
    grey = 255 - np.asarray(domains.b.images).mean(3)
    assert np.abs(grey - domains.a.images[..., 0]).max() < 2
    assert (domains.a.splits["train"] == domains.b.splits["train"]).all()


def test_pairs_whose_given_side_is_alike_share_a_split(tmp_path):
    pictures = tiles(COUNT, height=32, width=32)
    save_tiles(tmp_path / "b", pictures)
    save_tiles(tmp_path / "a", [pictures[index // 4] for index in range(COUNT)])
    domains = prepare_domains(str(tmp_path / "a"), str(tmp_path / "b"), paired=True, resolution="32")
    for rows in domains.a.splits.values():
        assert all(np.isin(np.arange(row // 4 * 4, row // 4 * 4 + 4), rows).all() for row in rows)


def test_two_halves_of_one_file(sides, tmp_path):
    pictures = tiles(COUNT, height=32, width=64)
    save_tiles(tmp_path / "both", pictures)
    domains = prepare_domains(str(tmp_path / "both"), None, paired=True, resolution="32")
    found = np.concatenate([domains.a.images, domains.b.images], 2)
    assert (found == np.stack(pictures)).all()
    train(
        Request(
            data=str(tmp_path / "both"), recipe="paired", images=8, score=False, overrides=TINY, out=tmp_path / "run"
        )
    )
    assert resume(tmp_path / "run").images_seen == 8


@pytest.mark.parametrize(
    "recipe,preset",
    [
        ("paired", None),
        ("unpaired", None),
        *(("paired", name) for name in PAIRED_PRESETS.names),
        *(("unpaired", name) for name in UNPAIRED_PRESETS.names),
    ],
)
def test_every_recipe_and_preset_trains_and_translates(recipe, preset, sides, tmp_path):
    overrides = TINY | ({"batch": 2} if preset else {})
    out = trained(sides, tmp_path / "run", recipe=recipe, preset=preset, overrides=overrides)
    translator = Translator.from_pretrained(out)
    picture = np.zeros((48, 40, 1 if recipe == "paired" else 3), np.uint8)  # unpaired, grey is read as colour
    assert translator.translate(picture).shape == (48, 40, 3)
    if recipe == "unpaired" and preset in (None, "cyclegan"):
        assert translator.directions == ["a-to-b", "b-to-a"]
        assert translator.translate(np.zeros((32, 32, 3), np.uint8), "b-to-a").shape == (32, 32, 3)
    else:
        with pytest.raises(InputError, match="a-to-b only"):
            translator.module("b-to-a")
    assert len(list(out.glob("samples/*.png"))) > 0
    page = (out / "report.html").read_text()
    assert ">nan" not in page.lower()


@pytest.mark.parametrize("preset", [None, "cyclegan"])
def test_a_run_that_is_stopped_goes_on_to_the_same_bits(preset, sides, tmp_path, monkeypatch):
    recipe = "unpaired" if preset else "paired"
    options = {"recipe": recipe, "preset": preset, "images": 6 * BATCH}
    whole = trained(sides, tmp_path / "whole", **options, lanes=1)
    played = Trainer.play

    def stopping(self):
        step = played(self)
        self.stop_requested = self.index == 3
        return step

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "play", stopping)
        with pytest.raises(Interrupted):
            trained(sides, tmp_path / "stopped", **options, lanes=1)
    assert resume(tmp_path / "stopped").images_seen == 6 * BATCH
    assert (whole / "generator.safetensors").read_bytes() == (tmp_path / "stopped/generator.safetensors").read_bytes()


def test_files_keep_their_names_sizes_and_transparency(run, tmp_path, capsys):
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    Image.fromarray(np.full((50, 70), 90, np.uint8)).save(folder / "one.png")
    cut = np.dstack([np.full((40, 40, 3), 90, np.uint8), np.full((40, 40), 128, np.uint8)])
    Image.fromarray(cut).save(folder / "deep" / "two.webp", lossless=True)
    turned = Image.fromarray(np.full((30, 60, 3), 90, np.uint8))
    exif = turned.getexif()
    exif[0x0112] = 6
    turned.save(folder / "three.jpg", exif=exif)
    (folder / "broken.png").write_bytes(b"no picture")
    out = tmp_path / "out"
    assert command(["translate", str(run), str(folder), "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert len(told["files"]) == 3 and [Path(name).name for name, _ in told["refused"]] == ["broken.png"]
    assert Image.open(out / "one.png").size == (70, 50)
    two = Image.open(out / "deep" / "two.webp")
    assert two.size == (40, 40) and np.asarray(two)[..., 3].min() == 128 == np.asarray(two)[..., 3].max()
    assert Image.open(out / "three.jpg").size == (30, 60)
    assert command(["translate", str(run), str(folder), "--out", str(out)]) == 2
    assert (
        command(["translate", str(run), str(folder / "one.png"), "--out", str(tmp_path / "x.png"), "--variants", "2"])
        == 0
    )
    a, b = (np.asarray(Image.open(tmp_path / f"x-{number}.png")) for number in (1, 2))
    assert a.shape == (50, 70, 3) and (a != b).any()
    assert command(["translate", str(run), str(folder / "*.png"), "--out", str(tmp_path / "pattern")]) == 0
    assert [path.name for path in (tmp_path / "pattern").iterdir()] == ["one.png"]


@pytest.mark.parametrize(
    "words,says",
    [
        (["translate", "RUN"], "name the pictures"),
        (["translate", "RUN", "/nowhere/x.png"], "there is no file"),
        (["translate", "RUN", "PICTURE", "--direction", "b-to-a"], "a-to-b only"),
        (["translate", "/nowhere", "PICTURE"], "there is no translator"),
        (["sample", "RUN"], "gansmith translate"),
        (["train", "A", "B"], "translate between them"),
        (["train", "A", "--recipe", "unpaired"], "two folders"),
        (["train", "A", "OTHER", "--recipe", "paired"], "has the name of one"),
        (["train", "A", "EMPTY", "--recipe", "paired"], "holds no image"),
        (["train", "A", "FEWER", "--recipe", "paired", "--strict-pairs"], "have no partner"),
        (["train", "A", "--recipe", "paired"], "twice as wide"),
        (["train", "A", "B", "--recipe", "paired", "--preset", "wgan"], "no preset is named"),
        (["train", "A", "B", "--recipe", "paired", "--preset", "cyclegan"], "there are: pix2pix"),
        (["train", "A", "B", "--recipe", "unpaired", "--preset", "pix2pix"], "there are: cut, cyclegan, fastcut"),
    ],
)
def test_wrong_input_is_one_clear_line(words, says, run, sides, tmp_path, capsys):
    save_tiles(tmp_path / "other", tiles(12, height=32, width=32))
    for index, path in enumerate(sorted((tmp_path / "other").iterdir())):
        path.rename(path.with_name(f"else-{index}.png"))
    (tmp_path / "empty").mkdir()
    save_tiles(tmp_path / "fewer", tiles(12, height=32, width=32))
    save_tiles(tmp_path / "picture", tiles(1, height=32, width=32))
    picture = str(next((tmp_path / "picture").iterdir()))
    places = {"RUN": str(run), "A": str(sides / "a"), "B": str(sides / "b"), "PICTURE": picture}
    places |= {"OTHER": str(tmp_path / "other"), "EMPTY": str(tmp_path / "empty"), "FEWER": str(tmp_path / "fewer")}
    asked = [places.get(word, word) for word in words]
    if words[0] == "train":
        asked += ["--images", "8", "--out", str(tmp_path / "run")]
    assert command(asked) == 2
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert says in said and not (tmp_path / "run").exists()


def test_small_pictures_are_enlarged(sides, tmp_path):
    options = {"recipe": "superres", "images": 8, "score": False, "overrides": TINY}
    train(Request(data=str(sides / "b"), out=tmp_path / "run", **options))
    Image.fromarray(np.full((10, 13, 3), 90, np.uint8)).save(tmp_path / "small.png")
    assert (
        command(["translate", str(tmp_path / "run"), str(tmp_path / "small.png"), "--out", str(tmp_path / "x.png")])
        == 0
    )
    assert Image.open(tmp_path / "x.png").size == (52, 40)


def test_holes_are_filled_and_the_rest_stays(sides, tmp_path):
    options = {"recipe": "inpaint", "images": 8, "score": False, "overrides": TINY}
    train(Request(data=str(sides / "b"), out=tmp_path / "run", **options))
    picture = np.random.default_rng(0).integers(0, 256, (40, 50, 4), dtype=np.uint8)
    picture[..., 3] = 255
    picture[10:30, 10:30, 3] = 0
    Image.fromarray(picture).save(tmp_path / "holed.png")
    assert (
        command(["translate", str(tmp_path / "run"), str(tmp_path / "holed.png"), "--out", str(tmp_path / "x.png")])
        == 0
    )
    made, known = np.asarray(Image.open(tmp_path / "x.png")), picture[..., 3] > 0
    assert made.shape == (40, 50, 3) and (made[known] == picture[..., :3][known]).all()
    assert (made[~known] != picture[..., :3][~known]).any()
    assert resume(tmp_path / "run").images_seen == 8
