"""``gansmith lab``: names, rows, exit codes, and a page that stands alone."""

import json
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from gansmith.cli.app import run
from gansmith.lab import EXPERIMENTS, results

NAMES = ["dirac-eigenvalues", "parallel-lines"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A lab in which two experiments were played, one after the other."""
    out = tmp_path_factory.mktemp("lab") / "lab"
    for name in NAMES:
        assert run(["lab", name, "--out", str(out)]) == 0
    return out


class Parts(HTMLParser):
    """What a page is made of: elements left open, addresses it names, figures."""

    VOID = ("meta", "input", "br", "img")

    def __init__(self, page: str):
        super().__init__()
        self.open, self.addresses, self.ids, self.figures = [], [], [], 0
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.figures += tag == "figure"
        for key, value in attrs:
            if key in ("src", "href", "data", "srcset", "action", "xlink:href"):
                self.addresses.append(value)
            if key == "id":
                self.ids.append(value)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_list_names_every_experiment(capsys):
    assert run(["lab", "--list"]) == 0
    told = capsys.readouterr().out
    assert [line.split()[0] for line in told.splitlines()] == EXPERIMENTS.names
    assert run(["lab", "--list", "--json"]) == 0
    assert list(json.loads(capsys.readouterr().out)["experiments"]) == EXPERIMENTS.names


def test_json_is_alone_on_stdout(tmp_path, capsys):
    assert run(["lab", "dirac-eigenvalues", "--json", "--out", str(tmp_path)]) == 0
    told = capsys.readouterr()
    rows = json.loads(told.out)["rows"]
    assert len(rows) == 28 and all(set(row) == {"name", "theory", "measured", "error", "holds"} for row in rows)
    assert all(row["holds"] and row["error"] < 1e-6 for row in rows)
    assert str(tmp_path / "index.html") in told.err


def test_the_table_is_for_people(tmp_path, capsys):
    assert run(["lab", "vanishing-gradient", "--out", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "22026" in told and told.count("yes") == 3


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["dirac-step"], "did you mean dirac-steps?"),
        (["ring", "--minutes", "1"], "grid-25"),
        (["grid-25", "--minutes", "0"], "above 0"),
    ],
)
def test_wrong_input_is_one_line_and_exit_2(words, says, tmp_path, capsys):
    assert run(["lab", *words, "--out", str(tmp_path / "lab")]) == 2
    told = capsys.readouterr()
    assert told.out == "" and says in told.err and told.err.count("\n") == 1
    assert not (tmp_path / "lab").exists()


def test_the_page_stands_alone(folder):
    page = (folder / "index.html").read_text(encoding="utf-8")
    parts = Parts(page)
    assert parts.open == []
    assert set(parts.addresses) == {f"#{name}" for name in EXPERIMENTS.names}
    assert not re.search(r"https?://|@import|url\(", page)
    assert "default-src 'none'" in page


def test_the_page_holds_what_was_found_and_says_how_to_make_the_rest(folder):
    page = (folder / "index.html").read_text(encoding="utf-8")
    kept = {name: results.find(folder, name) for name in EXPERIMENTS.names}
    assert [name for name, found in kept.items() if found] == NAMES
    figures = [figure for found in kept.values() if found for figure in found.figures]
    assert figures and all(figure in page for figure in figures) and Parts(page).figures == len(figures)
    assert all(f"gansmith lab {name}" in page for name, found in kept.items() if not found)
    assert set(EXPERIMENTS.names) <= set(Parts(page).ids)


@pytest.mark.parametrize("words", [["lab", "--help"], ["lab", "--list"]])
def test_asking_imports_no_torch(words):
    code = (
        f"import sys\nfrom gansmith.cli.app import run\nassert run({words}) == 0\nassert 'torch' not in sys.modules\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
