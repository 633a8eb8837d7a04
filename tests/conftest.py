"""What the tests share: one thread, folders of real pictures, and a cache of their own."""

import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # two test processes, two cores

import pytest

from real_pictures import save_tiles, tiles


@pytest.fixture(scope="session")
def photos(tmp_path_factory) -> Path:
    """Forty real pictures of 28 px in one flat folder."""
    return save_tiles(tmp_path_factory.mktemp("pictures") / "photos", tiles(40))


@pytest.fixture(scope="session")
def sorted_photos(tmp_path_factory) -> Path:
    """Forty real pictures of 28 px in two class folders."""
    folder = tmp_path_factory.mktemp("pictures") / "sorted"
    for name in ("cat", "coffee"):
        save_tiles(folder / name, tiles(20, picture={"cat": "chelsea"}.get(name, name)))
    return folder


@pytest.fixture(scope="session")
def _session_cache(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def shared_cache(_session_cache, monkeypatch) -> Path:
    """A cache that the tests of one session share, so that a folder is prepared once; never the user's."""
    monkeypatch.setenv("GANSMITH_CACHE", str(_session_cache))
    return _session_cache
