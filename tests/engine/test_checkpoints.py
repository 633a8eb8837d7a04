"""Checkpoints are whole or absent: torn, hostile and foreign ones are passed over, a full disk costs nothing."""

import errno
import hashlib
import json
import os
import pickle
import shutil
import signal
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny_trainer import play, same, trainer_of

from gansmith.core.errors import InputError, WorkError
from gansmith.core.turns import Step
from gansmith.engine import checkpoints
from gansmith.engine.observers.log import Log
from gansmith.engine.observers.saver import Saver
from gansmith.engine.trainer import NonFinite, Trainer

TENSORS, NUMBERS = "state.safetensors", "state.json"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def read(folder: Path) -> tuple[dict, dict, list[str]]:
    """What take_latest hands over, and what it passed over."""
    found = {}
    refused = checkpoints.take_latest(folder, lambda tensors, numbers: found.update(tensors=tensors, numbers=numbers))
    return found["tensors"], found["numbers"], refused


def filled(folder: Path, *steps: int) -> Path:
    for step in steps:
        checkpoints.save(folder, {"x": torch.full((1000,), float(step))}, {"step": step})
    return folder


# --- writing and reading


def test_what_is_written_is_read(tmp_path):
    tensors = {
        "picture": torch.randn(2, 3, 4, 4).to(memory_format=torch.channels_last),
        "scalar": torch.tensor(0.1),
        "count": torch.tensor(7),
        "none": torch.empty(0),
        "weight": torch.nn.Parameter(torch.randn(3)),
    }
    checkpoints.save(tmp_path, tensors, {"step": 3, "observers": {"log": {"bytes": 5}}})
    found, numbers, refused = read(tmp_path)
    assert refused == [] and numbers["step"] == 3 and numbers["observers"] == {"log": {"bytes": 5}}
    assert found.keys() == tensors.keys()
    assert all(torch.equal(found[name], tensors[name]) and found[name].dtype == tensors[name].dtype for name in tensors)


def test_the_last_ones_are_kept(tmp_path):
    filled(tmp_path, 1, 2, 10, 100, 1000)
    assert names(tmp_path) == ["step-000000100", "step-000001000"]
    checkpoints.save(tmp_path, {"x": torch.zeros(1)}, {"step": 1001}, keep=3)
    assert len(names(tmp_path)) == 3


def test_the_same_step_may_be_written_again(tmp_path):
    filled(tmp_path, 1, 2)
    checkpoints.save(tmp_path, {"x": torch.tensor([5.0])}, {"step": 2})
    assert read(tmp_path)[0]["x"].item() == 5 and len(names(tmp_path)) == 2


def test_no_file_is_a_pickle(tmp_path):
    path = checkpoints.save(tmp_path, *play(trainer_of(), 1).state())
    assert names(path) == [NUMBERS, TENSORS]
    json.loads((path / NUMBERS).read_text())
    load_file(path / TENSORS)


# --- torn, hostile, foreign


class Hostile:
    """Unpickling this would make a folder."""

    def __reduce__(self):
        return (os.mkdir, ("trapped",))


def resigned(path: Path, tensors: dict | None = None, **changes) -> None:
    """Change a checkpoint and make its checksum right again."""
    if tensors is not None:
        save_file(tensors, path / TENSORS)
    numbers = json.loads((path / NUMBERS).read_text()) | changes
    numbers = {key: value for key, value in numbers.items() if value is not None}
    numbers["sha256"] = hashlib.sha256((path / TENSORS).read_bytes()).hexdigest()
    (path / NUMBERS).write_text(json.dumps(numbers))


def tensors_of(path: Path) -> dict[str, torch.Tensor]:
    return load_file(path / TENSORS)


