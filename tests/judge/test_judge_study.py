"""A study's folder and its plans: balanced, opaque, the same again, and refused where it cannot be."""

import json
import shutil
import time
from collections import Counter

import numpy as np
import pytest
from PIL import Image
from simulated import folder, npz, study_of

from gansmith.core.errors import InputError
from gansmith.core.progress import Progress
from gansmith.judge import picture
from gansmith.judge.contenders import Data, Stored
from gansmith.judge.making import open_or_make
from gansmith.judge.plan import plan
from gansmith.judge.request import Request, next_folder
from gansmith.judge.selection import affordable
from gansmith.judge.study import Numbers, from_json, load, unique
from gansmith.networks import create_generator
from gansmith.networks.pretrained import save_generator

# --- plans


def test_a_plan_is_a_function_of_seed_and_number(study):
    again = from_json(study.path, json.loads(json.dumps(study.as_json())))
    for number in (0, 1, 7):
        assert plan(again, number) == plan(study, number)
    assert plan(study, 0) != plan(study, 1)


def test_everything_is_shown_equally_often(study):
    """After any number of raters, to within one; nobody is asked the same twice."""
    seen: Counter = Counter()
    blocks = study.numbers.blocks
    for number in range(4 * blocks + 1):
        asked = [trial for trial in plan(study, number) if trial.use == "main"]
        shown = [tuple(sorted(trial.pictures)) for trial in asked]
        assert len(set(shown)) == len(shown)
        seen.update(shown)
        assert max(seen.values()) - min(seen.values()) <= 1
        if number + 1 >= blocks:
            assert len(seen) == (study.numbers.each * blocks) * (
                2 * len(study.judged) if study.one_at_a_time else len(study.judged) * (len(study.judged) - 1) // 2
            )
    assert min(seen.values()) >= 4


