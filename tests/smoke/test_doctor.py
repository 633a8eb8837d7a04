"""``gansmith doctor`` on runs and on pictures of other generators: what it names, and what it refuses."""

import json
from pathlib import Path

import numpy as np
import pytest

from gansmith.cli.app import run as command
from gansmith.recipes.training import Request, train
from real_pictures import save_tiles, tiles

TINY = {"generator_width": 4, "critic_width": 4, "batch": 8}
QUICK = ("--extractor", "pixels@4")


@pytest.fixture(autouse=True)
def elsewhere(shared_cache, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """Two classes of real pictures."""
    folder = tmp_path_factory.mktemp("pictures") / "real"
    for name, picture in (("cat", "chelsea"), ("coffee", "coffee")):
        save_tiles(folder / name, tiles(200, picture=picture))
    return folder


@pytest.fixture
def run(photos, tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr("gansmith.engine.pace.measure_pace", lambda trainer, seconds: 1000.0)
    out = tmp_path / "run"
    train(Request(data=str(photos), out=out, images=480, score=False, threads=1, overrides=TINY))
    return out


def told(capsys, *words) -> dict:
    assert command(["doctor", *map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def refused(capsys, *words) -> str:
    assert command(["doctor", *map(str, words)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    return said.err.strip().splitlines()[-1]


def drawn(path: Path, images: np.ndarray) -> Path:
    np.savez(path, images=images)
    return path


def real(count: int = 300) -> np.ndarray:
    """New pictures like the data's: half of each kind, which no file of the data holds."""
    mine = [*tiles(200 + count // 2, picture="chelsea")[200:], *tiles(200 + count // 2, picture="coffee")[200:]]
    return np.stack(mine)


def symptoms(told: dict) -> list[str]:
    return [finding["symptom"] for finding in told["findings"] if finding["severity"] == "act"]


def test_a_run_is_examined_by_what_it_wrote(run, capsys):
    seen = told(capsys, run)
    assert set(seen) == {"healthy", "findings", "unjudged"}
    first = next(finding for finding in seen["findings"] if finding["symptom"] == "too-few-images")
    assert set(first) >= {"symptom", "severity", "confidence", "evidence", "advice", "flag", "images"}
    assert seen["healthy"] == (not symptoms(seen)) and "divergence" in seen["unjudged"]
    assert command(["doctor", str(run)]) == 0
    page = capsys.readouterr().out
    assert "too few images" in page and "could not be judged" in page and "divergence" in page
    assert command(["doctor", str(run), "--strict"]) == int(not seen["healthy"])


def test_what_was_found_stands_in_the_run_and_on_its_page(run):
    rows = [json.loads(line) for line in (run / "diagnosis.jsonl").read_text().splitlines()]
    assert "too-few-images" in {row["symptom"] for row in rows}
    assert "too few images" in (run / "report.html").read_text()


def test_a_run_that_is_still_written_is_read_as_far_as_it_is(run, capsys):
    lines = (run / "metrics.jsonl").read_text().splitlines()
    (run / "metrics.jsonl").write_text("\n".join(lines[: len(lines) // 2]) + '\n{"kind": "pro')
    assert "findings" in told(capsys, run)
    (run / "metrics.jsonl").write_text("")
    assert "no row yet" in refused(capsys, run)


def test_good_pictures_of_another_generator_are_not_accused(data, tmp_path, capsys):
    seen = told(capsys, drawn(tmp_path / "new.npz", real()), "--against", data, *QUICK)
    assert symptoms(seen) == []
    assert "critic-overfit" in seen["unjudged"] and "copying" not in seen["unjudged"]


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("mode-collapse", lambda x: np.repeat(x[:1], len(x), 0)),
        ("partial-collapse", lambda x: x[np.arange(len(x)) % 12]),
        ("wrong-range", lambda x: (x // 3 + 90).astype(np.uint8)),
        ("channel-order", lambda x: np.ascontiguousarray(x[..., ::-1])),
        ("dropped-classes", lambda x: x[: len(x) // 2]),
    ],
)
def test_what_is_wrong_with_pictures_is_named(name, spoil, data, tmp_path, capsys):
    seen = told(capsys, drawn(tmp_path / "bad.npz", spoil(real())), "--against", data, *QUICK)
    assert symptoms(seen)[0] == name


def test_copies_are_named(data, tmp_path, capsys):
    copies = np.stack([*tiles(100, picture="chelsea"), *tiles(100, picture="coffee")])
    assert symptoms(told(capsys, drawn(tmp_path / "c.npz", copies), "--against", data, *QUICK)) == ["copying"]


def test_wrong_input_is_refused_in_one_line(run, data, tmp_path, capsys):
    few, small = drawn(tmp_path / "few.npz", real(20)[:3]), drawn(tmp_path / "grey.npz", real(100)[..., :1])
    assert "3 pictures" in refused(capsys, few, "--against", data, *QUICK)
    assert "28x28x1" in refused(capsys, small, "--against", data, *QUICK)
    assert "--against" in refused(capsys, few)
    assert "leave --against out" in refused(capsys, run, "--against", data)
    assert "is not there" in refused(capsys, tmp_path / "nowhere")