def truncate(path: Path) -> None:
    os.truncate(path / TENSORS, (path / TENSORS).stat().st_size // 2)


def flip_a_byte(path: Path) -> None:
    content = bytearray((path / TENSORS).read_bytes())
    content[-100] ^= 1
    (path / TENSORS).write_bytes(content)


def replace_by_a_file(path: Path) -> None:
    shutil.rmtree(path)
    path.write_bytes(pickle.dumps(Hostile()))


def pickle_for_tensors(path: Path) -> None:
    (path / TENSORS).write_bytes(pickle.dumps(Hostile()))
    resigned(path)


def pickle_for_everything(path: Path) -> None:
    for name in (TENSORS, NUMBERS):
        (path / name).write_bytes(pickle.dumps(Hostile()))


def another_games_shapes(path: Path) -> None:
    resigned(path, {name: value.contiguous() for name, value in trainer_of(critic_width=16).state()[0].items()})


def another_shape_of_a_moment(path: Path) -> None:
    name = "optimisers.critic.0.exp_avg"
    resigned(path, tensors_of(path) | {name: torch.zeros(2, 2)})


def a_moment_of_no_parameter(path: Path) -> None:
    resigned(path, tensors_of(path) | {"optimisers.critic.1000.exp_avg": torch.zeros(1)})


def without(prefix: str):
    def change(path: Path) -> None:
        resigned(path, {k: v for k, v in tensors_of(path).items() if not k.startswith(prefix)})

    return change


def a_weight_that_is_nan(path: Path) -> None:
    tensors = tensors_of(path)
    name = next(name for name in tensors if name.startswith("players.critic"))
    resigned(path, tensors | {name: torch.full_like(tensors[name], torch.nan)})


DAMAGE = {
    "truncated": truncate,
    "a-byte-flipped": flip_a_byte,
    "no-numbers": lambda path: (path / NUMBERS).unlink(),
    "no-tensors": lambda path: (path / TENSORS).unlink(),
    "empty-tensors": lambda path: (path / TENSORS).write_bytes(b""),
    "torn-numbers": lambda path: os.truncate(path / NUMBERS, 20),
    "a-list-of-numbers": lambda path: (path / NUMBERS).write_text("[1, 2]"),
    "bytes-for-numbers": lambda path: (path / NUMBERS).write_bytes(b"\xff\xfe\x00"),
    "an-empty-folder": lambda path: [file.unlink() for file in path.iterdir()],
    "a-file-for-a-folder": replace_by_a_file,
    "a-pickle-for-tensors": pickle_for_tensors,
    "pickles": pickle_for_everything,
    "another-games-shapes": another_games_shapes,
    "another-shape-of-a-moment": another_shape_of_a_moment,
    "a-moment-of-no-parameter": a_moment_of_no_parameter,
    "no-moments": without("optimisers.critic."),
    "half-the-moments": without("optimisers.generator.1.exp_avg_sq"),
    "no-average": without("average."),
    "nan": a_weight_that_is_nan,
    "no-step": lambda path: resigned(path, step=None),
    "text-for-a-step": lambda path: resigned(path, step="many"),
    "a-step-before-the-first": lambda path: resigned(path, step=-3),
    "a-step-beyond-the-last": lambda path: resigned(path, step=10**9),
}


@pytest.fixture(scope="module")
def two(tmp_path_factory) -> Path:
    """Two checkpoints of one run."""
    folder = tmp_path_factory.mktemp("run") / "checkpoints"
    trainer = trainer_of()
    for _ in range(2):
        checkpoints.save(folder, *play(trainer, 1).state())
    return folder


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_checkpoint_is_passed_over_for_the_one_before_and_said(damage, two, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = Path(shutil.copytree(two, tmp_path / "checkpoints"))
    DAMAGE[damage](folder / "step-000000002")
    trainer = trainer_of()
    (refused,) = checkpoints.take_latest(folder, trainer.load_state)
    assert refused.startswith("step-000000002 (") and "\n" not in refused
    assert not (tmp_path / "trapped").exists(), "code was run"
    assert trainer.index == 1 and same(trainer, play(trainer_of(), 1))
    assert same(play(trainer, 2), play(trainer_of(), 3))


def test_without_a_usable_checkpoint_it_is_wrong_input(two, tmp_path):
    folder = Path(shutil.copytree(two, tmp_path / "checkpoints"))
    for path in folder.iterdir():
        flip_a_byte(path)
    with pytest.raises(InputError, match=r"step-000000002 .*step-000000001 .*train again") as error:
        checkpoints.take_latest(folder, trainer_of().load_state)
    assert "\n" not in str(error.value)
    with pytest.raises(InputError, match="there is none"):
        checkpoints.take_latest(tmp_path / "nowhere", trainer_of().load_state)


def test_torn_ones_do_not_take_the_place_of_good_ones(tmp_path):
    """After going on from step 2, the torn step 9 is dropped with the first new checkpoint, and two good ones stay."""
    filled(tmp_path, 2, 9)
    truncate(tmp_path / "step-000000009")
    assert read(tmp_path)[1]["step"] == 2
    filled(tmp_path, 4)
    assert names(tmp_path) == ["step-000000002", "step-000000004"]


# --- a full disk, a kill


STAGES = {
    "making-the-folder": ("pathlib.Path.mkdir", lambda *_, **__: None),
    "tensors": ("gansmith.engine.checkpoints.save_file", lambda tensors, path: path.write_bytes(b"half")),
    "numbers": ("pathlib.Path.write_text", lambda path, *_, **__: path.write_bytes(b'{"st')),
    "flushing": ("os.fsync", lambda *_: None),
    "renaming": ("os.replace", lambda *_: None),
}


@pytest.mark.parametrize("stage", STAGES)
def test_a_full_disk_leaves_the_checkpoints_before(stage, tmp_path, monkeypatch):
    filled(tmp_path, 1, 2)
    place, half_done = STAGES[stage]

    def full(*arguments, **named):
        half_done(*arguments, **named)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for step in (3, 2):  # a new one, and one that is written again
        with monkeypatch.context() as patch:
            patch.setattr(place, full)
            with pytest.raises(WorkError, match=r"No space left.*free some space"):
                filled(tmp_path, step)
        assert names(tmp_path) == ["step-000000001", "step-000000002"], "something half written was left"
        assert read(tmp_path)[1]["step"] == 2 and read(tmp_path)[2] == []
    filled(tmp_path, 3)
    assert read(tmp_path)[1]["step"] == 3


@pytest.mark.parametrize("again", [False, True], ids=["a-new-one", "the-same-step"])
@pytest.mark.parametrize("stage", ["tensors", "numbers", "flushing", "renaming", "before-dropping"])
def test_a_kill_at_any_stage_leaves_whole_checkpoints(stage, again, tmp_path, monkeypatch):
    """In a child process that is killed, as kill -9 would, at that stage of saving the only or the second one."""
    filled(tmp_path, 1)
    child = os.fork()
    if child == 0:
        place, half_done = STAGES.get(stage, ("shutil.rmtree", lambda *_, **__: None))
        calls = []

        def killed(*arguments, **named):
            calls.append(arguments)
            if stage == "before-dropping" and not (tmp_path / f"step-{1 if again else 2:09d}").exists():
                return
            half_done(*arguments, **named)
            os.kill(os.getpid(), signal.SIGKILL)

        try:
            monkeypatch.setattr(place, killed)
            filled(tmp_path, 1 if again else 2)
        finally:
            os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1]) or stage == "before-dropping"
    found, numbers, refused = read(tmp_path)
    assert refused == [] and numbers["step"] in (1, 2) and found["x"][0] == numbers["step"]
    filled(tmp_path, 3, 4)
    assert names(tmp_path) == ["step-000000003", "step-000000004"], "what the killed process began was not cleared away"


