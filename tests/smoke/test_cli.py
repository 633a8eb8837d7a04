"""The command line's promises: exit codes, one line of complaint, one JSON object, files where they are said to be."""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gansmith.cli import progress as live
from gansmith.cli.app import VERBS, run
from gansmith.core.errors import InputError, Interrupted, WorkError
from gansmith.networks import create_generator
from gansmith.networks.pretrained import Generator, save_generator
from gansmith.recipes import training

CLASSES = ["cats", "dogs"]


@dataclass
class Ended:
    """Stands for what a training returns."""

    run: Path
    images_seen: int = 640
    seconds: float = 12.0
    score: dict = field(default_factory=lambda: {"leads": "fd", "bad": float("nan")})
    findings: list = field(default_factory=list)


@pytest.fixture
def folder(tmp_path) -> Path:
    """A run folder with a generator that has learned nothing, which is enough to draw."""
    arguments = {"resolution": (32, 32), "channels": 3, "classes": len(CLASSES), "latent": 8, "width": 8}
    description = {"family": "strided", "arguments": arguments, "classes": CLASSES, "frequencies": [0.5, 0.5]}
    path = tmp_path / "run"
    path.mkdir()
    save_generator(path / "generator.safetensors", create_generator("strided", **arguments), description)
    (path / "config.json").write_text(json.dumps({"format": 1, "source": "avatars"}))
    return path


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """Catches what the command line asks of training, in place of training."""
    seen: dict = {}
    (tmp_path / "config.json").write_text('{"format": 1, "source": "avatars"}')

    def train(request, *, progress):
        print("a library that talks")
        progress.start("training", 640)
        progress.advance(320, "53 images/s")
        seen["request"] = request
        return Ended(tmp_path)

    def resume(path, data, *, progress):
        seen.update(resume=path, data=data)
        return Ended(tmp_path)

    monkeypatch.setattr(training, "train", train)
    monkeypatch.setattr(training, "resume", resume)
    return seen


def complaint(capsys) -> str:
    """The one line on stderr; stdout is empty."""
    told = capsys.readouterr()
    assert told.out == ""
    lines = told.err.strip().splitlines()
    assert len(lines) == 1, told.err
    return lines[0]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["tran"], 'Did you mean "train"?'),
        (["train", "--minuts", "3"], "Did you mean --minutes?"),
        (["train", "x", "--size", "xx"], "xs"),
        (["train", "x", "--minutes", "-1"], "above 0"),
        (["train", "x", "--minutes", "nan"], "above 0"),
        (["train", "x", "--images", "many"], "300k"),
        (["train", "x", "--batch", "eight"], "eight"),
        (["train", "--resume", "r", "--batch", "8"], "--batch has no place"),
        (["train", "--resume", "r", "--no-labels"], "--no-labels has no place"),
        (["train", "--resume", "r", "--from", "x"], "--from has no place"),
        (["train", "x", "--recipe", "imgae"], "no recipe is named"),
        (["train", "x", "--preset", "clasic"], "did you mean classic?"),
        (["sample"], "RUN"),
        (["sample", "r", "--truncation", "2"], "between 0 and 1"),
        (["sample", "/no/such/run"], "no run folder"),
        (["report", "/no/such/run"], "not a run folder"),
    ],
)
def test_wrong_input_is_one_line_and_exit_2(words, says, capsys):
    assert run(words) == 2
    assert says in complaint(capsys)


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (InputError("no such folder;\n name another"), 2, "no such folder; name another"),
        (WorkError("the disk is full"), 1, "the disk is full"),
        (Interrupted("saved; go on with: gansmith train --resume r"), 130, "--resume r"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (RuntimeError("odd"), 1, "GANSMITH_DEBUG=1"),
    ],
)
def test_each_ending_has_its_exit_code(error, code, says, capsys, monkeypatch):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(training, "train", fail)
    assert run(["train", "x"]) == code
    assert says in complaint(capsys)


def test_debug_shows_the_traceback(capsys, monkeypatch):
    monkeypatch.setenv("GANSMITH_DEBUG", "1")
    assert run(["report", "/no/such/run"]) == 2
    assert "Traceback" in capsys.readouterr().err


def test_train_asks_for_what_was_typed(asked):
    words = "train pictures --minutes 2.5 --size xs --no-labels --from old --alpha keep --seed 7 --out new --no-score"
    assert run(words.split()) == 0
    request = asked["request"]
    assert (request.data, request.minutes, request.size, request.labels) == ("pictures", 2.5, "xs", False)
    assert (request.start, request.alpha, request.seed, request.out) == (Path("old"), "keep", 7, Path("new"))
    assert request.score is False and request.images is None and request.mirror is None


