"""The page and the card: true to the run folder, self-contained, safe, and quick to write."""

import json
import math
import re
import shutil
import subprocess
import time
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gansmith.core.errors import InputError
from gansmith.report.card import write_card
from gansmith.report.charts import Chart, Series, draw, log_ticks, thin, ticks
from gansmith.report.facts import RunFacts, score_line
from gansmith.report.page import write_report
from gansmith.report.pictures import frames
from gansmith.report.words import duration, number, short

HOSTILE = '"><script>alert(1)</script>&|`'
BUDGET = 1_200_000


def config(classes: list[str]) -> dict:
    choices = {
        "images": (BUDGET, "10 minutes at 2,050 images/s, less the time for scores"),
        "size": ("s", "the budget allows about 1.2M images"),
        "batch": (64, "under 100,000 pictures; larger batches see fewer steps in this budget"),
        "rate": ([0.005, 0.00015], "the schedule's peak for batch 64"),
        "gamma": ([2.0, 0.2], "0.0002 x 64 x 64 / 64, raised for colour"),
        "augmentation": (0.1, "9,000 pictures are few enough for the critic to learn by heart"),
        "ema_halflife_images": (10000, "a hundredth of the budget"),
        "threads": (2, "1 thread 820, 2 threads 1,490 images/s"),
        "labels": (True, "the data bring 6 classes"),
        "seed": (0, "the default"),
    }
    return {
        "format": 1,
        "gansmith": "0.1.0",
        "created": "2026-11-23T06:30:00+00:00",
        "recipe": "image",
        "preset": None,
        "source": "avatars",
        "choices": {name: {"value": value, "reason": reason} for name, (value, reason) in choices.items()},
        "network": {"family": "strided"},
        "fingerprint": "9f2c41d07be6",
        "data": {
            "source": "avatars",
            "images": 12_000,
            "set_aside": [{"file": f"broken/{HOSTILE}.png", "reason": "truncated after 812 bytes"}],
            "duplicates": 14,
            "near_duplicates": 3,
            "resolution": [64, 64],
            "channels": 3,
            "classes": classes,
            "class_counts": dict.fromkeys(classes, 2_000),
            "sizes": {"64x64": 12_000},
            "modes": {"RGB": 11_990, "P": 10},
            "train": 9_500,
            "held_out": {"choose": 500, "test": 2_000},
            "rules": ["transparency was laid on white", "pictures were made 64 x 64 with an antialiased resize"],
        },
    }


def rows(final: bool) -> list[dict]:
    """Numbers shaped like a training that goes well."""
    rng = np.random.default_rng(0)
    found: list[dict] = []
    for step in range(600):
        images = (step + 1) * 2_000
        share = images / BUDGET
        found.append(
            {
                "kind": "train", "step": step * 31, "images": images, "seconds": images / 2_050,
                "images_per_second": 2_050 + 60 * rng.standard_normal(), "wait_share": 0.004,
                "critic_loss": 0.62 + 0.02 * rng.standard_normal(),
                "generator_loss": 0.78 + 0.03 * rng.standard_normal(),
                "penalty": 0.4 * math.exp(-share) + 0.02 * rng.standard_normal(),
                "real_logit": 0.8 + 0.7 * share + 0.1 * rng.standard_normal(),
                "fake_logit": 0.3 - 0.2 * share + 0.1 * rng.standard_normal(),
                "critic_gradient": None if step == 300 else math.exp(0.4 * rng.standard_normal() - share),
                "generator_gradient": math.exp(0.3 * rng.standard_normal() - 2 * share),
                "rate": 0.005 * (0.515 + 0.485 * math.cos(math.pi * share)),
            }
        )  # fmt: skip
    for index in range(20):
        images = (index + 1) * BUDGET // 20
        fd = 240 + 1_500 * math.exp(-5 * images / BUDGET) + (30 if index == 19 else 0)
        found.append(
            {"kind": "score", "images": images, "seconds": images / 2_050, "fd": fd, "best": index < 19,
             "precision": 0.7 - 0.3 * 0.8**index, "recall": 0.5 - 0.45 * 0.85**index,
             "extractor": "lite0", "n": 1_000, "split": "choose"}
        )  # fmt: skip
    for index in range(24):
        images = round(BUDGET * (index + 1) / 24)
        found.append({"kind": "samples", "images": images, "file": f"samples/{images:09d}.png"})
    found.append({"kind": "event", "images": 400_000, "what": "resumed", "detail": "after an interrupt, at step 6,250"})
    if final:
        found.append(final_row())
    return found


