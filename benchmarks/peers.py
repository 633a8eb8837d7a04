"""Public GAN projects as shipped, each in an environment of its own, for ``time_to_quality.py``.

    python benchmarks/peers.py install torchgan    # into benchmarks/runs/peers, which the first use does by itself
    python benchmarks/peers.py refused vegans      # install what is left out, and see what it says

Every project comes from the registry in its newest version, pinned, beside the torch that gansmith is tested with, and
is driven by the adapter of its name in ``benchmarks/peers``: with the defaults of its own documentation, and with what
had to be changed named there. Those that do not train here are kept in REFUSED with what they said under Python 3.11.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from gansmith.data.prepare import Prepared

HERE = Path(__file__).resolve().parent
PLACE, ADAPTERS = HERE / "runs" / "peers", HERE / "peers"
TORCH = ("torch==2.13.0", "torchvision==0.28.0", "pillow==13.0.0")

PEERS: dict[str, tuple[str, ...]] = {
    "particlegan": (*TORCH, "particlegan==0.9.4"),
    "torchgan": (*TORCH, "torchgan==0.1.0"),
    "ganim": (*TORCH, "Ganim==0.1.0"),
    "fastai": (*TORCH, "fastai==2.8.12"),
    # Each of these two imports something that it, or what it stands on, no longer brings along.
    "lightning-bolts": (*TORCH, "lightning-bolts==0.7.0", "setuptools==80.9.0"),
    "torch-mimicry": (*TORCH, "torch-mimicry==0.1.16", "tensorboard==2.21.0"),
}


@dataclass(frozen=True)
class Refusal:
    """A project that does not train here.

    Attributes:
        requirements: what pip is told.
        said: its error, or why it is left out.
        tried: what was run once it was installed; empty where pip itself refuses.
    """

    requirements: tuple[str, ...]
    said: str
    tried: str = ""


NO_CUDA = "AssertionError: You need to have an Nvidia GPU with CUDA installed."
GIGAGAN = """
import time, sys
from gigagan_pytorch import GigaGAN, ImageDataset
shared = {"image_size": 64, "dim_max": 512, "num_skip_layers_excite": 4, "unconditional": True}
generator = {"dim_capacity": 8, "style_network": {"dim": 64, "depth": 4}, **shared}
gan = GigaGAN(generator=generator, discriminator={"dim_capacity": 16, **shared})
gan.set_dataloader(ImageDataset(folder=sys.argv[1], image_size=64).get_dataloader(batch_size=1))
began = time.process_time()
gan(steps=3, grad_accum_every=8)
print(f"{24 / (time.process_time() - began):.2f} images in a second of the processor")
"""
SIMPLEGAN = """
import numpy, tensorflow
from simplegan.gan import DCGAN
gan = DCGAN()
gan.image_size = (64, 64, 3)
pictures = numpy.zeros((64, 64, 64, 3), "float32")
gan.fit(tensorflow.data.Dataset.from_tensor_slices(pictures).batch(32), epochs=1)
"""
REFUSED: dict[str, Refusal] = {
    "lightweight-gan": Refusal((*TORCH, "lightweight-gan==1.2.1"), NO_CUDA, "import lightweight_gan"),
    "stylegan2-pytorch": Refusal((*TORCH, "stylegan2-pytorch==1.9.0"), NO_CUDA, "import stylegan2_pytorch"),
    "unet-stylegan2": Refusal((*TORCH, "unet-stylegan2==0.5.1"), NO_CUDA, "import unet_stylegan2"),
    "gigagan-pytorch": Refusal(
        (*TORCH, "gigagan-pytorch==0.3.0"),
        "0.26 images in a second of the processor at 64 px, so ten minutes are some 30 steps",
        GIGAGAN,
    ),
    "hypergan": Refusal(
        (*TORCH, "hypergan==1.0.6"), "ModuleNotFoundError: No module named 'hyperchamber'", "import hypergan"
    ),
    "simplegan": Refusal(
        (*TORCH, "simplegan==0.2.9", "tensorflow==2.21.0"),
        "AttributeError: 'Mean' object has no attribute 'reset_states'",
        SIMPLEGAN,
    ),
    "tensorflow-gan": Refusal(
        (*TORCH, "tensorflow-gan==2.1.0", "tensorflow==2.21.0"),
        "AttributeError: module 'tensorflow' has no attribute 'estimator'",
        "import tensorflow_gan",
    ),
    "gans-kit": Refusal(
        (*TORCH, "gans-kit==0.0.1a2"),
        "['cgan']: its one GAN takes labels",
        "import pkgutil, ganskit; print([found.name for found in pkgutil.iter_modules(ganskit.__path__)])",
    ),
    "vegans": Refusal(
        ("--only-binary=:all:", "vegans==0.4.0"), "ERROR: No matching distribution found for matplotlib==3.3.4"
    ),
    "pro-gan-pth": Refusal(("pro-gan-pth==3.4",), "ERROR: No matching distribution found for numpy==1.21.4"),
    "mmgen": Refusal(("mmgen==0.7.3",), "ModuleNotFoundError: No module named 'torch', while its wheel is built"),
}


def install(name: str, requirements: tuple[str, ...]) -> Path:
    """The Python of a project's environment, which is made where it is not there whole."""
    place = PLACE / f"{name}-venv"
    python, whole = place / "bin" / "python", place / "whole"
    if not whole.exists():
        venv.create(place, clear=True, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", *requirements], check=True)
        whole.touch()
    return python


def write_pictures(prepared: "Prepared", name: str) -> Path:
    """The training split as PNG files, in a folder within one of its own, written once."""
    from PIL import Image

    place = PLACE / "pictures" / f"{name}-{prepared.fingerprint[:12]}"
    if not place.exists():
        begun = place.with_name(f".{place.name}")
        shutil.rmtree(begun, ignore_errors=True)
        (begun / "train").mkdir(parents=True)
        for row in prepared.splits["train"]:
            picture = np.asarray(prepared.images[row])
            Image.fromarray(picture.squeeze() if picture.shape[-1] == 1 else picture).save(
                begun / "train" / f"{row:06d}.png"
            )
        begun.rename(place)
    return place / "train"


def pace(name: str, pictures: Path) -> float:
    """Images a second on all processors, after the first ones."""
    out = PLACE / "pace" / name
    _play(name, "pace", pictures, out, threads=os.cpu_count() or 1)
    return json.loads((out / "pace.json").read_text())["images_per_second"]


def train(name: str, pictures: Path, out: Path, images: int, samples: int, seed: int) -> np.ndarray:
    """(samples, H, W, C) uint8 after so many images on one thread; those of before if they are there."""
    drawn = out / "samples.npy"
    if not drawn.exists():
        options = {"images": images, "samples": samples, "seed": seed}
        _play(name, "train", pictures, out, 1, *(f"--{option}={value}" for option, value in options.items()))
    return np.load(drawn)


def _play(name: str, what: str, pictures: Path, out: Path, threads: int, *options: str) -> None:
    """Call a project's adapter, in a folder that holds nothing of before."""
    shutil.rmtree(out, ignore_errors=True)  # or a project would find, and go on from, what it wrote there
    script = ADAPTERS / f"play_{name.replace('-', '_')}.py"
    command = [install(name, PEERS[name]), script, what, pictures, "--out", out, *options]
    environment = os.environ | {"OMP_NUM_THREADS": str(threads), "CUDA_VISIBLE_DEVICES": ""}
    subprocess.run(command, check=True, env=environment)


def try_again(name: str) -> None:
    """What a project that is left out says today."""
    refusal = REFUSED[name]
    try:
        python = install(name, refusal.requirements)
    except subprocess.CalledProcessError:
        sys.exit(f"pip refuses; in the table: {refusal.said}")
    pictures = next((PLACE / "pictures").glob("avatars-*"), PLACE)  # for those that get as far as training
    subprocess.run([python, "-W", "ignore", "-c", f"import contract\n{refusal.tried}", pictures], cwd=ADAPTERS)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = parser.add_subparsers(dest="what", required=True)
    parts.add_parser("install").add_argument("name", choices=PEERS)
    parts.add_parser("refused").add_argument("name", choices=REFUSED)
    given = parser.parse_args()
    if given.what == "install":
        print(install(given.name, PEERS[given.name]))
    else:
        try_again(given.name)


if __name__ == "__main__":
    main()