def test_a_session_is_balanced(study):
    for number in range(3):
        asked = [trial for trial in plan(study, number) if trial.use == "main"]
        if study.one_at_a_time:
            assert Counter(trial.right for trial in asked) == {0: len(asked) // 2, 1: len(asked) // 2}
        else:
            for group in {trial.group for trial in asked}:
                own = [trial for trial in asked if trial.group == group]
                first = min(study.pictures[name].of for name in own[0].pictures)
                left = sum(study.pictures[trial.pictures[0]].of == first for trial in own)
                assert abs(2 * left - len(own)) <= 1


def test_practice_comes_first_and_checks_are_spread(study):
    trials = plan(study, 3)
    uses = [trial.use for trial in trials]
    numbers = study.numbers
    assert uses[: numbers.practice] == ["practice"] * numbers.practice
    places = [place for place, use in enumerate(uses[numbers.practice :]) if use == "check"]
    assert len(places) == numbers.checks and places[0] > 0
    part = (len(uses) - numbers.practice) / numbers.checks
    assert all(abs(place - (index + 0.5) * part) < part + 1 for index, place in enumerate(places))
    known = {trial.right for trial in trials if trial.use != "main"}
    assert known == {0, 1}


def test_labels_are_shared_by_both_sides(labels):
    for trial in plan(labels, 0):
        names = {labels.pictures[name].label for name in trial.pictures}
        assert trial.label in names and (trial.use == "practice" or names == {trial.label})
    assert {trial.label for trial in plan(labels, 0) if trial.use == "main"} == {"cat", "cup", "rocket"}


# --- what could give it away


def test_the_files_tell_nothing(study):
    """One length, one size, one mode, no metadata, names that say nothing, times in the names' order."""
    files = [study.file(name) for name in study.pictures]
    assert len({file.stat().st_size for file in files}) == 1
    for file in files:
        with Image.open(file) as image:
            assert (image.size, image.mode, image.info) == (study.size, "RGB", {})
        kinds = [chunk for chunk in (b"tEXt", b"tIME", b"iTXt", b"eXIf", b"pHYs") if chunk in file.read_bytes()]
        assert not kinds
    times = [file.stat().st_mtime_ns for file in sorted(files)]
    assert times == sorted(times)
    assert sorted(study.pictures) == list(study.pictures)


def test_names_hold_no_order(alone):
    """By name, real and generated are mixed as by a fair coin."""
    main = [picture for picture in alone.pictures.values() if picture.use == "main"]
    real = np.array([picture.of == 0 for picture in main])
    changes = int((real[1:] != real[:-1]).sum())
    assert real.sum() == len(main) / 2 and abs(changes - len(main) / 2) < 3 * (len(main) / 4) ** 0.5


def test_two_studies_have_other_names(sources, tmp_path, alone):
    again = study_of(
        [sources / "alpha.npz"], sources / "real", tmp_path / "s", protocol="unlimited", trials=20, images=40
    )
    assert not set(again.pictures) & set(alone.pictures)
    contents = [{study.file(name).read_bytes() for name in study.pictures} for study in (again, alone)]
    assert contents[0] == contents[1]


def test_no_picture_has_two_uses(study):
    hashes = [shown.hash for shown in study.pictures.values()]
    twice = len(hashes) - len(set(hashes))
    assert twice == 0


def test_colour_gives_nothing_away(tmp_path, sources, judge_cache):
    """One grey contender, and all are grey."""
    images = np.load(sources / "alpha.npz")["images"]
    np.savez(tmp_path / "grey.npz", images=images[..., :1])
    study = study_of([tmp_path / "grey.npz"], sources / "real", tmp_path / "s", protocol="unlimited", trials=10)
    for name in study.pictures:
        shown = picture.decode(study.file(name).read_bytes()).astype(int)
        if study.pictures[name].use == "main":
            assert (shown[..., 0] == shown[..., 1]).all()


def test_transparency_is_laid_on_white():
    clear = np.zeros((1, 8, 8, 4), np.uint8)
    assert (picture.uniform(clear, (8, 8), False) == 255).all()


def test_a_damaged_picture_is_plainly_another():
    image = np.asarray(Image.linear_gradient("L").resize((32, 32)).convert("RGB"))
    broken = picture.damage(image, np.random.default_rng(0))
    assert broken.shape == image.shape and np.abs(broken.astype(int) - image).mean() > 40


def test_a_mask_has_the_pictures_spectrum():
    rng = np.random.default_rng(0)
    images = np.cumsum(rng.normal(size=(20, 32, 32, 3)), axis=1) * 10 + 128
    images = np.clip(images, 0, 255).astype(np.uint8)
    shown = picture.mask(images, rng).astype(float)
    assert shown.shape == (32, 32, 3)
    slow, fast = (
        np.abs(np.fft.fft(shown - shown.mean(), axis=0))[rows].mean() for rows in (slice(1, 4), slice(12, 16))
    )
    assert slow > 3 * fast and abs(shown.mean() - images.mean()) < 20


# --- the same again


def test_the_same_request_goes_on(sources, tmp_path, monkeypatch):
    asked = {"protocol": "unlimited", "trials": 20, "images": 40}
    made = study_of([sources / "alpha.npz"], sources / "real", tmp_path / "s", **asked)
    before = (tmp_path / "s" / "study.json").read_bytes()
    assert study_of([sources / "alpha.npz"], sources / "real", tmp_path / "s", **asked) == made == load(tmp_path / "s")
    with pytest.raises(InputError, match=r"another trials \(20, not 30\)"):
        study_of([sources / "alpha.npz"], sources / "real", tmp_path / "s", **(asked | {"trials": 30}))
    with pytest.raises(InputError, match=r"beta\.npz are not those of the study"):
        study_of([sources / "beta.npz"], sources / "real", tmp_path / "s", **asked)
    with pytest.raises(InputError, match="other sources"):
        study_of([sources / f"{name}.npz" for name in ("alpha", "beta")], sources / "real", tmp_path / "s", **asked)
    assert (tmp_path / "s" / "study.json").read_bytes() == before
    monkeypatch.chdir(sources)
    assert study_of(["alpha.npz"], "real", tmp_path / "s", **asked) == made, "a path has many spellings"


def test_the_words_may_change(sources, tmp_path):
    """Votes are not about them, so the study is still the same one."""
    asked = {"protocol": "unlimited", "trials": 20, "images": 40}
    made = study_of([sources / "alpha.npz"], sources / "real", tmp_path / "s", **asked, title="One")
    said = study_of([sources / "alpha.npz"], sources / "real", tmp_path / "s", **asked, consent="Read this.")
    assert said == load(tmp_path / "s") and said.fingerprint == made.fingerprint
    assert (said.title, said.consent) == ("One", "Read this.")


def test_practice_favours_nobody(sources, tmp_path):
    """It shows each of two sources, and none of three."""
    names = [sources / f"{name}.npz" for name in ("alpha", "beta", "gamma")]
    for protocol, count, shown in (("unlimited", 2, {0, 1, 2}), ("unlimited", 3, {0}), ("pairs", 3, {0})):
        place = tmp_path / f"{protocol}{count}"
        study = study_of(names[:count], sources / "real", place, protocol=protocol, trials=12, images=6)
        assert {study.pictures[name].of for name in study.used("practice")} == shown


def test_many_pictures_are_counted_in_no_time(sources):
    piles = [Data(str(sources / "real"), 0, True, Progress()), Stored(str(sources / "alpha.npz"), 0)]
    piles[0].open((28, 28), Progress())
    request = Request(sources=("alpha",), against="real", protocol="unlimited", trials=10, images=10_000)
    began = time.perf_counter()
    assert affordable(request, piles, None).blocks == 17  # 85 of 90 beside two for practice
    assert time.perf_counter() - began < 2


def test_pictures_that_changed_are_another_study(sources, tmp_path):
    mine = tmp_path / "mine.npz"
    shutil.copy(sources / "alpha.npz", mine)
    study_of([mine], sources / "real", tmp_path / "s", protocol="unlimited", trials=10)
    npz(mine, 90, "rocket")
    with pytest.raises(InputError, match="not those of the study"):
        study_of([mine], sources / "real", tmp_path / "s", protocol="unlimited", trials=10)


def test_a_run_draws_what_sample_draws(sources, tmp_path):
    """A generator as a contender; truncated to the size of the data; classes by name."""
    arguments = {"resolution": (32, 32), "channels": 3, "classes": 3, "latent": 8, "width": 8}
    description = {"family": "strided", "arguments": arguments, "classes": ["cat", "cup", "rocket"]}
    run = tmp_path / "run"
    run.mkdir()
    weights = create_generator("strided", **arguments)
    save_generator(run / "generator.safetensors", weights, description | {"frequencies": [0.3, 0.3, 0.4]})
    study = study_of([run, sources / "beta.npz"], sources / "sorted", tmp_path / "s", protocol="labels", trials=12)
    assert study.size == (28, 28) and study.names == ["real", "run", "beta"]
    assert study.contenders[1]["kind"] == "run"
    labels = Counter(p.label for p in study.pictures.values() if p.of == 1 and p.use == "main")
    assert set(labels) == {"cat", "cup", "rocket"} and max(labels.values()) - min(labels.values()) <= 1


# --- what cannot be


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"protocol": "unlimited", "trials": 400}, "ask for fewer with --trials"),
        ({"protocol": "unlimited", "images": 10_001}, "more than 10,000"),
        ({"protocol": "unlimited", "trials": 4}, "outside 10 to 2000"),
        ({"protocol": "timed", "trials": 60}, "100 or more"),
        ({"protocol": "pairs"}, "compares"),
        ({"protocol": "unlimited", "include_real": True}, "leave --include-real out"),
        ({"protocol": "labels", "include_real": True}, "has no labels"),
        ({"protocol": "unlimited", "resolution": "7"}, "outside 28 to 256"),
    ],
)
def test_what_cannot_be_asked(sources, tmp_path, asked, says):
    with pytest.raises(InputError, match=says):
        study_of([sources / "alpha.npz"], sources / "real", tmp_path / "s", **asked)
    assert not list(tmp_path.iterdir())