def final_row() -> dict:
    common = {"extractor": "lite0", "n": 9_500, "split": "test", "seed": 0}
    return {
        "kind": "final", "images": BUDGET, "seconds": 612.0, "leads": "fd", "uncertain": False,
        "metrics": {
            "fd": {"value": 214.3, "low": 209.1, "high": 221.8, **common},
            "kid": {"value": 0.0412, "low": 0.0391, "high": 0.0433, **common},
            "precision": {"value": 0.641, "low": 0.62, "high": 0.66, **common},
            "recall": {"value": 0.437, "low": 0.41, "high": 0.46, **common},
        },
        "floor": {"fd": {"value": 68.1, **common}, "kid": {"value": 0.0001, **common}},
        "summary": "FD-lite0 214 on 9,500 pictures; the same number of real training pictures stands at 68.",
    }  # fmt: skip


def fabricate(
    run: Path,
    *,
    final: bool = True,
    side: int = 66,
    classes: tuple[str, ...] = ("lorelei", "notionists", HOSTILE),
) -> Path:
    """A run folder such as training leaves behind, without training; its grids are ``side`` pixels wide."""
    (run / "samples").mkdir(parents=True)
    (run / "config.json").write_text(json.dumps(config(list(classes))))
    listed = rows(final)
    (run / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in listed))
    rng = np.random.default_rng(0)
    for row in listed:
        if row["kind"] == "samples":
            small = rng.integers(0, 256, (33, 33, 3), np.uint8)
            Image.fromarray(small).resize((side, side), Image.Resampling.BICUBIC).save(run / row["file"])
    (run / "generator.safetensors").write_bytes(b"")
    finding = {
        "symptom": "critic-overfit", "severity": "watch", "confidence": 0.7,
        "evidence": {"real_minus_held_out": 0.31}, "advice": "Show the critic more augmentation, or stop earlier.",
        "flag": "--augmentation 0.3",
    }  # fmt: skip
    (run / "diagnosis.jsonl").write_text(json.dumps(finding) + "\n")
    return run


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    return fabricate(tmp_path_factory.mktemp("runs") / "avatars-image-001", side=519)


class Tags(HTMLParser):
    """Every tag with its attributes, and whether the page is well nested."""

    VOID = frozenset({"meta", "img", "input", "br", "link"})

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-3:]}"
        self.open.pop()


def parsed(page: str) -> list[tuple[str, dict]]:
    reader = Tags()
    reader.feed(page)
    assert not reader.open
    return reader.seen


def test_the_page_stands_alone(run):
    page = write_report(run).read_text()
    tags = parsed(page)
    for tag, attributes in tags:
        for name in ("src", "href", "action", "data"):
            assert attributes.get(name, "data:").startswith(("data:", "#")), (tag, attributes)
    assert "@import" not in page and "url(" not in page
    assert sum(tag == "img" for tag, _ in tags) >= 10
    assert sum(tag == "svg" for tag, _ in tags) >= 6


def test_the_page_says_what_the_run_says(run):
    page = write_report(run).read_text()
    for said in ("214", "209 to 222", "68.1 real against real", "0.64", "resumed", "critic overfit", "truncated after"):
        assert said in page, said
    for choice in config([])["choices"].values():
        assert choice["reason"].split(";")[0].replace("'", "&#x27;") in page


def test_what_users_named_never_becomes_markup(run):
    page = write_report(run).read_text()
    assert "<script>alert" not in page
    assert sum(tag == "script" for tag, _ in parsed(page)) == 1
    card = write_card(run).read_text()
    assert "<script>alert" not in card.replace("\\<", "")


@pytest.mark.parametrize("name", ["../secret.png", "/etc/hostname", "samples/../../secret.png"])
def test_a_hostile_run_folder_shows_no_file_from_outside(tmp_path, name):
    run = fabricate(tmp_path / "run")
    Image.new("RGB", (4, 4)).save(tmp_path / "secret.png")
    (run / "metrics.jsonl").write_text(json.dumps({"kind": "samples", "images": 1, "file": name}) + "\n")
    assert frames(RunFacts.read(run)) == []


def test_an_interrupted_run_says_so(tmp_path):
    run = fabricate(tmp_path / "run", final=False)
    page = write_report(run).read_text()
    parsed(page)
    assert "choose split, so far" in page and f"gansmith train --resume {run}" in page
    assert "no final score yet" in score_line(RunFacts.read(run))
    assert "No final score" in write_card(run).read_text()


def test_a_run_that_only_has_its_config(tmp_path):
    (tmp_path / "config.json").write_text('{"format": 1}')
    page = write_report(tmp_path).read_text()
    parsed(page)
    assert "only just begun" in page and "No pictures yet" in page
    write_card(tmp_path)


