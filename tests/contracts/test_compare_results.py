"""The comparison's numbers, its rows and its page: right on synthetic runs, and in agreement with scipy."""

import json
import math
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from gansmith.cli.app import run as command
from gansmith.core.errors import InputError
from gansmith.metrics.interval import Estimate
from gansmith.networks import create_generator
from gansmith.networks.pretrained import save_generator
from gansmith.recipes.comparing import intervals
from gansmith.recipes.comparing.comparison import compare_runs
from gansmith.report.comparison_charts import Dots, Scale, Trace, apart, dot_plot, mean_of, traces

HOSTILE = '"><script>alert(1)</script>'
FD = {"modern": (200.0, 210.0, 220.0), "wgan-gp": (260.0, 275.0, 284.0), "vae": (205.0, 190.0, 240.0)}
SPREADS = ([3.0, 5.0], [1.0, 2.0, 4.0], [10.0, 10.5, 9.0, 11.0, 10.2], list(range(40)))


@pytest.mark.parametrize("df", [1, 2, 3, 4, 5, 6, 7, 11, 26, 27, 200])
@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
def test_students_distribution_agrees_with_scipy(df, level):
    stats = pytest.importorskip("scipy.stats")
    assert intervals.t_reach(df, level) == pytest.approx(stats.t.ppf((1 + level) / 2, df), rel=1e-9)


@pytest.mark.parametrize("values", SPREADS)
def test_the_interval_of_a_mean_agrees_with_scipy(values):
    stats = pytest.importorskip("scipy.stats")
    found = intervals.of_mean(values)
    low, high = stats.t.interval(0.95, len(values) - 1, np.mean(values), stats.sem(values))
    assert (found.value, found.low, found.high) == pytest.approx((np.mean(values), low, high))


def test_the_interval_of_paired_differences_agrees_with_scipy():
    stats = pytest.importorskip("scipy.stats")
    ours, theirs = {0: 5.0, 1: 7.5, 2: 6.1, 9: 100.0}, {0: 4.0, 1: 7.0, 2: 4.9, 3: -50.0}
    expected = stats.ttest_rel([5.0, 7.5, 6.1], [4.0, 7.0, 4.9]).confidence_interval(0.95)
    found = intervals.of_paired(ours, theirs)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_the_interval_of_two_groups_is_welchs_on_the_safe_side():
    stats = pytest.importorskip("scipy.stats")
    ours, theirs = [5.0, 7.5, 6.1, 6.6], [4.0, 4.4, 4.1]
    exact = stats.ttest_ind(ours, theirs, equal_var=False).confidence_interval(0.95)
    found = intervals.of_groups(ours, theirs)
    assert (
        found.low <= exact.low and exact.high <= found.high and found.high - found.low < 1.3 * (exact.high - exact.low)
    )


def test_two_single_runs_differ_by_the_errors_of_their_scores():
    ours, theirs = Estimate.normal(50.0, 3.0), Estimate.normal(40.0, 4.0)
    found = intervals.of_two_scores(intervals.of_score(50.0, ours.high), intervals.of_score(40.0, theirs.high))
    assert found.value == 10.0 and found.error == pytest.approx(5.0)


def choices(preset: str | None, seed: int, asked_for: tuple[str, ...], **own) -> dict:
    chosen = {"network": "strided", "latent": 8, "rate": [1e-3, 3e-5], "images": 1_000, "seed": seed, "threads": 1}
    chosen |= {"labels": False, "objective": preset} | own
    said = {True: "asked for", False: "by something"}
    return {name: {"value": value, "reason": said[name in asked_for]} for name, value in chosen.items()}


