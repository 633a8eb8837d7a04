"""Every experiment of the lab keeps the contract: it can be named, found on the page, read, and believed."""

import math
from dataclasses import replace

import pytest
import torch

from gansmith.core.errors import InputError
from gansmith.core.progress import Progress
from gansmith.engine.trainer import NonFinite
from gansmith.lab import EXPERIMENTS, bench, mixtures, modes, plane_game, results
from gansmith.lab.experiment import Experiment, Outcome, Setting
from gansmith.lab.page import render
from gansmith.lab.plane_game import Settings
from gansmith.lab.rows import Row

FAST = ["best-critic", "vanishing-gradient", "divergences", "parallel-lines", "dirac-eigenvalues"]
LONG = ["grid-100", "grid-25", "stacked-digits"]

experiments = pytest.mark.parametrize("name", EXPERIMENTS.names)


@experiments
def test_an_experiment_says_what_it_is(name):
    experiment = EXPERIMENTS.get(name)
    assert isinstance(experiment, Experiment)
    assert EXPERIMENTS.help(name).endswith(".") and experiment.lead.endswith((".", "?"))
    assert experiment.title and not experiment.title.endswith(".")
    assert len(experiment.words) >= 2 and all(paragraph.endswith(".") for paragraph in experiment.words)


def test_every_chapter_has_its_number():
    chapters = sorted(EXPERIMENTS.get(name).chapter for name in EXPERIMENTS.names)
    assert chapters == list(range(1, len(EXPERIMENTS.names) + 1))


def test_what_is_long_is_made_on_request():
    assert [name for name in EXPERIMENTS.names if EXPERIMENTS.get(name).long] == LONG
    quick = bench.chosen(())
    assert set(quick) == set(EXPERIMENTS.names) - set(LONG)
    assert [experiment.chapter for experiment in quick.values()] == sorted(e.chapter for e in quick.values())


@pytest.mark.parametrize("name", FAST)
def test_theory_and_measurement_agree(name, tmp_path):
    outcome = EXPERIMENTS.get(name).play(Setting(out=tmp_path))
    assert outcome.rows and all(row.holds for row in outcome.rows), [row for row in outcome.rows if not row.holds]
    assert len({row.name for row in outcome.rows}) == len(outcome.rows)


def test_a_wrong_name_has_a_neighbour():
    with pytest.raises(InputError, match="did you mean grid-25"):
        bench.chosen(["grid25"])


def test_minutes_are_for_what_is_long():
    with pytest.raises(InputError, match="grid-25"):
        bench.chosen(["ring"], minutes=1.0)
    assert list(bench.chosen(["ring", "grid-25"], minutes=1.0)) == ["ring", "grid-25"]


def test_an_outcome_is_kept_as_it_was(tmp_path):
    rows = [Row("one", 1.0, 1.0, 0.0, True), Row("two", 0.0, math.nan, math.nan, True)]
    kept = results.keep(tmp_path, "ring", Outcome(rows, ["<p>a figure</p>"]), 1.25, 3)
    found = results.find(tmp_path, "ring")
    assert found is not None and found.figures == kept.figures and (found.seconds, found.seed) == (1.2, 3)
    assert found.rows[0] == rows[0]
    assert math.isnan(found.rows[1].measured) and not found.rows[1].holds
    assert results.to_json(found.rows[1])["measured"] is None


def test_what_cannot_be_read_is_as_if_not_there(tmp_path):
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "ring.json").write_text('{"rows": [{}]')
    assert results.find(tmp_path, "ring") is None
    assert "Not made yet" in render(tmp_path)


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "lab").write_text("")
    with pytest.raises(InputError, match="--out"):
        bench.run({}, Setting(out=tmp_path / "lab"))


# --- the game in the plane


def played(settings: Settings, seed: int = 0) -> plane_game.Played:
    return plane_game.play(mixtures.ring(), settings, seed=seed, progress=Progress(), title="")


def test_a_game_follows_from_its_seed():
    before = torch.random.get_rng_state()
    one, same, other = (played(Settings(updates=1), seed).samples for seed in (0, 0, 1))
    assert one.shape == (mixtures.SAMPLES, 2) and torch.equal(one, same) and not torch.equal(one, other)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_both_players_learn_with_all_they_have():
    trainer = plane_game.trainer_of(mixtures.grid(5), Settings(updates=5), seed=0)
    before = {name: [p.clone() for p in player.parameters()] for name, player in trainer.game.players.items()}
    trainer.play()
    for name, player in trainer.game.players.items():
        assert all(not torch.equal(a, b) for a, b in zip(before[name], player.parameters(), strict=True)), name


def test_minutes_become_updates(monkeypatch):
    monkeypatch.setattr(plane_game, "measure_pace", lambda trainer, seconds: 30.0 * plane_game.BATCH)
    assert plane_game.updates_in(1.1, mixtures.ring(), Settings(updates=1)) == 30 * (66 - plane_game.PROBE_SECONDS)


def test_a_game_has_its_rows_and_its_pictures():
    outcome = modes.explore("ring", mixtures.ring(), Settings(updates=2), Setting(), plain=True)
    assert len(outcome.rows) == 7 and len(outcome.figures) == 2
    assert outcome.rows[-1].holds and not outcome.rows[0].holds


def test_a_game_that_breaks_has_no_mode(monkeypatch):
    def break_down(*_, **__):
        raise NonFinite("critic", 1, 2048, "loss")

    monkeypatch.setattr(modes, "play", break_down)
    row, figure = modes.without_help("ring", mixtures.ring(), Settings(updates=2), Setting())
    assert replace(row, name="") == Row("", 1, 8, 0, True) and figure == ""
