"""``gansmith compare`` trains on real pictures, stops and goes on, and refuses what it could not hold to."""

import json
import os
import signal
from pathlib import Path

import numpy as np
import pytest

from gansmith.cli.app import run as command
from gansmith.core.errors import InputError, Interrupted
from gansmith.core.files import write_json
from gansmith.core.runfolder import RunFolder
from gansmith.engine.observers.display import Display
from gansmith.engine.pace import measure_pace
from gansmith.engine.trainer import NonFinite
from gansmith.judge.weights import hash_of_run
from gansmith.recipes.comparing.asked import Asked
from gansmith.recipes.comparing.cases import cases
from gansmith.recipes.comparing.comparison import compare, compare_runs
from gansmith.recipes.comparing.ground import SHARED
from gansmith.recipes.comparing.worker import stop_without
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
    monkeypatch.setattr("gansmith.engine.pace.measure_pace", lambda trainer, seconds: 1000.0)


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
    assert set(told) == {"runs", "metrics", "differences", "cards"} and len(told["runs"]) == 4
    assert all(cell["runs"] == 2 for cell in told["metrics"]["fd"].values())
    assert {(d["method"], d["how"]) for d in told["differences"]} == {("vae", "paired by seed")}
    out = tmp_path / "comparisons" / "tiles-001"
    assert {"comparison.html", "comparison.json", "comparison.png", "runs"} <= {path.name for path in out.iterdir()}
    configs = [RunFolder(Path(run["run"])).read_config()["choices"] for run in told["runs"]]
    for name in ("network", "generator_width", "critic_width", "latent", "images", "threads", "labels"):
        assert len({json.dumps(config[name]["value"]) for config in configs}) == 1, name
    assert ["objective" in config for config in configs] == [True, True, False, False]
    page = (out / "comparison.html").read_text()
    assert page.count('src="data:image/') == 2 and "the same 36 latents" in page
    assert "--rates gives each its own" in page and "The kept generator is the last one" in page
    read = compare_runs([Path(run["run"]) for run in told["runs"]], tmp_path / "read").results
    assert read["metrics"] == told["metrics"] and read["differences"] == told["differences"] and read["cards"] is None


def leave_study(run: Path) -> None:
    """What judge leaves in a run that took part in a study."""
    told = {"format": 1, "study": "a" * 8, "title": "first", "created": "2026-01-01", "summary": "It is even."}
    own = {"name": run.name, "contenders": [{"name": run.name, "fingerprint": hash_of_run(run)}]}
    score = {"scores": {run.name: {"value": 0.5, "low": 0.4, "high": 0.6, "votes": 9}}}
    write_json(run / "judge" / "a.json", told | own | score)


def test_what_was_found_elsewhere_stands_beside(pictures, tmp_path, capsys):
    runs = [tmp_path / name for name in ("narrow", "wide")]
    for run, size in zip(runs, ("xs", "s"), strict=True):
        train(str(pictures), images=64, size=size, threads=1, out=run)
        assert command(["evaluate", str(run), "-n", "12", "--extractor", "pixels", "--no-usefulness"]) == 0
        leave_study(run)
    capsys.readouterr()
    assert command(["compare", *map(str, runs), "--json"]) == 0
    cards = json.loads(capsys.readouterr().out)["cards"]
    assert cards["runs"] == ["modern (narrow)", "modern (wide)"] and {"run", "against", "beyond"} <= set(
        cards["differences"][0]
    )
    page = next((tmp_path / "comparisons").glob("*/comparison.html")).read_text()
    assert "The cards side by side" in page and "first: It is even." in page
    assert command(["report", str(runs[0])]) == 0 and "It is even." in (runs[0] / "report.html").read_text()