def fabricate(
    run: Path,
    preset: str | None,
    seed: int,
    fd: float | None,
    *,
    fingerprint: str = "f00d",
    n: int = 500,
    asked_for: tuple[str, ...] = ("rate", "augment"),
    **own,
) -> Path:
    """A finished run folder, without training; one that became NaN where it has no fd."""
    run.mkdir(parents=True)
    config = {
        "format": 1, "recipe": "image", "preset": preset, "source": "shoes", "fingerprint": fingerprint,
        "choices": choices(preset, seed, asked_for, **own),
        "data": {"resolution": [28, 28], "channels": 1, "train": 4_000, "held_out": {"choose": 200, "test": 1_500}},
    }  # fmt: skip
    (run / "config.json").write_text(json.dumps(config))
    if fd is None:
        (run / "metrics.jsonl").write_text(json.dumps({"kind": "score", "images": 300, "seconds": 1.0, "fd": 400.0}))
        (run / "diagnosis.jsonl").write_text(json.dumps({"symptom": "nan", "severity": "act"}) + "\n")
        return run
    images = config["choices"]["images"]["value"]
    common = {"extractor": "lite0", "checksum": "c0ffee", "resize": "r", "n": n, "n_real": 1_500, "split": "test"}
    metrics = {
        "fd": {"value": fd, "low": fd - 10, "high": fd + 10}, "kid": {"value": fd / 1e4, "low": 0.0, "high": fd / 5e3},
        "precision": {"value": 0.6}, "recall": {"value": 0.4},
    }  # fmt: skip
    scored = [{"kind": "score", "images": at, "seconds": 1.0, "fd": fd * 900 / at} for at in (300, 600, images)]
    floor = {"fd": {"value": 30.0}, "kid": {"value": 1e-4}}
    final = {"kind": "final", "images": images, "seconds": 60.0, "leads": "fd", "uncertain": False, "floor": floor}
    final["metrics"] = {key: metric | common for key, metric in metrics.items()}
    (run / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in (*scored, final)))
    return run


@pytest.fixture
def runs(tmp_path) -> list[Path]:
    """Three methods, three seeds each."""
    every = [(name, seed, fd) for name, values in FD.items() for seed, fd in enumerate(values)]
    return [fabricate(tmp_path / f"{name}-{seed}", name, seed, fd) for name, seed, fd in every]


