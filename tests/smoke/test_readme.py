"""The README's commands run, its Python runs, and the documents' links and maps lead somewhere.

The commands are run as printed, but in small, by these rules and no others:

- ``make``, ``source`` and ``pip`` set up what this test already has, and are left out;
- ``path/to/images`` is a folder of 96 drawings;
- a budget in minutes becomes 256 images, and ``--size`` xs.
"""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from gansmith.cli.app import run

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
SET_UP = ("make", "source", "pip")
SMALL = ["--images", "256", "--size", "xs", "--threads", "1"]


def blocks(language: str, text: str = README) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands() -> list[list[str]]:
    """Every command of the console blocks, split as a shell would."""
    lines = [line for block in blocks("console") for line in block.splitlines()]
    return [shlex.split(line.removeprefix("$ "), comments=True) for line in lines if line.startswith("$ ")]


def in_small(words: list[str]) -> list[str]:
    """The same command with a small budget."""
    if words[0] != "train" or "--resume" in words:
        return words
    kept, skip = [], False
    for word in words:
        if not skip and word not in ("--minutes", "--images", "--size", "--threads"):
            kept.append(word)
        skip = word in ("--minutes", "--images", "--size", "--threads")
    return kept + SMALL


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A working folder with a few pictures in it: discs and squares of every colour."""
    home = tmp_path_factory.mktemp("readme")
    folder = home / "path" / "to" / "images"
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for index in range(96):
        picture = Image.new("RGB", (40, 40), tuple(rng.integers(0, 256, 3).tolist()))
        shape = ImageDraw.Draw(picture).ellipse if index % 2 else ImageDraw.Draw(picture).rectangle
        x, y = rng.integers(2, 14, 2).tolist()
        shape((x, y, x + 20, y + 20), fill=tuple(rng.integers(0, 256, 3).tolist()))
        picture.save(folder / f"{index:03d}.png")
    return home


@pytest.fixture
def here(place, monkeypatch) -> Path:
    monkeypatch.chdir(place)
    monkeypatch.setenv("GANSMITH_CACHE", str(place / "cache"))
    return place


def test_the_commands_run_in_order(here):
    """One story from top to bottom: what an earlier command leaves, a later one reads."""
    played = [words for words in commands() if words[0] not in SET_UP]
    assert {words[0] for words in played} == {"gansmith"}
    assert {words[1] for words in played} == {"data", "train", "sample", "translate", "doctor", "report"}
    for words in played:
        assert run(in_small(words[1:])) == 0, shlex.join(words)
    first = here / "runs" / "images-image-001"
    for name in ("config.json", "metrics.jsonl", "generator.safetensors", "report.html", "README.md", "samples"):
        assert (first / name).exists(), name
    assert len(list((first / "drawn" / "seed0").glob("0*.png"))) == 64


def test_the_python_runs(here):
    for code in blocks("python"):
        small = code.replace("minutes=5", 'images=256, size="xs", threads=1, out="from-python"')
        assert small != code
        names: dict = {}
        exec(compile(small, "README.md", "exec"), names)
        assert names["images"].dtype == np.uint8 and names["images"].shape[0] == 16


def test_every_verb_in_the_readme_exists():
    from gansmith.cli.app import VERBS

    named = set(re.findall(r"^\| `gansmith (\w+)", README, re.MULTILINE))
    assert named == set(VERBS)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document):
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8")):
        if "://" not in target and not target.startswith("#"):
            assert (document.parent / target.partition("#")[0]).exists(), f"{document.name}: {target}"


def test_paths_named_in_documents_exist():
    """Whatever a document calls `src/...`, `tests/...` or `docs/...` is there."""
    for document in DOCUMENTS:
        for path in re.findall(r"`((?:src|tests|docs|benchmarks)/[\w./-]*)`", document.read_text(encoding="utf-8")):
            assert (ROOT / path).exists(), f"{document.name}: {path}"


def test_the_map_is_the_territory():
    """ARCHITECTURE.md names every room and nothing that is not there."""
    (tree, *_) = re.findall(r"^```\n(src/gansmith/.*?)^```", (ROOT / "ARCHITECTURE.md").read_text(), re.M | re.S)
    source = ROOT / "src" / "gansmith"
    named = set(re.findall(r"\b(\w+)/", tree))
    for package in source.rglob("__init__.py"):
        if package.parent != source:
            assert package.parent.name in named, f"{package.parent} is not on the map"
    files = {path.name for path in source.rglob("*.py")} | {path.name for path in (ROOT / "docs").glob("*")}
    for name in re.findall(r"\b(\w+\.(?:py|md))\b", tree.replace("README.md", "")):
        assert name in files, f"{name} is on the map and nowhere else"
