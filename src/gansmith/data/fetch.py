"""Getting a data package with the tools of the machine, into the cache, whole or not at all."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from gansmith.core.errors import InputError
from gansmith.core.files import cache_folder, remove_tree
from gansmith.core.progress import Progress

TIMEOUT_SECONDS = 900


def fetched(name: str, get: Callable[[Path], None], progress: Progress) -> Path:
    """The folder cache/fetched/NAME, made by ``get`` in a temporary folder if it is not there yet."""
    folder = cache_folder() / "fetched" / name
    if folder.is_dir():
        return folder
    progress.message(f"fetching {name}, once")
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=folder.parent))
    try:
        get(temporary)
        os.rename(temporary, folder)
    except FileExistsError:
        pass
    finally:
        remove_tree(temporary)
    return folder


def tool(name: str, instead: str) -> str:
    """The full path of a command.

    Raises: InputError: it is not there; says what to do instead.
    """
    if path := shutil.which(name):
        return path
    raise InputError(f"{name} is needed to fetch this and is not there; {instead}")


def run(command: list[str], folder: Path, instead: str) -> None:
    """Run a command in a folder, quietly.

    Raises: InputError: it failed; the last line that it wrote, and what to do instead.
    """
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or [f"exit code {error.returncode}"])[-1]
        raise InputError(f"{Path(command[0]).name} could not fetch this ({last}); {instead}") from error
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
