"""``gansmith compare`` trains on real pictures, stops and goes on, and refuses what it could not hold to."""

import json
import os
import signal
from pathlib import Path

import numpy as np
import pytest

from gansmith.cli.app import run as command
from gansmith.core.errors import InputError, Interrupted
from gansmith.core.runfolder import RunFolder
from gansmith.engine.observers.display import Display
from gansmith.engine.trainer import NonFinite
from gansmith.recipes.comparing.asked import Asked
from gansmith.recipes.comparing.comparison import compare
from gansmith.recipes.training import train
from real_pictures import save_tiles, tiles


class Colours:
    """Stands for an extractor: mean and spread of each channel's quarters, at once."""

    name, dimensions, checksum, resize = "colours", 6, "none", "none"

    def features(self, images, progress=None):
        x = images.reshape(len(images), -1, images.shape[-1]).astype(np.float32)
        return np.concatenate([x.mean(1), x.std(1)], 1)


def make_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cheap extractor, few samples, and a pace that is taken as known."""
    for room in ("training", "comparing.ground"):
        monkeypatch.setattr(f"gansmith.recipes.{room}.available", lambda progress=None: Colours())
    counts = ("engine.observers.scoring.SCORED_IMAGES", "engine.drawing.SETTLE_IMAGES", "recipes.setup.PROBE_IMAGES")
    for count in counts:
        monkeypatch.setattr(f"gansmith.{count}", 20)
    monkeypatch.setattr("gansmith.recipes.setup.measure_pace", lambda trainer, seconds: 1000.0)


@pytest.fixture(autouse=True)
def quick(monkeypatch, shared_cache, tmp_path):
    make_quick(monkeypatch)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> Path:
    """Enough real pictures for three splits."""
    return save_tiles(tmp_path_factory.mktemp("pictures") / "tiles", tiles(160))


def asked(data: Path, presets: str = "hinge,modern", **options) -> Asked:
    options = {"seeds": 1, "images": 64, "size": "xs", "threads": 1} | options
    return Asked(data=str(data), presets=tuple(presets.split(",")), **options)


def stop_in(monkeypatch, place: str) -> None:
    """Ctrl-C after the first step of the run that lies there."""
    usual = Display.after_step

    def watched(self, trainer, step):
        usual(self, trainer, step)
        grids = next(each for each in trainer.observers if hasattr(each, "folder") and hasattr(each, "marks"))
        if grids.folder.parent.name == place and step.index == 0:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Display, "after_step", watched)


def test_methods_are_trained_alike_and_compared(pictures, tmp_path, capsys):
    words = f"--data {pictures} --presets modern,vae --seeds 2 --images 64 --size xs --threads 1 --json"
    assert command(["compare", *words.split()]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {"runs", "metrics", "differences"} and len(told["runs"]) == 4
    assert all(cell["runs"] == 2 for cell in told["metrics"]["fd"].values())
    assert {(d["method"], d["how"]) for d in told["differences"]} == {("vae", "paired by seed")}
    out = tmp_path / "comparisons" / "tiles-001"
    assert {"comparison.html", "comparison.json", "comparison.png", "runs"} <= {path.name for path in out.iterdir()}
    configs = [RunFolder(Path(run["run"])).read_config()["choices"] for run in told["runs"]]
    for name in ("network", "generator_width", "critic_width", "latent", "images", "threads", "labels"):
        assert len({json.dumps(config[name]["value"]) for config in configs}) == 1, name
    assert ["objective" in config for config in configs] == [True, True, False, False]
    page = (out / "comparison.html").read_text()
    assert (
        page.count('src="data:image/') == 2 and "the same 36 latents" in page and "--rates gives each its own" in page
    )


def test_a_half_done_comparison_goes_on_to_the_same_end(pictures, tmp_path, monkeypatch):
    calm = compare(asked(pictures), tmp_path / "calm")
    with monkeypatch.context() as patched:
        stop_in(patched, "modern-seed0")
        with pytest.raises(Interrupted, match=r"go on with: gansmith compare --out .*stopped"):
            compare(asked(pictures), tmp_path / "stopped")
    first = tmp_path / "stopped" / "runs" / "hinge-seed0"
    before = {path: path.stat().st_mtime_ns for path in first.rglob("*")}
    assert before and not RunFolder(tmp_path / "stopped" / "runs" / "modern-seed0").rows("final")
    assert command(["compare", "--out", str(tmp_path / "stopped")]) == 0
    assert before == {path: path.stat().st_mtime_ns for path in first.rglob("*")}, "a finished run was touched"
    record = json.loads((tmp_path / "stopped" / "comparison.json").read_text())
    assert record["results"]["metrics"] == json.loads(json.dumps(calm.results["metrics"]))
    for name in ("hinge-seed0", "modern-seed0"):
        one, other = ((tmp_path / place / "runs" / name / "generator.safetensors") for place in ("calm", "stopped"))
        assert one.read_bytes() == other.read_bytes()


def test_other_arguments_and_other_data_are_refused_in_one_line(pictures, tmp_path, capsys):
    out = tmp_path / "out"
    compare(asked(pictures), out)
    same = f"--data {pictures} --presets hinge,modern --images 64 --size xs --threads 1 --out {out}".split()
    assert command(["compare", *same, "--seeds", "1"]) == 0
    capsys.readouterr()
    for words, says in (("--seeds 2", "seeds: 1 then, 2 now"), ("--seeds 1 --no-labels", "labels: yes then, no now")):
        assert command(["compare", *same, *words.split()]) == 2
        told = capsys.readouterr()
        assert told.out == "" and len(told.err.strip().splitlines()) == 1 and says in told.err
    record = json.loads((out / "comparison.json").read_text())
    record["plan"]["fingerprint"] = "other"
    (out / "comparison.json").write_text(json.dumps(record))
    with pytest.raises(InputError, match="other data"):
        compare(None, out)


def test_each_method_gets_its_rate_by_trials_of_equal_cost(pictures, tmp_path):
    with_rates = asked(pictures, "hinge,vae", rates=(1e-4, 1e-3), images=None, minutes=0.004)
    told: list[str] = []
    found = compare(with_rates, tmp_path / "out", after=lambda folder, place: told.append(place)).record
    assert [place.partition("/")[0] for place in told] == ["trials"] * 4 + ["runs"] * 2
    for name in ("hinge", "vae"):
        tried = {trial["rate"]: trial["fd"] for trial in found["trials"][name]}
        assert set(tried) == {1e-4, 1e-3} and found["rates"][name] == min(tried, key=lambda rate: tried[rate])
        assert {trial["images"] for trial in found["trials"][name]} == {round(found["plan"]["images"][name] / 4)}
        run = RunFolder(tmp_path / "out" / "runs" / f"{name}-seed0").read_config()["choices"]
        assert run["rate"]["value"][0] == found["rates"][name]
        assert run["images"]["value"] == found["plan"]["images"][name]
        assert found["plan"]["paces"][name]["rounds"] == [1000.0] * 3
    page = (tmp_path / "out" / "comparison.html").read_text()
    assert page.count("<mark>") == 2 and "How rates were chosen" in page


def test_a_run_that_became_nan_is_a_result(pictures, tmp_path, monkeypatch):
    """The others go on, it is counted, and it is not run again."""
    from gansmith.engine.trainer import Trainer

    usual = Trainer.play

    def played(self):
        if type(self.game).__name__ == "Variational":
            raise NonFinite("autoencoder", self.index, self.images_seen, "loss")
        return usual(self)

    monkeypatch.setattr(Trainer, "play", played)
    found = compare(asked(pictures, "hinge,vae,modern"), tmp_path / "out").results
    ended = {run["method"]: run.get("ended") for run in found["runs"]}
    assert ended == {"hinge": None, "vae": "became NaN or infinite", "modern": None}
    assert "vae" not in found["metrics"]["fd"] and any("became NaN" in note for note in found["notes"])
    monkeypatch.setattr("gansmith.recipes.comparing.playing.play", lambda *_: pytest.fail("it was played again"))
    compare(None, tmp_path / "out")


def test_what_cannot_be_played_is_refused_before_anything_is(pictures, tmp_path):
    with pytest.raises(InputError, match="batch normalisation"):
        compare(asked(pictures, "hinge,wgan-gp", network="dcgan"), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_one_call_at_a_time_works_in_a_folder(pictures, tmp_path):
    from gansmith.recipes.comparing.folder import ComparisonFolder

    with ComparisonFolder(tmp_path / "out").held(), pytest.raises(InputError, match="is at work"):
        compare(asked(pictures), tmp_path / "out")


def test_finished_runs_of_train_are_read(pictures, tmp_path, capsys):
    for preset, seed in (("hinge", 0), ("hinge", 1), ("modern", 0)):
        options = {"images": 32, "batch": 16, "size": "xs", "threads": 1, "preset": preset, "seed": seed}
        train(str(pictures), out=tmp_path / f"{preset}{seed}", **options)
    names = ["hinge0", "hinge1", "modern0"]
    assert command(["compare", *names, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["metrics"]["fd"]["hinge"]["runs"] == 2 and told["metrics"]["fd"]["modern"]["runs"] == 1
    assert (tmp_path / "comparisons" / "tiles-001" / "comparison.png").exists()


def test_several_runs_at_a_time_end_as_one_after_the_other(pictures, tmp_path, monkeypatch):
    """Each in a process of its own, which is made as quick as this one."""
    calm = compare(asked(pictures, "hinge,vae"), tmp_path / "calm")
    (tmp_path / "sitecustomize.py").write_text(
        f"import sys\nsys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        f"sys.path.insert(0, {str(Path(__file__).parents[1])!r})\n"
        "import pytest, test_compare\ntest_compare.make_quick(pytest.MonkeyPatch())\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    beside = compare(asked(pictures, "hinge,vae"), tmp_path / "beside", workers=2)
    assert beside.results["metrics"] == calm.results["metrics"]
    record = json.loads((tmp_path / "beside" / "comparison.json").read_text())
    assert "workers" not in record["asked"] and record["plan"]["threads"] == 1