def test_one_picture_is_too_few(sources, tmp_path):
    npz(tmp_path / "one.npz", 1, "coffee")
    with pytest.raises(InputError, match=r"one\.npz has 1 pictures, and this study takes 7"):
        study_of([tmp_path / "one.npz"], sources / "real", tmp_path / "s", protocol="unlimited", trials=10)
    assert not (tmp_path / "s").exists()


def test_fewer_pictures_make_fewer_blocks(sources, tmp_path):
    npz(tmp_path / "few.npz", 27, "coffee")
    study = study_of([tmp_path / "few.npz"], sources / "real", tmp_path / "s", protocol="unlimited", trials=20)
    assert study.numbers == Numbers(each=10, blocks=2, checks=8, practice=6)


def test_what_is_in_the_way_stays(sources, tmp_path):
    place = tmp_path / "s"
    place.mkdir()
    (place / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="holds no study"):
        study_of([sources / "alpha.npz"], sources / "real", place, protocol="unlimited", trials=10)
    assert [file.name for file in place.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"no zip", "cannot be read"),
        (None, "there is no file"),
        ({"x": 1}, "it needs images"),
        ("float", "uint8"),
    ],
)
def test_an_npz_is_looked_at(sources, tmp_path, content, says):
    file = tmp_path / "x.npz"
    if isinstance(content, bytes):
        file.write_bytes(content)
    elif content is not None:
        np.savez(file, **(content if isinstance(content, dict) else {"images": np.zeros((4, 8, 8, 3))}))
    with pytest.raises(InputError, match=says):
        study_of([file], sources / "real", tmp_path / "s", protocol="unlimited", trials=10)


