"""docs/metrics.md names every metric and extractor, and its code runs."""

import re
from pathlib import Path

import pytest

from gansmith.metrics import METRICS
from gansmith.networks.extractors import EXTRACTORS

TEXT = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", METRICS.names)
def test_every_score_has_a_row_with_its_direction(name):
    words = {"lower": "lower", "higher": "higher", "real": "as real|near 1"}
    for score, better in METRICS.get(name).better.items():
        if score in ("usefulness-real", "usefulness-both"):
            assert f"`{score}`" in TEXT
        else:
            assert re.search(rf"^\| `{score}(/CLASS)?` \| ({words[better]}) \|", TEXT, re.M), score


@pytest.mark.parametrize("name", EXTRACTORS.names)
def test_every_extractor_has_a_row(name):
    assert re.search(rf"^\| `{name}(:MODEL)?` \|", TEXT, re.M)


def test_the_code_runs(capsys):
    (code,) = re.findall(r"^```python\n(.*?)^```", TEXT, re.M | re.S)
    exec(compile(code, "metrics.md", "exec"), {})
    value, low, high, spectrum = map(float, capsys.readouterr().out.split())
    assert low < value < high and spectrum >= 0