def test_without_scores_the_page_says_what_to_install(tmp_path):
    run = fabricate(tmp_path / "run", final=False)
    kept = [line for line in (run / "metrics.jsonl").read_text().splitlines() if '"score"' not in line]
    (run / "metrics.jsonl").write_text("\n".join(kept) + "\n")
    assert "gansmith[start]" in write_report(run).read_text()
    started = config([])
    started["choices"]["score"] = {"value": True, "reason": "FD-lite0"}
    (run / "config.json").write_text(json.dumps(started))
    assert "first score is still to come" in write_report(run).read_text()


def test_no_run_and_a_newer_run_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"no config\.json"):
        write_report(tmp_path)
    (tmp_path / "config.json").write_text('{"format": 99}')
    with pytest.raises(InputError, match="newer gansmith"):
        write_card(tmp_path)


def test_writing_is_quick_enough_to_follow_every_score(run):
    write_report(run)

    def once() -> float:
        begun = time.process_time()  # other work on the machine stretches the clock, not this
        write_report(run), write_card(run)
        return time.process_time() - begun

    assert min(once() for _ in range(5)) < 0.5
    assert write_report(run).stat().st_size < 4_000_000


def test_the_card_loads_and_leaves_the_licence_to_the_user(run):
    card = write_card(run).read_text()
    assert card.startswith("---\n") and card.count("\n---\n") == 1
    assert "\nlicense:" not in card
    assert "Generator.from_pretrained" in card and "| FD-lite0 | 214 | 209 to 222 | 68.1 | 9500 |" in card


def test_the_score_in_one_line(run):
    line = score_line(RunFacts.read(run))
    assert line == "FD-lite0 214 (209 to 222), real against real 68.1, precision 0.64, recall 0.44"


def test_numbers_as_words():
    assert [number(v) for v in (1_234_567, 0.012345, 214.3)] == ["1,234,567", "0.0123", "214"]
    assert [number(v) for v in (None, float("nan"), True)] == ["–", "–", "–"]
    assert [short(v) for v in (950, 12_500, 1_500_000)] == ["950", "12.5k", "1.5M"]
    assert [duration(v) for v in (12, 75, 7_260)] == ["12 s", "1 min 15 s", "2 h 1 min"]


def test_ticks_are_round_and_inside():
    assert ticks(0, 10) == [0, 2.5, 5, 7.5, 10]
    assert ticks(3, 3) == [3]
    assert log_ticks(90, 2_100) == [100, 200, 500, 1_000, 2_000]
    for low, high in ((-1.3, 0.2), (1e-5, 3e-4), (0, 1.2e6)):
        assert all(low <= tick <= high for tick in ticks(low, high))


def test_thinning_keeps_the_mean_and_the_gaps():
    points = [(float(x), float(x)) for x in range(1_000)]
    few = thin(points, 100)
    assert len(few) == 100 and sum(y for _, y in few) / 100 == pytest.approx(499.5)
    assert thin([(0.0, None)] * 10 + [(1.0, 2.0)] * 10, 2) == [(0.0, None), (1.0, 2.0)]


@pytest.mark.parametrize("values", [[1.0], [2.0, 2.0], [None, 1.0, None], [0.0, -1.0, 5.0], [1e-9, 1e9]])
@pytest.mark.parametrize("log", [False, True])
def test_a_chart_survives_any_numbers(values, log):
    points = [(float(i), v) for i, v in enumerate(values)]
    svg = draw(Chart("title", "note", [Series("a", points)], marks=[(1.0, 1.0, "best")], log=log))
    assert "nan" not in svg.lower().replace("nance", "") and "inf" not in svg.lower()
    parsed(svg)


def test_a_rare_spike_does_not_flatten_the_rest():
    points = [(float(x), 1e6 if x == 50 else float(x % 10)) for x in range(200)]
    svg = draw(Chart("title", "note", [Series("a", points)]))
    heights = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", svg.split('class="line ink"')[1])]
    assert max(heights) - sorted(heights)[1] > 50


def test_a_chart_without_points_is_left_out():
    assert draw(Chart("title", "note", [Series("a", [(0.0, None)])])) == ""


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here")
def test_the_page_fits_a_phone_and_its_script_runs(run, tmp_path):
    """In a real browser: nothing is wider than the screen, and the time slider has come alive."""
    page = write_report(run).read_text()
    probe = "document.title = document.documentElement.scrollWidth + '/' + !document.querySelector('.time').hidden;"
    framed = tmp_path / "page.html"
    framed.write_text(page.replace("</script>\n</body>", f"{probe}</script>\n</body>"))
    told = subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", f"--user-data-dir={tmp_path / 'browser'}",
         "--window-size=500,900", "--dump-dom", framed.as_uri()],
        capture_output=True, text=True, timeout=120, check=True,
    ).stdout  # fmt: skip
    title = re.search(r"<title>(\d+)/(\w+)</title>", told)
    assert title and int(title[1]) <= 500 and title[2] == "true"
