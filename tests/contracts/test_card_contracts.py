"""What the evaluation card promises: names, floors, reasons, one plain sentence, cards that compare or are refused."""

import json
from dataclasses import replace

import numpy as np
import pytest

from gansmith.core.errors import InputError
from gansmith.core.progress import Progress
from gansmith.metrics import METRICS
from gansmith.metrics.card import (
    Case,
    Line,
    card,
    in_group,
    leading,
    measure,
    named,
    noticed,
    of_class,
    read_estimate,
)
from gansmith.metrics.card_compared import side_by_side
from gansmith.metrics.card_words import copying, figure, lost_classes, notes, plain, share, summary, title
from gansmith.metrics.evidence import Evidence, Features
from gansmith.metrics.interval import Estimate
from gansmith.networks.extractors import FID_CHECKSUM, FID_EXTRACTOR
from gansmith.report.card_comparison import compared_section, compared_table
from gansmith.report.card_files import keep, newest, place, read, writable
from gansmith.report.card_lines import classes, groups, instruments, value
from gansmith.report.card_page import card_section, render

CONTEXT = {
    "extractor": "lite0",
    "checksum": "a" * 64,
    "resize": "none",
    "n": 60,
    "n_real": 60,
    "split": "test",
    "seed": 0,
}


def rows(seed: int, n: int = 60, shift: float = 0.0) -> Features:
    return Features(np.random.default_rng(seed).normal(shift, 1, (n, 4)).astype(np.float32))


def distances(shift: float = 0.0) -> Case:
    ours = Evidence(generated=rows(1, shift=shift), real=rows(2))
    floor = replace(ours, generated=rows(3))
    beside = {"n": 60, "source": "train split"}
    return Case(metrics=in_group("features"), ours=ours, floor=floor, context=CONTEXT, floor_context=beside)


def made(cases: list[Case], **about) -> dict:
    """A card of these cases, as evaluate builds it."""
    lines, lacking = measure(cases, "Measuring", Progress())
    usual = {
        "gansmith": "0",
        "created": "2026-01-01T00:00:00+00:00",
        "source": {"name": "ours", "kind": "folder", "path": "ours", "checksum": "c" * 64},
        "against": {
            "name": "theirs",
            "fingerprint": "f" * 32,
            "images": 120,
            "resolution": [28, 28],
            "class_shares": {"cat": 0.5, "<dog>/@1": 0.5},
            "unreadable": [],
            "own": True,
        },
        "n": 60,
        "n_real": 60,
        "seed": 0,
        "split": "test",
        "labels": "auto",
        "extractors": {
            "lite0": {"checksum": "a" * 64, "resize": "none", "family": "net", "dimensions": 4, "seen": False}
        },
        "lead_extractor": "lite0",
        "leads": leading([line.name for line in lines], 60, 60, "lite0"),
        "people": None,
    }
    found = card(lines, lacking, noticed(lines), **usual | about)
    return found | {"notes": notes(found), "summary": summary(found)}


def with_classes(labels: np.ndarray) -> Case:
    real = np.array([0, 1] * 300)
    ours = Evidence(generated_labels=labels, real_labels=real, classes=("cat", "<dog>/@1"))
    floor = replace(ours, generated_labels=real)
    context = CONTEXT | {"extractor": None, "labels": "read", "n": 600}
    beside = {"n": 600, "source": "train split"}
    return Case(metrics=["class-shares"], ours=ours, floor=floor, context=context, floor_context=beside)


def test_every_registered_metric_has_a_place():
    found = [name for group in ("features", "copying", "images", "classes") for name in in_group(group)]
    assert sorted(found) == METRICS.names


def test_every_line_names_what_it_was_measured_with_and_has_its_floor():
    told = made([distances()])
    assert {"fd", "kid", "precision", "recall", "density", "coverage", "vendi"} <= set(told["metrics"])
    for name, line in told["metrics"].items():
        assert set(CONTEXT) | {"value", "low", "high", "error", "better"} <= set(line)
        assert line["low"] <= line["value"] <= line["high"], name
    assert set(told["floor"]) == set(told["metrics"])
    assert told["leads"] == "kid" and "KID leads" in told["notes"][0]
    json.dumps(told, allow_nan=False)
    estimate = read_estimate(told["metrics"]["fd"])
    assert estimate.as_dict() == {key: told["metrics"]["fd"][key] for key in ("value", "low", "high")}


def test_what_cannot_be_measured_says_why_and_the_rest_stays():
    case = distances()
    told = made([replace(case, ours=replace(case.ours, generated=rows(1, 4)), context=CONTEXT | {"n": 4})], n=4)
    assert "too few" in told["unavailable"]["fd"] and "kid" in told["metrics"]
    assert "too few" in card_section(told)


def test_names_are_plain_for_the_default_extractor_and_only_inception_gives_fid():
    assert named("fd", "lite0") == "fd" and named("fd", "hed") == "fd@hed" and named("colour", None) == "colour"
    assert plain("class-kid/shoe@hed") == "class-kid"
    inception = {"extractor": FID_EXTRACTOR, "checksum": FID_CHECKSUM}
    assert title("fd", inception) == "FID" and title("fd", inception | {"checksum": "0"}).startswith("FD-inception")
    assert title("fd", {"extractor": "lite0"}) == "FD-lite0"