def test_a_half_done_comparison_goes_on_to_the_same_end(pictures, tmp_path, monkeypatch):
    calm = compare(asked(pictures), tmp_path / "calm")
    with monkeypatch.context() as patched:
        stop_in(patched, "modern-seed0")
        with pytest.raises(Interrupted, match=r"go on with: gansmith compare --out .*stopped"):
            compare(asked(pictures), tmp_path / "stopped")
    first = tmp_path / "stopped" / "runs" / "hinge-seed0"
    before = {path: path.stat().st_mtime_ns for path in first.rglob("*")}
    assert before and not RunFolder(tmp_path / "stopped" / "runs" / "modern-seed0").rows("final")
    moved = pictures.rename(tmp_path / "moved")
    try:
        compare(asked(moved), tmp_path / "stopped")  # data that lie elsewhere are named again
    finally:
        moved.rename(pictures)
    assert before == {path: path.stat().st_mtime_ns for path in first.rglob("*")}, "a finished run was touched"
    record = json.loads((tmp_path / "stopped" / "comparison.json").read_text())
    assert record["results"]["metrics"] == json.loads(json.dumps(calm.results["metrics"]))
    for name in ("hinge-seed0", "modern-seed0"):
        one, other = ((tmp_path / place / "runs" / name / "generator.safetensors") for place in ("calm", "stopped"))
        assert one.read_bytes() == other.read_bytes()


def test_the_same_call_goes_on_and_another_begins_anew(pictures, tmp_path, monkeypatch):
    with monkeypatch.context() as patched:
        stop_in(patched, "modern-seed0")
        with pytest.raises(Interrupted):
            compare(asked(pictures))
    unfinished = tmp_path / "comparisons" / "tiles-001"
    assert not (unfinished / "comparison.html").exists()
    assert compare(asked(pictures, images=32)).path.name == "tiles-002"
    assert compare(asked(pictures)).path.resolve() == unfinished and (unfinished / "comparison.html").exists()


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


def test_a_trial_that_diverges_costs_its_rate_and_nothing_else(pictures, tmp_path, monkeypatch):
    """Neither the pace, measured before, nor the trial itself brings the comparison down."""
    monkeypatch.setattr("gansmith.engine.pace.measure_pace", lambda trainer, seconds: measure_pace(trainer, 0.01))
    wild = asked(pictures, "lsgan,vae", rates=(1e-3, 1e20), images=1_280)
    record = compare(wild, tmp_path / "out").record
    for name in ("lsgan", "vae"):
        tried = {trial["rate"]: trial["fd"] for trial in record["trials"][name]}
        assert tried[1e-3] is not None and tried[1e20] is None and record["rates"][name] == 1e-3
    assert "became NaN" in (tmp_path / "out" / "comparison.html").read_text()


def test_every_method_is_scored_as_often(pictures, tmp_path, monkeypatch):
    """The best of many scores is better by chance alone."""
    monkeypatch.setattr("gansmith.recipes.setup.IMAGES_A_SCORE", 100)
    images = {"hinge": 250, "vae": 900}
    plan = {"images": images, "paces": {name: {"images_per_second": 1.0} for name in images}}
    plan |= {"threads": 1, "shared": dict.fromkeys(("size", *SHARED))}
    every = cases(asked(pictures, "hinge,vae"), plan, {})
    assert [case.request(asked(pictures), plan, tmp_path).scores for case in every] == [2, 2]
    train(str(pictures), images=900, size="xs", threads=1, pace=1.0, scores=2, out=tmp_path / "run")
    assert len(RunFolder(tmp_path / "run").rows("score")) == 2


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
    assert found["verdict"].count("Every run of vae became NaN.") == 1 and "so it has no score" in found["notes"][-1]
    monkeypatch.setattr("gansmith.recipes.comparing.playing.play", lambda *_: pytest.fail("it was played again"))
    compare(None, tmp_path / "out")
    read = compare_runs([Path(run["run"]) for run in found["runs"]], tmp_path / "read").results
    assert read["metrics"] == found["metrics"] and "Every run of vae became NaN." in read["verdict"]


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


def test_a_worker_without_its_parent_is_asked_to_stop(monkeypatch):
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda *words: told.append(words))
    stop_without(os.getpid())  # which is no process's own parent
    assert told == [(os.getpid(), signal.SIGTERM)]


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
