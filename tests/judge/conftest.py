"""Studies that several tests look at and none changes."""

import pytest
from simulated import folder, npz, study_of


@pytest.fixture(scope="session")
def judge_cache(tmp_path_factory, _session_cache):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GANSMITH_CACHE", str(_session_cache))
        yield


@pytest.fixture(scope="session")
def sources(tmp_path_factory, judge_cache):
    """Real pictures, sorted and not, and three npz files of others."""
    home = tmp_path_factory.mktemp("sources")
    folder(home / "real", 120)
    folder(home / "sorted", 40, ["cat", "cup", "rocket"])
    for name, picture in (("alpha", "coffee"), ("beta", "chelsea"), ("gamma", "rocket")):
        npz(home / f"{name}.npz", 90, picture, ["cat", "cup", "rocket"] * 30)
    return home


@pytest.fixture(scope="session")
def alone(sources, tmp_path_factory):
    """One source, unlimited, 20 questions, 40 pictures."""
    path = tmp_path_factory.mktemp("alone") / "study"
    return study_of([sources / "alpha.npz"], sources / "real", path, protocol="unlimited", trials=20, images=40)


@pytest.fixture(scope="session")
def timed(sources, tmp_path_factory):
    path = tmp_path_factory.mktemp("timed") / "study"
    return study_of([sources / "alpha.npz"], sources / "real", path, protocol="timed", trials=100, images=50)


@pytest.fixture(scope="session")
def pairs(sources, tmp_path_factory):
    """Three sources and the real data, 24 questions."""
    path = tmp_path_factory.mktemp("pairs") / "study"
    names = [sources / f"{name}.npz" for name in ("alpha", "beta", "gamma")]
    return study_of(names, sources / "real", path, protocol="pairs", trials=24, images=20, include_real=True)


@pytest.fixture(scope="session")
def labels(sources, tmp_path_factory):
    path = tmp_path_factory.mktemp("labels") / "study"
    names = [sources / f"{name}.npz" for name in ("alpha", "beta")]
    return study_of(names, sources / "sorted", path, protocol="labels", trials=24, images=24)


@pytest.fixture(params=["alone", "timed", "pairs", "labels"])
def study(request):
    """Each protocol in turn."""
    return request.getfixturevalue(request.param)
