"""Training with everything going wrong: wrong requests, NaN, full disks, Ctrl-C, kill -9, hostile run folders."""

import errno
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from safetensors.torch import load_file

from gansmith.cli.app import run as command
from gansmith.core.errors import InputError, Interrupted, WorkError
from gansmith.core.files import read_json, write_atomically, write_json
from gansmith.core.progress import Progress
from gansmith.core.turns import Turn
from gansmith.data.prepare import prepare
from gansmith.engine.observers.saver import Saver
from gansmith.engine.trainer import Trainer
from gansmith.networks.pretrained import Generator
from gansmith.recipes import RECIPES, starting
from gansmith.recipes.kinds.image import Adversarial, image
from gansmith.recipes.recipe import Recipe
from gansmith.recipes.training import Request, resume, train

STEPS, LONG, BATCH = 24, 160, 8
TINY = {"batch": BATCH, "generator_width": 8, "critic_width": 8, "latent": 16}
EVERY = 5


def saves_each(steps: int):
    """In place of the saver's clock."""

    def after_step(self, trainer, step):
        if trainer.index % steps == 0:
            self.save(trainer)

    return after_step


@pytest.fixture(autouse=True)
def quick(monkeypatch, shared_cache):
    """The pace is taken as known, and every fifth step is saved."""
    monkeypatch.setattr("gansmith.engine.pace.measure_pace", lambda trainer, seconds: 1000.0)
    monkeypatch.setattr(Saver, "after_step", saves_each(EVERY))


def request(photos: Path, out: Path, **options) -> Request:
    options = {"images": STEPS * BATCH, "score": False, "threads": 1, "device": "cpu", "overrides": TINY} | options
    return Request(data=str(photos), out=out, **options)


def words(photos: Path, out: Path, images: int = STEPS * BATCH) -> list[str]:
    """The same from the command line."""
    return f"train {photos} --out {out} --images {images} --batch {BATCH} --size xs --no-score --threads 1".split()


def content(folder: Path) -> dict[str, str]:
    """What every file below holds, in short."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def final_state(run: Path) -> dict[str, torch.Tensor]:
    """The tensors of the last checkpoint."""
    return load_file(sorted((run / "checkpoints").glob("step-*"))[-1] / "state.safetensors")


def equal(run: Path, other: Path) -> bool:
    """Whether two finished runs hold the same generator and the same last state, bit for bit."""
    mine, theirs = final_state(run), final_state(other)
    assert mine.keys() == theirs.keys() and len(mine) > 50
    same_generator = (run / "generator.safetensors").read_bytes() == (other / "generator.safetensors").read_bytes()
    return same_generator and all(torch.equal(mine[name], theirs[name]) for name in mine)


@pytest.fixture(scope="module")
def finished(photos, tmp_path_factory):
    """A run that was never disturbed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GANSMITH_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setattr("gansmith.engine.pace.measure_pace", lambda trainer, seconds: 1000.0)
        patch.setattr(Saver, "after_step", saves_each(EVERY))
        run = tmp_path_factory.mktemp("runs") / "finished"
        train(request(photos, run))
    return run


def begun(finished: Path, run: Path) -> Path:
    """The same run before its first step: the config decides everything."""
    run.mkdir(parents=True)
    shutil.copy(finished / "config.json", run)
    return run


def stopped(finished: Path, run: Path, monkeypatch, after: int = 12) -> Path:
    """The same run, stopped as by Ctrl-C."""
    begun(finished, run)
    play = Adversarial.generator_loss

    def ask(self, step):
        if step.index == after - 1:
            signal.raise_signal(signal.SIGINT)
        return play(self, step)

    with monkeypatch.context() as patch:
        patch.setattr(Adversarial, "generator_loss", ask)
        with pytest.raises(Interrupted, match=f"saved; go on with: gansmith train --resume {run}"):
            resume(run)
    return run


class Listener(Progress):
    def __init__(self):
        self.said: list[str] = []

    def message(self, text: str) -> None:
        self.said.append(text)


# --- wrong input: one line, nothing written


