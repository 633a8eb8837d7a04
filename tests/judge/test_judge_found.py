"""What people found goes with the run: its folder answers for itself, and says when it is out of date."""

import json
import shutil

import pytest
from simulated import study_of, truthful, visits

from gansmith.cli.judge import judge
from gansmith.judge.found import studies_between, studies_of
from gansmith.judge.votes import Votes
from gansmith.judge.weights import hash_of_run, hash_of_weights
from gansmith.networks import create_generator
from gansmith.networks.pretrained import Generator, save_generator

ARGUMENTS = {"resolution": (32, 32), "channels": 3, "classes": 0, "latent": 8, "width": 8}


def a_run(path):
    """A run folder with a generator that has not learned anything."""
    path.mkdir(parents=True)
    (path / "config.json").write_text('{"format": 1}')
    description = {"family": "strided", "arguments": ARGUMENTS, "classes": [], "frequencies": []}
    save_generator(path / "generator.safetensors", create_generator("strided", **ARGUMENTS), description)
    return path


@pytest.fixture(scope="module")
def judged(sources, tmp_path_factory):
    """Two runs that three raters compared, and one that nobody knows."""
    home = tmp_path_factory.mktemp("judged")
    runs = [a_run(home / "runs" / name) for name in ("first", "second", "third")]
    study = study_of(runs[:2], sources / "real", home / "studies" / "s", protocol="pairs", trials=12, images=12)
    votes = Votes(study.path, study.fingerprint, create=True)
    visits(study, [truthful(strengths={1: 1.0})] * 3, votes=votes)
    votes.close()
    judge(results=study.path, json=True)
    return home


def test_a_run_knows_its_studies(judged):
    first, second, third = (judged / "runs" / name for name in ("first", "second", "third"))
    (told,) = studies_of(first)
    assert told["name"] == "first" and told["current"] and told["folder"] == str(judged / "studies" / "s")
    assert told["score"] == told["scores"]["first"] and told["measure"] == "bradley-terry"
    assert json.loads(json.dumps(told)) == told and studies_of(third) == []
    (between,) = studies_between([third, second, first])
    assert between["names"] == [None, "second", "first"] and between["study"] == told["study"]
    assert studies_between([first, third]) == []


def test_it_goes_where_the_run_goes(judged, tmp_path):
    moved = tmp_path / "moved"
    shutil.copytree(judged / "runs" / "first", moved)
    assert studies_of(moved) == studies_of(judged / "runs" / "first")
    (moved / "judge" / "odd.json").write_text("{")
    (moved / "judge" / "later.json").write_text('{"format": 99, "name": "x"}')
    assert len(studies_of(moved)) == 1


def test_other_weights_were_not_judged(judged, tmp_path):
    trained_on = a_run(tmp_path / "run")
    shutil.copytree(judged / "runs" / "first" / "judge", trained_on / "judge")
    assert not studies_of(trained_on)[0]["current"]
    assert studies_between([trained_on, judged / "runs" / "second"]) == []


def test_a_study_from_elsewhere_writes_into_nobodys_run(judged, tmp_path):
    """Its folders are those of another machine; here they may hold other runs."""
    mine = a_run(tmp_path / "runs" / "first")
    shutil.copytree(judged / "studies", tmp_path / "studies")
    judge(results=tmp_path / "studies" / "s", json=True)
    assert not (mine / "judge").exists()


def test_what_lies_beside_is_not_read(judged, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(judged / "runs" / "first", run)
    (copy,) = (run / "judge").iterdir()
    told = json.loads(copy.read_text())
    for change in ({"contenders": [3]}, {"contenders": []}, {"created": None}, {"scores": 3}, {"format": "x"}):
        copy.write_text(json.dumps(told | change))
        assert studies_of(run) == [], change
    copy.write_text(json.dumps(told))
    assert len(studies_of(run)) == 1


def test_a_file_and_a_generator_have_the_same_hash(judged):
    run = judged / "runs" / "first"
    state = Generator.from_pretrained(run).module.state_dict()
    assert hash_of_run(run) == hash_of_weights({name: values.numpy() for name, values in state.items()})
    assert hash_of_run(judged) is None