@pytest.mark.parametrize(("text", "count"), [("300k", 300_000), ("2M", 2_000_000), ("1_000", 1_000), ("0.5k", 500)])
def test_image_counts_may_be_short(asked, text, count):
    assert run(["train", "x", "--images", text]) == 0
    assert asked["request"].images == count


def test_train_without_data_takes_the_avatars(asked, capsys):
    assert run(["train"]) == 0
    assert asked["request"].data == "avatars"
    assert "avatars" in capsys.readouterr().err


def test_resume_passes_the_run_and_where_the_data_went(asked):
    assert run(["train", "moved", "--resume", "r"]) == 0
    assert (asked["resume"], asked["data"]) == (Path("r"), "moved")


def test_json_is_alone_on_stdout(asked, capsys, tmp_path):
    assert run(["train", "x", "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out) == {
        "run": str(tmp_path),
        "images_seen": 640,
        "seconds": 12.0,
        "score": {"leads": "fd", "bad": None},
        "findings": [],
    }
    assert "a library that talks" in told.err


def test_the_end_says_where_things_are_and_what_comes_next(asked, capsys, tmp_path):
    assert run(["train", "x"]) == 0
    told = capsys.readouterr().err
    for said in (str(tmp_path / "report.html"), f"gansmith sample {tmp_path}", "gansmith train avatars --from"):
        assert said in told


def test_sample_writes_files_a_grid_and_an_array(folder, capsys):
    assert run(["sample", str(folder), "-n", "5", "--npz", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    home = folder / "drawn" / "seed0"
    assert told["out"] == str(home) and len(told["files"]) == 5
    images = np.load(home / "samples.npz")["images"]
    assert images.shape == (5, 32, 32, 3) and images.dtype == np.uint8
    assert np.array_equal(np.asarray(Image.open(home / "00003.png")), images[3])
    assert Image.open(home / "grid.png").size == (3 * 33 - 1, 2 * 33 - 1)


def test_sample_draws_the_same_as_python_does(folder):
    assert (
        run(["sample", str(folder), "-n", "3", "--seed", "4", "--label", "dogs", "--truncation", "0.5", "--npz"]) == 0
    )
    drawn = np.load(folder / "drawn" / "seed4-dogs-t0.5" / "samples.npz")["images"]
    same = Generator.from_pretrained(folder).sample(3, seed=4, label="dogs", truncation=0.5)
    assert np.array_equal(drawn, same)


def test_sample_replaces_nothing_unasked(folder, capsys):
    assert run(["sample", str(folder), "-n", "4"]) == 0
    assert run(["sample", str(folder), "-n", "2"]) == 2
    assert "--overwrite" in capsys.readouterr().err
    mine = folder / "drawn" / "seed0" / "notes.txt"
    mine.write_text("mine")
    assert run(["sample", str(folder), "-n", "2", "--overwrite"]) == 0
    assert sorted(path.name for path in mine.parent.iterdir()) == ["00000.png", "00001.png", "grid.png", "notes.txt"]


def test_an_unknown_class_has_a_neighbour(folder, capsys):
    assert run(["sample", str(folder), "--label", "dgos"]) == 2
    assert "did you mean dogs?" in capsys.readouterr().err
    assert not (folder / "drawn").exists()


def test_report_writes_the_page_and_the_card(folder):
    assert run(["report", str(folder)]) == 0
    assert (folder / "report.html").is_file() and (folder / "README.md").is_file()


def test_plain_progress_is_sparse(capsys, monkeypatch):
    """Away from a terminal: the title, a line every ten seconds, the end."""
    now = [0.0]
    monkeypatch.setattr(live.time, "monotonic", lambda: now[0])
    with live.LiveProgress() as bar:
        bar.start("training", 100)
        for done in range(1, 31):
            now[0] = float(done)
            bar.advance(done, "1 images/s")
        bar.message("the disk is nearly full")
        bar.finish()
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "training",
        "training, 10%, 1:30 left, 0:10 spent, 1 images/s",
        "training, 20%, 1:20 left, 0:20 spent, 1 images/s",
        "training, 30%, 1:10 left, 0:30 spent, 1 images/s",
        "the disk is nearly full",
    ]


def test_the_terminal_bar_lives_and_ends(monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with live.LiveProgress() as bar:
        bar.message("[bold]not markup[/]")
        bar.start("training", 10)
        bar.advance(5, "FD 300")
        bar.start("another", None)
        bar.advance(1)


def test_the_installed_command_answers():
    told = subprocess.run([sys.executable, "-m", "gansmith", "--help"], capture_output=True, text=True, check=True)
    assert all(verb in told.stdout for verb in VERBS)
    wrong = subprocess.run([sys.executable, "-m", "gansmith", "train", "--sise", "s"], capture_output=True, text=True)
    assert wrong.returncode == 2 and wrong.stdout == "" and wrong.stderr.count("\n") == 1
