"""Pixels: one size and one set of colours for all, files that give nothing away, damaged pictures, masks."""

import io

import numpy as np
from PIL import Image

from gansmith.data.fit import as_array, fit

TILES = 6
NOISE = 60.0
WHITE = 255


def encode(image: np.ndarray) -> bytes:
    """(H, W, 3) uint8 -> an uncompressed PNG.

    Check: the files of all pictures of one size have the same length, so that not even their bytes tell real from
    generated; no metadata, nothing but pixels.
    """
    file = io.BytesIO()
    Image.fromarray(image).save(file, format="PNG", compress_level=0)
    return file.getvalue()


def decode(content: bytes) -> np.ndarray:
    """What ``encode`` wrote -> (H, W, 3) uint8."""
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def uniform(images: np.ndarray, size: tuple[int, int], grey: bool) -> np.ndarray:
    """(n, H, W, C) uint8 of any size, C of 1, 3 or 4 -> (n, height, width, 3), alpha laid on white.

    Args:
        size: (width, height) in pixels; what has it already is not resampled.
        grey: without colour, for all, because one of the contenders has none.
    """
    return np.stack([_one(image, size, grey) for image in images])


def _one(image: np.ndarray, size: tuple[int, int], grey: bool) -> np.ndarray:
    picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
    if picture.mode == "RGBA":
        ground = Image.new("RGBA", picture.size, (WHITE, WHITE, WHITE, WHITE))
        ground.alpha_composite(picture)
        picture = ground
    picture = fit(picture.convert("L" if grey else "RGB"), *size)
    return as_array(picture.convert("RGB"))


def damage(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(H, W, 3) uint8 -> the same picture so broken that whoever looks at it cannot take it for real.

    Six by six tiles change places and grey noise lies on top.
    """
    height, width = image.shape[0] // TILES * TILES, image.shape[1] // TILES * TILES
    tiles = image[:height, :width].reshape(TILES, height // TILES, TILES, width // TILES, 3).swapaxes(1, 2)
    tiles = tiles.reshape(TILES * TILES, *tiles.shape[2:])[rng.permutation(TILES * TILES)]
    mixed = tiles.reshape(TILES, TILES, *tiles.shape[1:]).swapaxes(1, 2).reshape(height, width, 3)
    broken = image.copy()
    broken[:height, :width] = mixed
    noise = rng.normal(0, NOISE, broken.shape[:2])[..., None]
    return np.clip(np.rint(broken + noise), 0, 255).astype(np.uint8)


def mask(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(n, H, W, 3) uint8 -> one (H, W, 3) mask: the pictures' own spectrum and colours, with random phases.

    A picture goes on being seen after it has left the screen; a mask with the same frequencies ends that.
    """
    values = images.astype(np.float64)
    power = np.sqrt((np.abs(np.fft.fft2(values, axes=(1, 2))) ** 2).mean(0))
    noise = np.fft.fft2(rng.normal(size=values.shape[1:3]))
    phases = noise / np.maximum(np.abs(noise), 1e-12)
    texture = np.fft.ifft2(power * phases[..., None], axes=(0, 1)).real
    texture -= texture.mean((0, 1))
    texture *= values.std((0, 1, 2)) / np.maximum(texture.std((0, 1)), 1e-12)
    return np.clip(np.rint(texture + values.mean((0, 1, 2))), 0, 255).astype(np.uint8)
