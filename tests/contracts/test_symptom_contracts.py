"""Every symptom keeps its contract, says nothing of a healthy run, and sees what it is named after."""

import copy
import json

import numpy as np
import pytest

from gansmith.core.errors import InputError
from gansmith.diagnostics.examine import Examiner, examine
from gansmith.diagnostics.finding import SEVERITIES, in_words, standing, sureness
from gansmith.diagnostics.motion import Motion
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptoms import SYMPTOMS

PROBES, EVERY, BATCH = 20, 3200, 64
OF_TRANSLATIONS = ("input-ignored", "noise-ignored", "identity-mapping", "hidden-code", "colour-inversion")
LEVERS = ("rate", "gamma", "augment", "average")


def walk(length, step, seed):
    """Sketches of weights that wander, each step a share of their length."""
    draw = np.random.default_rng(seed)
    place = draw.normal(size=32)
    place *= length / np.linalg.norm(place)
    for _ in range(PROBES + 1):
        yield [float(value) for value in place]
        place = place + draw.normal(size=32) * step * length / 32**0.5


def healthy(classes=10, given=0):
    """A run as it should be; of a translation with ``given`` channels."""
    generator, critic = list(walk(10, 0.3, 0)), list(walk(10, 0.3, 1))
    look = {"low": -1.0, "high": 1.0, "mean": [0.1, 0.2, -0.1], "deviation": [0.6, 0.5, 0.55], "variety": 0.7}
    look |= {"edges": 0.1, "grid": 0.5}
    probes = [
        {"images": index * EVERY, "train_logit": 1.0, "held_logit": 0.95, "fake_logit": 0.2, "logit_deviation": 0.8}
        | {"caught": 0.8, "held_caught": 0.79, "train_slope": 0.5, "fake_slope": 0.5, "answer": 0.6, "label_gap": 0.01}
        | {"label_moves": 1.2, "average_apart": 0.2 - 0.008 * index, "drawn": dict(look), "raw": dict(look)}
        | {"sketch": {"generator": generator[index], "critic": critic[index]}}
        for index in range(PROBES + 1)
    ]
    train = [
        {"images": images, "critic_gradient": 1.0, "generator_gradient": 1.0, "wait_share": 0.002, "critic_loss": 0.6}
        | {"images_per_second": 500.0}
        for images in range(EVERY // 4, PROBES * EVERY + 1, EVERY // 4)
    ]
    scores = [
        {"images": images, "fd": 3000.0 / (1 + share), "precision": 0.5, "recall": 0.3, "variety": 0.9, "crowding": 0.9}
        | {"shares": [1.0] * 10, "neighbour_ratio": 1.1}
        for share, images in enumerate(range(2 * EVERY, PROBES * EVERY + 1, 2 * EVERY))
    ]
    choices = {"batch": BATCH, "gamma": [0.5, 0.05], "penalty": "r1-r2", "constraint": None, "rate": [5e-3, 1.5e-4]}
    facts = {"train_images": 50_000, "classes": classes, "channels": 3, "resolution": [32, 32], "given": given}
    if given:
        choices |= {"latent": 8, "cycle": 10.0, "reconstruction": None}
        for row in probes:
            row |= {"input_moves": 0.8, "noise_moves": 0.3, "changed": 0.9, "hidden": 1.1, "follows": 0.4}
    return Record(choices, facts, PROBES * EVERY, {"real": [look], "probe": probes, "train": train, "score": scores})


def spoilt(name):
    """The same with what a symptom is named after."""
    record = copy.deepcopy(healthy(given=3 if name in OF_TRANSLATIONS else 0))
    rows, late = record.rows, slice(PROBES // 3, None)
    probes, scores, train, choices, facts = rows["probe"], rows["score"], rows["train"], record.choices, record.facts

    def every(some, **values):
        for row in some:
            row.update(values)

    def drawn(**values):
        for row in probes:
            row["drawn"].update(values)
            row["raw"].update(values)

    if name == "mode-collapse":
        drawn(variety=0.02)
    elif name == "partial-collapse":
        every(scores, crowding=0.1)
    elif name == "dropped-classes":
        every(scores, shares=[1.2] * 8 + [0.0, 0.3])
    elif name == "critic-overfit":
        every(probes, held_logit=0.3)
    elif name == "critic-too-weak":
        for row, sketch in zip(probes, walk(10, 0.01, 2), strict=True):
            row["sketch"]["critic"] = sketch
    elif name == "vanishing-gradient":
        every(probes, answer=0.001, caught=1.0)
    elif name == "oscillation":
        for index, row in enumerate(probes):
            row["raw"]["mean"] = [0.1 + 0.5 * (-1) ** index] * 3
    elif name == "divergence":
        for index, row in enumerate(scores[3:]):
            row.update(fd=2000.0 * (index + 2), precision=0.1, recall=0.0)
    elif name == "exploding-gradient":
        every(train[len(train) // 2 :], critic_gradient=1e4)
    elif name == "nan":
        rows["stop"] = [{"images": record.images, "player": "critic", "what": "loss", "where": "the critic's layer 2"}]
    elif name == "copying":
        every(scores, neighbour_ratio=0.2)
    elif name == "wrong-range":
        drawn(low=0.0)
    elif name == "channel-order":
        drawn(mean=[-0.1, 0.2, 0.1], deviation=[0.55, 0.5, 0.6])
        every(rows["real"], mean=[0.5, 0.2, -0.5])
        drawn(mean=[-0.5, 0.2, 0.5])
    elif name == "artefacts":
        drawn(grid=400.0)
    elif name == "colour-drift":
        drawn(mean=[0.7, 0.8, 0.6])
    elif name == "ema-lag":
        every(probes, average_apart=0.7)
    elif name == "ema-too-fast":
        every(probes, average_apart=0.0)
    elif name == "rate-too-high":
        for index, row in enumerate(probes):
            row["logit_deviation"] = 0.5 if index % 2 else 60.0
    elif name == "rate-too-low":
        for index, row in enumerate(probes):
            row["sketch"]["generator"] = [10.0 + 0.001 * index] * 32
    elif name == "gamma-too-high":
        every(probes, logit_deviation=0.002)
    elif name == "gamma-too-low":
        choices["penalty"] = None
        every(probes, train_slope=9.0)
    elif name == "batch-too-small":
        choices["batch"] = 4
    elif name == "loader-bound":
        every(train, wait_share=0.5)
    elif name == "too-few-images":
        facts["train_images"] = 60
    elif name == "plateau":
        every(scores[3:], fd=750.0)
    elif name == "labels-ignored":
        every(probes, label_moves=0.01)
    elif name == "label-leakage":
        every(probes, label_gap=1.5)
    elif name == "input-ignored":
        every(probes, input_moves=0.01)
    elif name == "noise-ignored":
        every(probes, noise_moves=0.001)
    elif name == "identity-mapping":
        every(probes, changed=0.01)
    elif name == "hidden-code":
        every(probes, hidden=6.0)
    elif name == "colour-inversion":
        every(probes, follows=-0.8)
    else:
        raise AssertionError(f"say how {name} looks: it needs a record of its own here")
    assert late
    return record


@pytest.mark.parametrize("name", SYMPTOMS.names)
def test_a_symptom_is_whole(name):
    symptom = SYMPTOMS.get(name)
    assert (SYMPTOMS.help(name).endswith((".", ":")) and symptom.look.__doc__) or name == "nan"
    assert set(symptom.explains) <= set(SYMPTOMS.names) - {name}
    assert 0 <= symptom.lasts < 0.5
    assert symptom.cure is None or symptom.cure.lever in LEVERS


def test_no_symptom_is_its_own_cause():
    explained = {name: set(SYMPTOMS.get(name).explains) for name in SYMPTOMS.names}
    while explained:
        last = {name for name, effects in explained.items() if not effects & explained.keys()}
        assert last, f"each explains the next: {sorted(explained)}"
        explained = {name: effects for name, effects in explained.items() if name not in last}


def test_a_healthy_run_has_no_finding():
    for classes, given in ((0, 0), (10, 0), (0, 3)):
        diagnosis = examine(healthy(classes, given))
        assert diagnosis.healthy and diagnosis.findings == [] and diagnosis.unjudged == {}


@pytest.mark.parametrize("name", SYMPTOMS.names)
def test_a_symptom_sees_what_it_is_named_after(name):
    diagnosis = examine(spoilt(name))
    assert diagnosis.findings and diagnosis.findings[0].symptom == name
    finding = diagnosis.findings[0]
    assert finding.severity in SEVERITIES and 0.5 <= finding.confidence <= 1 and finding.evidence and finding.advice
    assert finding.because_of == "" and json.loads(json.dumps(finding.row()))["symptom"] == name
    assert "\n" not in in_words(finding) and finding.advice in in_words(finding)


@pytest.mark.parametrize("name", SYMPTOMS.names)
def test_without_its_signals_a_symptom_is_named_as_not_judged(name):
    symptom = SYMPTOMS.get(name)
    choices, facts = {"cycle": 10.0, "latent": 8}, {"classes": 2, "resolution": [8, 8], "given": 3}
    diagnosis = examine(Record(choices, facts, 100, {}))
    assert (name in diagnosis.unjudged) == bool(symptom.reads) and diagnosis.unjudged.get(name, ()) == symptom.reads


def test_a_cause_is_told_before_its_effect():
    record = spoilt("rate-too-high")
    for row in record.rows["probe"]:
        row["drawn"]["variety"] = row["raw"]["variety"] = 0.01
    first, second, *_ = examine(record).findings
    assert first.symptom == "rate-too-high" and second.because_of == "rate-too-high"


def test_what_passes_is_not_told_and_what_ends_is_no_longer():
    record = spoilt("mode-collapse")
    for row in record.rows["probe"][2:]:
        row["drawn"]["variety"] = row["raw"]["variety"] = 0.7
    assert examine(record).findings == []
    examiner, told = Examiner(), []
    record = spoilt("mode-collapse")
    for row in record.rows["probe"][12:]:
        row["drawn"]["variety"] = row["raw"]["variety"] = 0.7
    for row in record.rows["probe"]:
        told.append([finding.symptom for finding in examiner(record.until(row["images"])).findings])
    assert told[0] == [] and told[8] == ["mode-collapse"] and told[-1] == []


def test_an_examination_that_is_taken_up_again_tells_the_same():
    record = spoilt("mode-collapse")
    whole, first, second = Examiner(), Examiner(), Examiner()
    marks = [row["images"] for row in record.rows["probe"]]
    for mark in marks[:5]:
        whole(record.until(mark)), first(record.until(mark))
    second.load_state(json.loads(json.dumps(first.state())))
    for mark in marks[5:]:
        assert whole(record.until(mark)).findings == second(record.until(mark)).findings


def test_a_random_walk_is_told_from_a_straight_way():
    record = healthy()
    motion = Motion.of(record, "generator")
    assert abs(np.median(motion.turns)) < 0.2 and motion.early() == pytest.approx(0.3 / 50**0.5, rel=0.4)
    straight = Motion.of(spoilt("rate-too-low"), "generator")
    assert straight.turns.min() > 0.99 and straight.early() < 1e-4


def test_sureness_grows_from_the_line_on():
    assert sureness(1, 1, 2) == 0.5 and sureness(2, 1, 2) == sureness(5, 1, 2) == 0.99
    assert sureness(0.1, 0.2, 0.0) == pytest.approx(0.745, abs=0.01)


def test_findings_stand_until_they_are_gone(tmp_path):
    path = tmp_path / "diagnosis.jsonl"
    rows = [{"symptom": "nan", "images": 1}, {"symptom": "plateau", "images": 2}, {"symptom": "nan", "gone": True}]
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n")
    assert [row["symptom"] for row in standing(path)] == ["plateau"]


def test_an_unknown_symptom_is_refused():
    with pytest.raises(InputError, match="did you mean plateau"):
        SYMPTOMS.get("plateaus")