@pytest.mark.parametrize(("n", "n_real", "leads"), [(4999, 9000, "kid"), (9000, 4999, "kid"), (5000, 5000, "fd")])
def test_kid_leads_under_five_thousand(n, n_real, leads):
    assert leading(["fd", "kid"], n, n_real, "lite0") == leads
    assert leading(["fd@hed", "kid@hed", "fd"], n, n_real, "hed") == f"{leads}@hed"


def test_a_floor_of_another_number_is_shown_and_not_judged_but_for_copying():
    estimate = Estimate(1.0, 0.1, 0.8, 1.2)
    line = Line(name="fd", ours=estimate, floor=estimate, better="lower", context=CONTEXT, floor_context={"n": 30})
    assert not line.compared and replace(line, context=CONTEXT | {"n_training": 9}).compared
    assert noticed([line]) == {}


def test_the_sentence_finds_nothing_in_real_images_and_something_in_others():
    assert "no difference from as many real images was found" in made([distances()])["summary"]
    told = made([distances(shift=3.0)])
    assert "look like no real image" in told["summary"] and "worse" in {r.verdict for g in groups(told) for r in g.rows}


def test_a_lost_class_is_named_and_its_name_is_only_text():
    told = made([distances(), with_classes(np.zeros(600, int))])
    assert lost_classes(told) == ["<dog>/@1"] and "issing classes: <dog>/@1" in told["summary"]
    assert [row.lost for row in classes(told)] == [False, True]
    page = card_section(told, style=True)
    assert "&lt;dog&gt;/@1" in page and "<dog>" not in page
    healthy = made([distances(), with_classes(np.array([1, 0] * 300))])
    assert lost_classes(healthy) == [] and not any(each["beyond"] for each in healthy["differences"].values())


def test_a_class_is_lost_by_what_is_read_off_real_images_too():
    """A rare class that no real image is read to have is on no card; one that the floor lacks is not called missing."""
    case = with_classes(np.zeros(600, int))
    assert case.floor is not None
    assert lost_classes(made([replace(case, floor=replace(case.floor, generated_labels=np.zeros(600, int)))])) == []
    unseen = np.zeros(600, int)
    told = made(
        [distances(), replace(case, ours=replace(case.ours, real_labels=unseen))],
        against={"class_shares": {"cat": 1.0}, "unreadable": ["<dog>/@1"], "name": "", "resolution": [1, 1]},
    )
    assert lost_classes(told) == [] and any("is not known" in note for note in told["notes"])


def copied(hits: int, n: int, floor: int = 1, of: int = 100) -> dict:
    """A card on which so many of n images are counted as copies."""
    context, beside = CONTEXT | {"n": n, "n_training": 500}, {"n": of, "source": "choose split"}
    ours, real = Estimate.share(hits, n), Estimate.share(floor, of)
    line = Line(name="copies", ours=ours, floor=real, better="lower", context=context, floor_context=beside)
    return made([distances()]) | card([line], {}, noticed([line]))


def test_few_images_are_not_cleared_of_copies():
    said = copying(copied(2, 100))
    assert said.startswith("no sign of copies (up to") and "could go unnoticed" in said
    assert "lie beside one training image as only 1 % of real ones do" in copying(copied(60, 100))


def test_whatever_differs_is_named_where_no_plain_question_shows_it():
    estimate, floor = Estimate.normal(9.0, 0.1), Estimate.normal(1.0, 0.1)
    line = Line(name="density", ours=estimate, floor=floor, better="higher", context=CONTEXT, floor_context={"n": 60})
    told = card([line], {}, noticed([line]), against={"class_shares": {}}, lead_extractor="lite0", leads=None)
    assert "still differ from real ones by more than chance (density)" in summary(told)
    assert "still differ" not in copying(told)


def test_a_score_belongs_to_a_class_only_by_what_stands_before_its_extractor():
    assert of_class("class-kid/<dog>/@1@hed") and not of_class("fd@timm:hub/model")
    case = distances()
    told = made([replace(case, context=CONTEXT | {"extractor": "timm:hub/model"})])
    names = {"fd@timm:hub/model", "kid@timm:hub/model"}
    assert names <= set(told["differences"]) and names <= {row.name for group in groups(told) for row in group.rows}


def test_with_fewer_than_thirty_images_no_difference_is_judged():
    small = Estimate(1.0, 0.01, 0.98, 1.02), Estimate(9.0, 0.01, 8.98, 9.02)
    line = Line(
        name="fd", ours=small[0], floor=small[1], better="lower", context=CONTEXT | {"n": 29}, floor_context={"n": 29}
    )
    assert not line.compared and noticed([line]) == {}