def test_a_study_that_was_touched_is_refused(alone, tmp_path):
    place = tmp_path / "s"
    shutil.copytree(alone.path, place)
    first = place / "pictures" / f"{next(iter(alone.pictures))}.png"
    kept = first.read_bytes()
    first.write_bytes(kept[:-1] + b"\0")
    with pytest.raises(InputError, match="not the picture this study began with"):
        load(place)
    first.unlink()
    with pytest.raises(InputError, match="missing"):
        load(place)
    first.write_bytes(kept)
    told = json.loads((place / "study.json").read_text())
    for change, says in (({"format": 2}, "newer gansmith"), ({"protocol": "odd"}, "odd"), ({"numbers": 3}, "read as")):
        (place / "study.json").write_text(json.dumps(told | change))
        with pytest.raises(InputError, match=says):
            load(place)
    (place / "study.json").write_text("{")
    with pytest.raises(InputError, match="cannot be read"):
        load(place)
    with pytest.raises(InputError, match="holds no study"):
        load(tmp_path)


def test_no_path_leaves_the_folder(alone, tmp_path):
    """Neither a picture's name nor the study's own can lead elsewhere."""
    with pytest.raises(ValueError, match="id is impossible"):
        from_json(tmp_path, alone.as_json() | {"id": "../config"})
    told = alone.as_json()
    told["pictures"] = {"../../etc/passwd": next(iter(told["pictures"].values()))}
    with pytest.raises(ValueError, match="impossible name"):
        from_json(tmp_path, told)


def test_names_and_numbers(tmp_path, sources, monkeypatch):
    assert unique(["real", "a", "real", "a"]) == ["real", "a", "real (2)", "a (2)"]
    assert unique(["a", "a", "a (2)", "a"]) == ["a", "a (2)", "a (2) (2)", "a (3)"]
    monkeypatch.chdir(tmp_path)
    request = Request(sources=(str(sources / "alpha.npz"),), against=str(sources / "real"), protocol="pairs",
                      include_real=True, trials=10)  # fmt: skip
    made = [open_or_make(request, None, Progress()).path for _ in range(2)]
    assert [path.name for path in made] == ["real-pairs-001", "real-pairs-002"]
    assert next_folder("real", "pairs").name == "real-pairs-003"


def test_a_folder_can_be_judged(tmp_path, judge_cache):
    """Pictures of several sizes, at the smallest of all."""
    real, drawn = folder(tmp_path / "real", 60), tmp_path / "drawn"
    folder(drawn, 40)
    for file in drawn.iterdir():
        Image.open(file).resize((64, 48)).save(file)
    study = study_of([drawn], real, tmp_path / "s", protocol="unlimited", trials=20)
    assert study.size == (28, 28) and study.names == ["real", "drawn"]