class Page(HTMLParser):
    """A page's tags, and the text of each table cell by the heading that it stands under."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.rows: list[dict[str, str]] = []
        self.within: str | None = None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append({})
        if tag == "td":
            self.within = dict(attrs)["data-head"]
            self.rows[-1][self.within] = ""

    def handle_endtag(self, tag):
        self.within = None if tag == "td" else self.within

    def handle_data(self, data):
        if self.within is not None:
            self.rows[-1][self.within] += f" {data}"


def cells(page: str) -> dict[str, list[str]]:
    """The table of scores: method -> the words of its FD cell."""
    return {
        row["method"].strip(): row["FD-lite0"].split() for row in Page(page).rows if "FD-lite0" in row and "runs" in row
    }


def test_the_numbers_are_those_of_the_runs(runs, tmp_path):
    stats = pytest.importorskip("scipy.stats")
    found = compare_runs(runs, tmp_path / "out").results
    assert list(found["metrics"]["fd"]) == list(FD) and found["leads"] == "fd" and found["floor"]["fd"] == 30.0
    for name, values in FD.items():
        cell = found["metrics"]["fd"][name]
        low, high = stats.t.interval(0.95, 2, np.mean(values), stats.sem(values))
        assert (cell["value"], cell["low"], cell["high"]) == pytest.approx((np.mean(values), max(0, low), high))
        assert cell["runs"] == 3 and cell["interval"] == "seeds"
    for name in ("wgan-gp", "vae"):
        (each,) = (d for d in found["differences"] if d["method"] == name and d["metric"] == "fd")
        exact = stats.ttest_rel(FD[name], FD["modern"]).confidence_interval(0.95)
        assert (each["low"], each["high"]) == pytest.approx((exact.low, exact.high))
        assert each["against"] == "modern" and each["how"] == "paired by seed"
    assert [run["seed"] for run in found["runs"]] == [0, 1, 2] * 3
    assert "worse than modern: wgan-gp by 63.0" in found["verdict"]
    assert "not to be told apart from modern: vae" in found["verdict"] and "10 %" in found["verdict"]


def test_the_page_stands_alone_and_its_table_is_right(runs, tmp_path):
    comparison = compare_runs(runs, tmp_path / "out")
    page = (tmp_path / "out" / "comparison.html").read_text()
    assert "http:" not in page and "https:" not in page and "url(" not in page and "@import" not in page
    for tag, attributes in Page(page).tags:
        assert all(attributes.get(name, "data:").startswith(("data:", "#")) for name in ("src", "href")), (
            tag,
            attributes,
        )
    for name, (value, *between) in cells(page).items():
        if name != "real against real":
            cell = comparison.results["metrics"]["fd"][name]
            assert float(value) == pytest.approx(cell["value"], abs=0.51)
            assert [float(between[0]), float(between[2])] == pytest.approx([cell["low"], cell["high"]], abs=0.51)
    assert list(cells(page)) == [*FD, "real against real"] and cells(page)["real against real"] == ["30.0"]
    assert page.count("<svg") == 2 and page.count('class="mean"') == 3 and page.count('class="single"') == 9
    assert "modern, wgan-gp and vae on shoes" in page and "objective</b> vae" in page and "network</b> strided" in page
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["comparison.html", "comparison.json"]


def test_pictures_come_from_the_same_latents(tmp_path):
    """One grid a method, and one file of all."""
    arguments = {"resolution": (28, 28), "channels": 1, "classes": 0, "latent": 8, "width": 8}
    description = {"family": "strided", "arguments": arguments, "classes": [], "frequencies": []}
    module = create_generator("strided", **arguments)
    for name in ("modern", "vae"):
        fabricate(tmp_path / name, name, 0, 200.0)
        save_generator(tmp_path / name / "generator.safetensors", module, description)
    comparison = compare_runs([tmp_path / "modern", tmp_path / "vae"], tmp_path / "out")
    one, other = (path.read_bytes() for path in comparison.pictures.values())
    assert one == other and (tmp_path / "out" / "comparison.png").stat().st_size > 1_000
    page = (tmp_path / "out" / "comparison.html").read_text()
    assert page.count('src="data:image/') == 2 and "the same 36 latents" in page


def test_single_runs_conclude_nothing_of_methods(tmp_path):
    pair = [fabricate(tmp_path / name, name, 0, fd) for name, fd in (("modern", 200.0), ("vae", 300.0))]
    found = compare_runs(pair, tmp_path / "out").results
    (each,) = (d for d in found["differences"] if d["metric"] == "fd")
    assert each["how"] == "single runs" and each["high"] - each["value"] == pytest.approx(math.hypot(10, 10))
    assert found["metrics"]["fd"]["vae"]["interval"] == "score" and "nothing follows yet" in found["verdict"]
    (blurred,) = (d for d in found["differences"] if d["metric"] == "recall")
    assert blurred["low"] is None and blurred["value"] == 0


def test_unequal_seeds_are_not_paired(tmp_path):
    seeds = [("modern", 0, 200.0), ("modern", 1, 210.0), ("vae", 5, 300.0), ("vae", 6, 310.0), ("hinge", 0, 250.0)]
    some = [fabricate(tmp_path / f"{name}{seed}", name, seed, fd) for name, seed, fd in seeds]
    found = {d["method"]: d for d in compare_runs(some, tmp_path / "out").results["differences"] if d["metric"] == "fd"}
    assert found["vae"]["how"] == "unpaired" and found["vae"]["low"] < 100 < found["vae"]["high"]
    assert found["hinge"]["low"] is None and found["hinge"]["value"] == pytest.approx(45)


def test_half_shared_seeds_are_not_paired(tmp_path):
    """A method that lost a seed to NaN is compared by Welch's interval."""
    every = [("modern", 0, 200.0), ("modern", 1, 210.0), ("modern", 2, 220.0), ("vae", 0, 300.0), ("vae", 1, 310.0)]
    some = [fabricate(tmp_path / f"{name}{seed}", name, seed, fd) for name, seed, fd in [*every, ("vae", 2, None)]]
    comparison = compare_runs(some, tmp_path / "out")
    (found,) = (each for each in comparison.results["differences"] if each["metric"] == "fd")
    assert found["how"] == "unpaired" and found["value"] == pytest.approx(95)
    assert "vae: 1 of 3 runs became NaN, and the mean is over the others" in comparison.results["notes"][-1]
    assert "2 of 3" in (tmp_path / "out" / "comparison.html").read_text()