WRONG = {
    "preset": ({"preset": "clasic"}, "did you mean classic"),
    "recipe": ({"recipe": "imgae"}, "did you mean image"),
    "size": ({"size": "xl"}, "no size is named 'xl'"),
    "objective": ({"overrides": TINY | {"objective": "non-saturated"}}, "did you mean non-saturating"),
    "penalty": ({"overrides": TINY | {"penalty": "r3"}}, "no penalty is named"),
    "network": ({"overrides": TINY | {"network": "stridden"}}, "did you mean strided"),
    "choice": ({"overrides": {"critic_widht": 8}}, "did you mean critic_width"),
    "own-objective": ({"overrides": TINY | {"objective": "no_such_module:mine"}}, "cannot load objective"),
    "device": ({"device": "gpu"}, "leave --device out"),
    "two-budgets": ({"minutes": 1.0}, "not both"),
    "no-images": ({"images": 0}, "--images must be above 0"),
    "no-minutes": ({"images": None, "minutes": -1.0}, "--minutes must be above 0"),
    "endless": ({"images": None, "minutes": float("inf")}, "--minutes must be above 0"),
    "rate": ({"rate": float("nan")}, "--rate must be above 0"),
    "gamma": ({"gamma": -1.0}, "--gamma must be 0 or more"),
    "threads": ({"threads": 0}, "--threads must be above 0"),
    "batch": ({"batch": 1000, "overrides": {}}, "make it smaller"),
    "two-folders": ({"data_b": "there"}, "one folder"),
    "no-start": ({"start": Path("nowhere")}, "not a run folder"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_request_writes_nothing_and_says_what_to_do(wrong, photos, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options, says = WRONG[wrong]
    with pytest.raises(InputError, match=says) as error:
        train(request(photos, tmp_path / "run", **options))
    assert "\n" not in str(error.value) and list(tmp_path.iterdir()) == []


def test_a_run_folder_that_exists_is_not_touched(photos, tmp_path, monkeypatch):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mine.txt").write_text("mine")
    monkeypatch.setattr("gansmith.recipes.training.open_material", lambda *_, **__: pytest.fail("data were prepared"))
    with pytest.raises(InputError, match=r"exists; go on with it by --resume .*, or choose another --out"):
        train(request(photos, tmp_path / "run"))
    assert command(words(photos, tmp_path / "run")) == 2
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["mine.txt"]


def test_resuming_with_other_data_is_refused_and_changes_nothing(finished, sorted_photos, tmp_path, capsys):
    run = Path(shutil.copytree(finished, tmp_path / "run"))
    before = content(run)
    with pytest.raises(InputError, match=r"trained on other data.*--from"):
        resume(run, str(sorted_photos))
    assert command(["train", str(sorted_photos), "--resume", str(run)]) == 2
    assert content(run) == before


def test_data_that_have_moved_may_be_named(finished, photos, tmp_path, monkeypatch):
    run = begun(finished, tmp_path / "run")
    config = read_json(run / "config.json")
    write_json(run / "config.json", config | {"source": str(tmp_path / "gone")})
    with pytest.raises(InputError):
        resume(run)
    moved = shutil.copytree(photos, tmp_path / "moved")
    assert resume(run, str(moved)).images_seen == STEPS * BATCH
    assert equal(run, finished)


def test_what_is_no_run_is_refused(tmp_path):
    with pytest.raises(InputError, match="not a run folder"):
        resume(tmp_path)
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(InputError, match="not readable JSON"):
        resume(tmp_path)
    for newer in ({"format": 10**6}, []):
        (tmp_path / "config.json").write_text(json.dumps(newer))
        with pytest.raises(InputError, match="newer gansmith"):
            resume(tmp_path)


def test_a_config_of_another_version_is_refused_with_what_it_lacks(finished, tmp_path):
    run = begun(finished, tmp_path / "run")
    config = read_json(run / "config.json")
    del config["choices"]["penalty_every"]
    write_json(run / "config.json", config)
    with pytest.raises(InputError, match="no 'penalty_every': another version"):
        resume(run)


def test_a_run_that_was_scored_is_not_resumed_without_a_score(finished, tmp_path, monkeypatch):
    """Its best generator would be another one."""
    run = begun(finished, tmp_path / "run")
    config = read_json(run / "config.json")
    config["choices"]["score"]["value"] = True
    write_json(run / "config.json", config)
    monkeypatch.setattr("gansmith.recipes.training.available", lambda **_: None)
    with pytest.raises(InputError, match=r"gansmith\[start\]"):
        resume(run)


def test_the_recorded_threads_are_used_again_and_given_back(finished, tmp_path, monkeypatch):
    used, run, before = [], Trainer.run, torch.get_num_threads()
    monkeypatch.setattr(Trainer, "run", lambda self: used.append(torch.get_num_threads()) or run(self))
    try:
        torch.set_num_threads(2)
        resume(begun(finished, tmp_path / "run"))
        assert used == [read_json(finished / "config.json")["choices"]["threads"]["value"]] == [1]
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_lanes_are_recorded_and_their_threads_change_no_bit(photos, tmp_path):
    one, two = (
        train(request(photos, tmp_path / f"{threads}", batch=8, lanes=2, threads=threads)) for threads in (1, 2)
    )
    assert read_json(one.run / "config.json")["choices"]["lanes"]["value"] == 2 and equal(one.run, two.run)
    with pytest.raises(InputError, match="do not part"):
        train(request(photos, tmp_path / "no", batch=8, lanes=3))
    assert not (tmp_path / "no").exists()


# --- stopping and going on


def test_a_stopped_run_goes_on_to_the_same_weights(finished, tmp_path, monkeypatch):
    run = stopped(finished, tmp_path / "run", monkeypatch)
    assert (run / "report.html").is_file() and not equal_steps(run, finished)
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert rows[-1]["kind"] == "event" and rows[-1]["what"] == "interrupted"
    result = resume(run)
    assert result.images_seen == STEPS * BATCH and equal(run, finished)


def equal_steps(run: Path, other: Path) -> bool:
    return max(run.glob("checkpoints/*")).name == max(other.glob("checkpoints/*")).name


def rows_of(run: Path, kind: str) -> list[dict]:
    """The rows of a kind, without what the clock says."""
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    by_the_clock = ("seconds", "images_per_second", "wait_share")
    return [{k: v for k, v in row.items() if k not in by_the_clock} for row in rows if row["kind"] == kind]


def test_the_metrics_of_a_stopped_run_are_those_of_an_undisturbed_one(finished, tmp_path, monkeypatch):
    """No row twice, none left out, whichever row the stop fell on."""
    run = stopped(finished, tmp_path / "run", monkeypatch, after=13)
    resume(run)
    for kind in ("train", "samples"):
        assert rows_of(run, kind) == rows_of(finished, kind) != []


def test_resuming_a_finished_run_is_harmless(finished, tmp_path):
    run = Path(shutil.copytree(finished, tmp_path / "run"))
    before = content(run)
    result = resume(run)
    assert result.images_seen == STEPS * BATCH
    after = content(run)
    assert after.keys() == before.keys() and equal(run, finished)
    assert after["metrics.jsonl"] == before["metrics.jsonl"]


def test_a_torn_last_checkpoint_is_passed_over_said_and_made_up_for(finished, tmp_path, monkeypatch, capsys):
    run = stopped(finished, tmp_path / "run", monkeypatch)
    last = max(run.glob("checkpoints/step-*"))
    os.truncate(last / "state.safetensors", 1000)
    listener = Listener()
    resume(run, progress=listener)
    assert any(last.name in said and "the one before" in said for said in listener.said)
    assert equal(run, finished)


def test_a_hostile_checkpoint_without_a_good_one_before_is_wrong_input(finished, tmp_path, monkeypatch, capsys):
    run = stopped(finished, tmp_path / "run", monkeypatch)
    for path in run.glob("checkpoints/step-*"):
        (path / "state.safetensors").write_bytes(b"\x80\x04\x95 pickled")
    before = content(run)
    assert command(["train", "--resume", str(run)]) == 2
    told = capsys.readouterr().err.strip().splitlines()
    assert "train again" in told[-1] and content(run) == before


def test_a_kill_before_the_first_checkpoint_begins_again(finished, tmp_path):
    """Even where the first one had been half written, and rows of metrics too."""
    run = begun(finished, tmp_path / "run")
    (run / "checkpoints" / ".step-000000005.partial").mkdir(parents=True)
    (run / "metrics.jsonl").write_text('{"kind": "train", "images": 8, "seconds": 1}\n{"kind": "tr')
    listener = Listener()
    resume(run, progress=listener)
    assert any("beginning again" in said for said in listener.said)
    assert equal(run, finished) and rows_of(run, "train") == rows_of(finished, "train")
    assert not list(run.glob("checkpoints/.*"))


DRIVER = f"""
from gansmith.engine import pace
from gansmith.engine.observers.saver import Saver
pace.measure_pace = lambda trainer, seconds: 1000.0
Saver.after_step = lambda self, trainer, step: self.save(trainer) if trainer.index % {EVERY} == 0 else None
from gansmith.cli.app import main
main()
"""


class Training:
    """A training in a process of its own."""

    def __init__(self, *arguments: str):
        command = [sys.executable, "-c", DRIVER, *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def wait_for_step(self, run: Path, step: int) -> None:
        """Until a checkpoint of that step or a later one is there."""
        while not any(int(path.name[5:]) >= step for path in run.glob("checkpoints/step-*")):
            assert self.process.poll() is None, self.process.communicate()[1]
            time.sleep(0.002)

    def ended(self, how: int | None = None) -> tuple[int, str]:
        if how is not None:
            self.process.send_signal(how)
        _, told = self.process.communicate(timeout=240)
        return self.process.returncode, told


@pytest.fixture(scope="module")
def long(photos, tmp_path_factory):
    """Like ``finished``, but long enough for other processes to look on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GANSMITH_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setattr("gansmith.engine.pace.measure_pace", lambda trainer, seconds: 1000.0)
        patch.setattr(Saver, "after_step", saves_each(EVERY))
        run = tmp_path_factory.mktemp("runs") / "long"
        train(request(photos, run, images=LONG * BATCH))
    return run


def test_kill_9_at_random_moments_costs_nothing_but_time(long, tmp_path):
    run = begun(long, tmp_path / "run")
    rng = np.random.default_rng(0)
    reached = 0
    for _ in range(2):
        training = Training("train", "--resume", str(run))
        training.wait_for_step(run, reached + int(rng.integers(1, 50)))
        time.sleep(float(rng.uniform(0, 0.1)))
        assert training.ended(signal.SIGKILL)[0] == -signal.SIGKILL
        reached = max(int(path.name[5:]) for path in run.glob("checkpoints/step-*"))
    assert 0 < reached < LONG
    assert resume(run).images_seen == LONG * BATCH
    assert equal(run, long) and rows_of(run, "samples") == rows_of(long, "samples")
    assert not list(run.rglob(".*")), "what the killed processes began was not cleared away"


def test_ctrl_c_saves_and_says_how_to_go_on(long, tmp_path):
    run = begun(long, tmp_path / "run")
    training = Training("train", "--resume", str(run))
    training.wait_for_step(run, 20)
    code, told = training.ended(signal.SIGINT)
    assert code == 130
    assert told.strip().splitlines()[-1] == f"gansmith: saved; go on with: gansmith train --resume {run}"
    assert "Traceback" not in told
    assert resume(run).images_seen == LONG * BATCH and equal(run, long)


# --- NaN


class Spoilt(torch.autograd.Function):
    """The identity, with a gradient of NaN."""

    @staticmethod
    def forward(context, x):
        return x.clone()

    @staticmethod
    def backward(context, gradient):
        return gradient * torch.nan


def spoil(monkeypatch, step: int, what: str) -> None:
    """From this step on, a layer of the critic gives NaN, or its gradient is."""
    build = image.build

    def built(*arguments):
        game = build(*arguments)
        now = [0]

        def critic_loss(this):
            now[0] = this.index
            return game.critic_loss(this)

        def layer(module, inputs, output):
            if now[0] < step:
                return output
            return output * torch.nan if what == "layer" else Spoilt.apply(output)

        game.turns[0] = Turn("critic", critic_loss)
        game.players["critic"].stages[2].register_forward_hook(layer)
        return game

    monkeypatch.setattr(RECIPES, "get", lambda name: Recipe(image.choose, built))


@pytest.mark.parametrize(
    ("what", "preset", "says"),
    [
        ("layer", "modern", "the critic's layer stages.2"),
        ("layer", "classic", "the critic's layer stages.2"),
        ("gradient", "classic", "the gradient of the critic's weight stages.0.weight"),
    ],
)
def test_nan_stops_the_run_and_says_where_it_began(what, preset, says, photos, tmp_path, monkeypatch):
    run = tmp_path / "run"
    spoil(monkeypatch, 12, what)
    with pytest.raises(WorkError) as error:
        train(request(photos, run, preset=preset))
    told = str(error.value)
    assert says in told and "in step 12 (96 images)" in told and "\n" not in told
    assert f"the last good state is in {run / 'checkpoints'}" in told
    assert f"gansmith train {photos} --from {run} --rate" in told
    row = [json.loads(line) for line in (run / "diagnosis.jsonl").read_text().splitlines()][-1]
    assert row["symptom"] == "nan" and row["images"] == 96 and says in row["evidence"]["where"]
    assert "nan" in (run / "report.html").read_text().lower()
    monkeypatch.undo()
    tensors = starting.read(run).tensors
    assert sorted(path.name for path in run.glob("checkpoints/*")) == ["step-000000005", "step-000000010"]
    assert all(torch.isfinite(value).all() for value in tensors.values())


def test_what_nan_advises_works(photos, tmp_path, monkeypatch, shared_cache):
    spoil(monkeypatch, 12, "layer")
    assert command(words(photos, tmp_path / "run")) == 1
    monkeypatch.undo()
    monkeypatch.setenv("GANSMITH_CACHE", str(shared_cache))
    monkeypatch.setattr("gansmith.engine.pace.measure_pace", lambda trainer, seconds: 1000.0)
    advised = ["--from", str(tmp_path / "run"), "--rate", "0.0017"]
    assert command(words(photos, tmp_path / "next", 16) + advised) == 0
    assert Generator.from_pretrained(tmp_path / "next").sample(2).std() > 0


def test_nan_before_anything_was_saved_is_not_sent_to_a_state_that_is_not_there(photos, tmp_path, monkeypatch):
    spoil(monkeypatch, 2, "layer")
    with pytest.raises(WorkError, match="no state had been saved yet") as error:
        train(request(photos, tmp_path / "run"))
    assert "--from" not in str(error.value) and "--rate" in str(error.value)


def test_nan_in_a_loss_of_the_users_own(photos, tmp_path, monkeypatch):
    (tmp_path / "spoilt_loss.py").write_text(
        "import torch\nfrom gansmith.objectives import Objective\n"
        "mine = Objective(lambda real, fake: fake - real + torch.nan, lambda real, fake: -fake)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(WorkError, match=r"the critic's loss became NaN .*in step 0.*the loss itself"):
        train(request(photos, tmp_path / "run", overrides=TINY | {"objective": "spoilt_loss:mine"}))


# --- a full disk


def full(*_, **__):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def full_after(writes: int, real, is_write=lambda *_, **__: True):
    """``real``, until so many writes are done; then the disk is full."""
    left = [writes]

    def write(*arguments, **named):
        if is_write(*arguments, **named):
            left[0] -= 1
            if left[0] < 0:
                full()
        return real(*arguments, **named)

    return write


PLACES = {
    "a-checkpoint": ("gansmith.engine.checkpoints.save_file", full_after(2, safetensors.torch.save_file)),
    "the-metrics": ("gansmith.core.files.open", full_after(20, open, lambda path, mode="r", **_: mode == "a")),
    "the-generator": ("gansmith.networks.pretrained.save_file", full),
    "the-report": ("gansmith.report.page.write_text", lambda path, text: write_atomically(path, full)),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_full_disk_keeps_the_last_good_state_and_says_how_to_go_on(place, finished, tmp_path, monkeypatch, capsys):
    """Room for some writes, then none; and when there is room again the run ends as if nothing had been."""
    run = begun(finished, tmp_path / "run")
    with monkeypatch.context() as patch:
        patch.setattr(*PLACES[place], raising=False)
        assert command(["train", "--resume", str(run)]) == 1
    told = capsys.readouterr().err.strip().splitlines()[-1]
    assert "No space left on device" in told and "free some space" in told
    assert f"the last good state is in {run / 'checkpoints'}" in told and f"gansmith train --resume {run}" in told
    starting.read(run)
    resume(run)
    assert equal(run, finished)


def test_a_full_disk_at_the_very_start_leaves_no_half_made_run(photos, tmp_path, monkeypatch):
    prepare(str(photos))
    with monkeypatch.context() as patch:
        patch.setattr("os.replace", full)
        with pytest.raises(WorkError, match="No space left"):
            train(request(photos, tmp_path / "run"))
    assert not (tmp_path / "run").exists(), "the next try would find a run folder that exists"
