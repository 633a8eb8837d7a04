"""Getting a data package with the tools of the machine, into the cache, whole or not at all."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from gansmith.core.errors import InputError, WorkError
from gansmith.core.files import CACHE_VARIABLE, cache_folder, remove_tree
from gansmith.core.progress import Progress

TIMEOUT_SECONDS = 900


def fetched(name: str, get: Callable[[Path], None], inside: str, progress: Progress) -> Path:
    """The folder cache/fetched/NAME/INSIDE, made by ``get`` in a temporary folder if it is not there yet.

    Raises:
        InputError: the package cannot be had, or does not hold ``inside``.
        WorkError: the cache cannot be written.
    """
    folder = cache_folder() / "fetched" / name
    if (folder / inside).is_dir():
        return folder / inside
    progress.message(f"fetching {name}, once")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=folder.parent) as temporary:
            get(Path(temporary))
            if not (Path(temporary) / inside).is_dir():
                raise InputError(f"the package of {name} does not hold {inside}; give a local folder instead")
            remove_tree(folder)
            os.rename(temporary, folder)
            os.mkdir(temporary)  # for the context to remove
    except OSError as error:
        fix = f"free some space or set {CACHE_VARIABLE} to another place"
        raise WorkError(f"cannot write {folder.parent}: {error.strerror or error}; {fix}") from error
    return folder / inside


def tool(name: str, instead: str) -> str:
    """The full path of a command.

    Raises: InputError: it is not there; says what to do instead.
    """
    if path := shutil.which(name):
        return path
    raise InputError(f"{name} is needed to fetch this and is not there; {instead}")


def run(command: list[str], folder: Path, instead: str) -> None:
    """Run a command in a folder, quietly.

    Raises: InputError: it failed; the line in which it says why, and what to do instead.
    """
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
    except subprocess.CalledProcessError as error:
        said = error.stderr.strip().splitlines() or [f"exit code {error.returncode}"]
        line = next((line for line in said if line.startswith("E:") or "error" in line.lower()), said[-1])
        raise InputError(f"{Path(command[0]).name} could not fetch this ({line.strip()}); {instead}") from error
    except subprocess.TimeoutExpired as error:
        raise InputError(f"{Path(command[0]).name} took more than {TIMEOUT_SECONDS} s; {instead}") from error


def debian_package(name: str, instead: str) -> Callable[[Path], None]:
    """How to download and unpack a Debian package without being root."""

    def get(folder: Path) -> None:
        apt, dpkg = tool("apt-get", instead), tool("dpkg-deb", instead)
        run([apt, "download", name], folder, instead)
        for package in folder.glob("*.deb"):
            run([dpkg, "-x", str(package), str(folder)], folder, instead)
            package.unlink()

    return get


def npm_package(name: str, instead: str) -> Callable[[Path], None]:
    """How to install an npm package into a folder, without running its scripts."""

    def get(folder: Path) -> None:
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund"]
        run([tool("npm", instead), "install", *quiet, "--prefix", str(folder), name], folder, instead)

    return get