def test_a_collapsed_generator_is_called_that():
    same = Features(np.ones((60, 4), np.float32))
    case = distances()
    told = made([replace(case, ours=replace(case.ours, generated=same))])
    assert told["summary"].startswith("Every image is the same picture")


def test_every_score_is_shown_once_and_the_page_stands_alone():
    told = made([distances(shift=1.0), with_classes(np.zeros(600, int))])
    shown = [row.name for group in groups(told) for row in group.rows]
    assert sorted(shown) == sorted(name for name in told["metrics"] if "/" not in name)
    pictures = np.random.default_rng(0).integers(0, 256, (4, 28, 28, 1), dtype=np.uint8)
    page = render(told, pictures, pictures)
    assert page.count("data:image/png") == 2 and "http" not in page.replace("http-equiv", "").replace(
        "http://www.w3", ""
    )
    assert any("sha256" in line for line in instruments(told))


def test_an_extractor_that_the_critic_saw_is_marked():
    seen = {"lite0": {"checksum": "a" * 64, "resize": "none", "family": "net", "dimensions": 4, "seen": True}}
    told = made([distances()], extractors=seen)
    assert any("flatter" in note for note in told["notes"])


def test_cards_side_by_side():
    near, far = made([distances()]), made([distances(shift=2.0)])
    found = side_by_side({"near": near, "far": far})
    worse = {each["metric"] for each in found["differences"] if each["beyond"]}
    assert "fd" in worse and all(each["against"] == "near" for each in found["differences"])
    head, table = compared_table(found)
    assert head == ["score", "near", "far", "real"] and any("worse" in row[2] for row in table)
    assert "side by side" in compared_section(found)
    assert not any(each["beyond"] for each in side_by_side({"a": near, "b": near})["differences"])


def test_cards_that_do_not_compare_are_refused_or_left_out():
    one = made([distances()])
    with pytest.raises(InputError, match="different real images"):
        side_by_side({"a": one, "b": one | {"against": one["against"] | {"fingerprint": "0"}}})
    with pytest.raises(InputError, match="two cards"):
        side_by_side({"a": one})
    other = json.loads(json.dumps(one))
    other["metrics"]["fd"]["n"] = 61
    assert side_by_side({"a": one, "b": other})["left_out"] == {"fd": "measured with another n"}


def test_lost_classes_and_real_images_alone_are_no_matter_of_normal_intervals():
    one, other = made([with_classes(np.array([0, 1] * 300))]), made([with_classes(np.zeros(600, int))])
    found = {each["metric"]: each for each in side_by_side({"a": one, "b": other})["differences"]}
    assert found["classes-lost"]["low"] == found["classes-lost"]["high"] == 1 and found["classes-lost"]["beyond"]
    other["metrics"]["classes-lost"]["labels"] = "the folder's"
    assert side_by_side({"a": one, "b": other})["left_out"]["classes-lost"] == "measured with another labels"


def test_figures_are_short_and_never_say_minus_nought():
    assert [figure(x) for x in (1630.3, 45.67, 0.00123, -0.0001)] == ["1,630", "45.7", "0.001", "0.000"]
    assert [share(x) for x in (0.733, 0.0, 0.004)] == ["73 %", "0 %", "below 1 %"]
    assert [value(name, x) for name, x in (("precision", 0.7331), ("classes-lost", 1.0), ("kid", -0.0001))] == [
        "73.3 %",
        "1",
        "0.000",
    ]
    assert value("spectrum", 0.5) == "0.500 dB" and value("spectrum", 0.5, unit=False) == "0.500"


def test_the_same_settings_are_the_same_file_and_others_another(tmp_path):
    told = made([distances()])
    assert place(told) == place(told) != place(told | {"seed": 1}) and place(told, tmp_path).parent == tmp_path
    assert place(told) != place(told | {"source": told["source"] | {"checksum": "d"}})
    long = told | {"source": told["source"] | {"name": "ü" * 200}}
    assert len(place(long).name.encode()) < 200
    assert newest(tmp_path) is None


def test_a_run_stands_by_its_fullest_card_of_the_weights_it_has(tmp_path, monkeypatch):
    monkeypatch.setattr("gansmith.report.card_files.hash_of_run", lambda run: "now")
    source = {"name": "run", "kind": "run", "path": str(tmp_path), "checksum": "now"}
    told = made([distances()], source=source)
    keep(told)
    keep(told | {"n": 20, "created": "2027"})
    keep(told | {"n": 900, "source": source | {"checksum": "before"}})
    keep(told | {"n": 900, "against": told["against"] | {"own": False}})
    broken = json.loads(json.dumps(told)) | {"n": 9000}
    broken["metrics"]["fd"]["value"] = "much"
    keep(broken)
    keep(told | {"n": 9001, "notes": None})
    found = newest(tmp_path)
    assert found is not None and found["n"] == 60
    with pytest.raises(InputError, match="parts missing"):
        read(place(broken))


def test_where_no_card_can_be_written_is_said_before(tmp_path):
    writable(tmp_path / "new" / "folder")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="--out"):
        writable(tmp_path / "file" / "folder")
    assert not (tmp_path / "new").exists()