# --- the saver and the log


class Clock:
    """Stands for time.perf_counter."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_saver_saves_by_the_clock_and_once_at_the_end(tmp_path, monkeypatch):
    clock = Clock()
    monkeypatch.setattr("gansmith.engine.observers.saver.time.perf_counter", clock)
    saver = Saver(tmp_path, {}, every_seconds=20)
    trainer = trainer_of(steps=8)
    written = []
    monkeypatch.setattr(checkpoints, "save", lambda folder, tensors, numbers: written.append(numbers["step"]))
    saver.on_start(trainer)
    for _ in range(8):
        clock.now += 6
        saver.after_step(trainer, trainer.play())
    saver.on_end(trainer)
    assert written == [1, 5, 8], "the first soon, then every twenty seconds, then the last"
    saver.on_end(trainer)
    assert written == [1, 5, 8], "the last state was written twice"


def test_a_state_that_is_not_finite_is_never_saved(tmp_path):
    trainer = play(trainer_of(), 1)
    saver = Saver(tmp_path, {})
    saver.on_start(trainer)
    saver.save(trainer)
    play(trainer, 1)
    with torch.no_grad():
        next(trainer.game.players["critic"].parameters())[0, 0, 0, 0] = torch.inf
    with pytest.raises(NonFinite, match="critic"):
        saver.save(trainer)
    assert read(tmp_path)[1]["step"] == 1 and len(names(tmp_path)) == 1


def logged(log: Log, trainer: Trainer, steps: int) -> None:
    log.on_start(trainer)
    for _ in range(steps):
        log.after_step(trainer, trainer.play())


def test_rows_after_the_checkpoint_are_cut_off_and_written_again(tmp_path):
    path = tmp_path / "metrics.jsonl"
    trainer, log = trainer_of(), Log(path, every_images=8)
    logged(log, trainer, 2)
    state, content = log.state(), path.read_bytes()
    assert [json.loads(line)["step"] for line in content.splitlines()] == [1, 2]
    logged(log, trainer, 2)
    with open(path, "a") as handle:
        handle.write('{"kind": "train", "ima')  # torn by a kill
    fresh = Log(path, every_images=8)
    fresh.load_state(state)
    assert path.read_bytes() == content and fresh.seconds == pytest.approx(state["seconds"])
    path.unlink()
    fresh.load_state(state)  # a file that is gone is no reason to stop


def test_a_row_says_what_the_step_was(tmp_path):
    path = tmp_path / "metrics.jsonl"
    trainer, log = trainer_of(), Log(path, every_images=16)
    logged(log, trainer, 4)
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert [row["images"] for row in rows] == [16, 32] and {row["kind"] for row in rows} == {"train"}
    assert "penalty" in rows[0]  # due in step 0; a row without a due step has none
    for row in rows:
        assert {"critic_loss", "generator_loss", "real_logit", "fake_logit"} <= row.keys()
        assert row["critic_gradient"] > 0 and row["generator_gradient"] > 0
        assert 0 <= row["wait_share"] <= 1 and row["images_per_second"] > 0 and row["rate"] > 0


def test_signals_hold_no_graph(tmp_path):
    step: Step = play(trainer_of(), 1).play()
    log = Log(tmp_path / "metrics.jsonl", every_images=10**9)
    trainer = trainer_of()
    log.on_start(trainer)
    log.after_step(trainer, step)
    assert not any(total.requires_grad for total in log._sums.values())
