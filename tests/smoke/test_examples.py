"""The worked examples, in small: everything is in its place, and what they measure comes out."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

EXAMPLES = Path(__file__).parents[2] / "examples"


def played(name: str, out: Path) -> Path:
    subprocess.run([sys.executable, EXAMPLES / f"{name}.py", out, "--small"], check=True, capture_output=True)
    return out


def test_textures_close_at_their_borders(tmp_path):
    out = played("textures", tmp_path / "out")
    seams = json.loads((out / "result.json").read_text())
    assert all(abs(value - 1) < 0.05 for value in seams.values())
    assert Image.open(out / "tiled.png").size == (512, 512) and Image.open(out / "panorama.png").size == (768, 192)


def test_stains_are_split_in_space(tmp_path):
    out = played("stains", tmp_path / "out")
    parts = {part: [int(p.stem.split("-")[1]) for p in (out / "given" / part).iterdir()] for part in ("train", "test")}
    assert max(parts["train"]) + 64 < min(parts["test"])
    config = json.loads((out / "run" / "config.json").read_text())
    assert config["data"]["test_brought"] and config["data"]["held_out"]["test"] == len(parts["test"])


@pytest.mark.skipif(importlib.util.find_spec("vizdoom") is None, reason="vizdoom is not here")
def test_scenes_are_read_by_a_segmenter(tmp_path):
    out = played("scenes", tmp_path / "out")
    result = json.loads((out / "result.json").read_text())
    assert 0 < result["agreement_on_made"] <= 1 and 0 < result["agreement_on_real"] <= 1
    assert (out / "scenes.png").exists()