def test_runs_of_which_none_came_to_an_end_are_a_result(tmp_path):
    lost = [fabricate(tmp_path / name, name, 0, None) for name in ("modern", "vae")]
    comparison = compare_runs(lost, tmp_path / "out")
    assert "No run came to an end" in comparison.results["verdict"] and len(comparison.table()[1]) == 2
    (tmp_path / "out" / "comparison.png").write_bytes(b"of earlier runs")
    found = compare_runs([*lost, fabricate(tmp_path / "c", "hinge", 0, 200.0)], tmp_path / "out").results
    assert found["verdict"].startswith("Every run of modern and vae became NaN. What is left is one method, hinge")
    assert not (tmp_path / "out" / "comparison.png").exists()


def test_what_follows_the_budget_does_not_make_another_method(tmp_path):
    """Runs of equal minutes: none asked for the rate, and no preset is the default's."""
    usual = [
        fabricate(tmp_path / "a", "modern", 0, 200.0, asked_for=(), augment=0.0, objective="rp"),
        fabricate(tmp_path / "b", None, 1, 210.0, asked_for=(), augment=0.1, objective="rp", images=1_050, rate=[2, 1]),
    ]
    own = fabricate(tmp_path / "c", "modern", 2, 190.0, asked_for=("rate",), augment=0.0, objective="rp", rate=[2, 1])
    rows = compare_runs([*usual, own], tmp_path / "out").rows
    assert [len(row.runs) for row in rows] == [2, 1] and "rate 2" in rows[1].name


def test_runs_of_one_name_are_rows_of_their_own(tmp_path):
    some = [fabricate(tmp_path / place / "modern", "modern", 0, fd) for place, fd in (("a", 200.0), ("b", 300.0))]
    some.append(tmp_path / "a" / ".." / "a" / "modern")  # the first one again
    found = compare_runs(some, tmp_path / "out").results["metrics"]["fd"]
    assert [cell["value"] for cell in found.values()] == [200.0, 300.0]


def test_runs_that_differ_are_told_apart_and_budgets_named(tmp_path):
    some = [
        fabricate(tmp_path / "a", "modern", 0, 200.0),
        fabricate(tmp_path / "b", "modern", 1, 210.0, images=1_050),
        fabricate(tmp_path / "c", "modern", 0, 190.0, images=9_000),
    ]
    comparison = compare_runs(some, tmp_path / "out")
    assert [(row.name, len(row.runs)) for row in comparison.rows] == [
        ("modern (images 1,000)", 2),
        ("modern (images 9,000)", 1),
    ]
    assert any("budgets differ" in note for note in comparison.results["notes"])


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        ({"fingerprint": "beef"}, "other data"),
        ({"n": 400}, "another n"),
    ],
)
def test_what_does_not_compare_is_refused_in_one_line(tmp_path, spoil, says, capsys):
    pair = [fabricate(tmp_path / "a", "modern", 0, 200.0), fabricate(tmp_path / "b", "vae", 0, 200.0, **spoil)]
    assert command(["compare", *map(str, pair), "--out", str(tmp_path / "out")]) == 2
    told = capsys.readouterr()
    assert told.out == "" and len(told.err.splitlines()) == 1 and says in told.err
    assert not (tmp_path / "out").exists()


def test_an_unfinished_run_and_a_lonely_one_are_refused(tmp_path):
    pair = [fabricate(tmp_path / name, "modern", 0, 200.0) for name in ("a", "b")]
    with pytest.raises(InputError, match="compares with nothing"):
        compare_runs([pair[0], pair[0]])
    for rows in ("", json.dumps({"kind": "final", "metrics": {"fd": {"value": 1.0}}})):
        (pair[1] / "metrics.jsonl").write_text(rows)
        with pytest.raises(InputError, match="--resume"):
            compare_runs(pair)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.doc").write_text("")
    fabricate(tmp_path / "c", "vae", 0, 200.0)
    with pytest.raises(InputError, match="holds no comparison"):
        compare_runs([tmp_path / "a", tmp_path / "c"], tmp_path / "full")


def test_json_is_one_object_of_three_keys(runs, tmp_path, capsys):
    assert command(["compare", *map(str, runs), "--out", str(tmp_path / "out"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {"runs", "metrics", "differences", "cards"} and set(told["metrics"]) == {
        "fd",
        "kid",
        "precision",
        "recall",
    }
    assert command(["compare", *map(str, runs), "--out", str(tmp_path / "out")]) == 0
    assert "wgan-gp" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ["compare"],
        ["compare", "a", "b", "--data", "mnist"],
        ["compare", "a", "b", "--seeds", "2"],
        ["compare", "--data", "mnist"],
        ["compare", "--data", "mnist", "--presets", "modem,vae"],
        ["compare", "--data", "mnist", "--presets", "vae,vae"],
        ["compare", "--data", "mnist", "--presets", "vae", "--seeds", "1"],
        ["compare", "--data", "mnist", "--presets", "vae,modern", "--rates", "fast"],
        ["compare", "--data", "mnist", "--presets", "vae,modern", "--rates", "1e-3"],
        ["compare", "--data", "mnist", "--presets", "vae,modern", "--minutes", "1", "--images", "9"],
        ["compare", "--out", "nowhere"],
        ["compare", "--out", "nowhere", "--no-labels"],
    ],
    ids=" ".join,
)
def test_wrong_words_are_one_line(words, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert command(words) == 2
    told = capsys.readouterr()
    assert told.out == "" and len(told.err.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_names_that_strangers_wrote_stay_text(tmp_path):
    pair = [fabricate(tmp_path / "a", HOSTILE, 0, 200.0), fabricate(tmp_path / "b", "vae", 0, 300.0)]
    compare_runs(pair, tmp_path / "out")
    assert "<script>alert" not in (tmp_path / "out" / "comparison.html").read_text()


def test_a_scale_meets_its_edges():
    for scale in (
        Scale(10.0, 1_000.0, 50.0, 250.0, log=True),
        Scale(-3.0, 5.0, 250.0, 50.0),
        Scale(2.0, 2.0, 0.0, 9.0),
    ):
        assert scale(scale.low) == scale.start and scale(scale.low - 1) == scale.start
        if scale.high > scale.low:
            assert scale(scale.high) == scale.end == scale(1e9)


def test_names_are_moved_apart_and_no_further_than_needed():
    assert apart([10, 50, 90], 16, 300) == [10, 50, 90]
    moved = apart([10, 11, 12, 299, 300], 16, 300)
    assert all(b - a >= 16 for a, b in zip(moved, moved[1:])) and moved[-1] <= 300


@pytest.mark.parametrize("values", [[1.0], [2.0, 2.0], [0.0, -1.0, 5.0], [1e-9, 1e9]])
@pytest.mark.parametrize("floor", [None, -1.0, 0.5])
def test_charts_survive_any_numbers(values, floor):
    rows = [Dots(f"m{i}", "tone m0", value, value - 1e6, value + 1, [value]) for i, value in enumerate(values)]
    lines = [Trace("a", "tone m0", [[(float(i), value) for i, value in enumerate(values)]] * 2)]
    for svg in (dot_plot("t", "n", rows, floor), traces("t", "n", lines)):
        assert svg and not re.search(r"\b(nan|inf)\b", svg.lower())
    assert "…" in dot_plot("t", "n", [Dots(80 * "m", "tone m0", 1.0, None, None, [])])
    assert dot_plot("t", "n", []) == "" == traces("t", "n", [Trace("a", "tone m0", [[]])])


def test_the_mean_curve_needs_equal_counts():
    assert mean_of([[(1, 2.0), (2, 4.0)], [(1, 4.0), (2, 8.0)]]) == [(1, 3.0), (2, 6.0)]
    assert mean_of([[(1, 2.0)], [(2, 4.0)]]) == [] == mean_of([[(1, 2.0)]])


def test_help_imports_nothing_heavy():
    code = (
        "import sys\nfrom gansmith.cli.app import run\nassert run(['compare', '--help']) == 0\n"
        "assert not {'torch', 'numpy', 'PIL'} & set(sys.modules)\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert told.returncode == 0 and "--presets" in told.stdout, told.stderr
