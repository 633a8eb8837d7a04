"""Differentiable augmentation of what the critic sees: colour, translation, cutout, each at random.

Source: Zhao et al. 2020, arXiv:2006.10738 (the operations and their strengths); Karras et al. 2020,
arXiv:2006.06676 (a probability per image and operation).
"""

import torch
from torch import Tensor

from gansmith.core import randomness

TRANSLATION = 1 / 8
CUTOUT = 1 / 2


class DiffAugment:
    """Alters each image with probability ``probability`` per operation.

    Args:
        probability: in [0, 1], the same for colour, translation and cutout.
    Check: at probability 0 the images are returned as they are; gradients reach them.
    """

    def __init__(self, probability: float):
        self.probability = probability

    def __call__(self, images: Tensor, seed: int, purpose: str, step: int) -> Tensor:
        """(N, C, H, W) in [-1, 1] -> the same shape; a function of the arguments alone.

        Only the images that are altered are computed with, and stay channels-last: a gradient laid
        out otherwise would be reordered at full size.
        """
        if self.probability == 0:
            return images
        draw = randomness.uniform((len(images), 10), seed, f"augment-{purpose}", step)
        rows = (draw[:, :3] < self.probability).any(1).nonzero().squeeze(1)
        if not len(rows):
            return images
        draw, rows = (each.to(images.device) for each in (draw[rows], rows))
        chosen = (draw[:, :3] < self.probability).float()
        altered = images.permute(0, 2, 3, 1).index_select(0, rows).permute(0, 3, 1, 2)
        altered = _colour(altered, draw[:, 3:6], chosen[:, 0])
        altered = _translate(altered, draw[:, 6:8], chosen[:, 1])
        altered = _cut_out(altered, draw[:, 8:10], chosen[:, 2])
        return images.clone().index_copy_(0, rows, altered)


def _colour(images: Tensor, draw: Tensor, chosen: Tensor) -> Tensor:
    """Brightness by up to 0.5 either way, saturation by 0 to 2, contrast by 0.5 to 1.5; alpha stays as it is."""
    if images.shape[1] in (2, 4):
        return torch.cat([_colour(images[:, :-1], draw, chosen), images[:, -1:]], 1)
    brightness, saturation, contrast = (value[:, None, None, None] for value in draw.unbind(1))
    on = chosen[:, None, None, None]
    images = images + on * (brightness - 0.5)
    grey = images.mean(1, keepdim=True)
    images = grey + (images - grey) * (1 + on * (2 * saturation - 1))
    level = images.mean((1, 2, 3), keepdim=True)
    return level + (images - level) * (1 + on * (contrast - 0.5))


def _translate(images: Tensor, draw: Tensor, chosen: Tensor) -> Tensor:
    """Shift by whole pixels, up to an eighth of each side; what comes in is mid-grey."""
    height, width = images.shape[-2:]
    reach = torch.tensor([int(width * TRANSLATION), int(height * TRANSLATION)], device=images.device)
    shift = ((2 * draw - 1) * (reach + 0.499)).round() * chosen[:, None]
    rows = torch.arange(height, device=images.device)
    columns = torch.arange(width, device=images.device)
    y = rows[None, :] - shift[:, 1:].long()
    x = columns[None, :] - shift[:, :1].long()
    inside = ((y >= 0) & (y < height))[:, :, None] & ((x >= 0) & (x < width))[:, None, :]
    index = torch.arange(len(images), device=images.device)[:, None, None]
    moved = images.permute(0, 2, 3, 1)[index, y.clamp(0, height - 1)[:, :, None], x.clamp(0, width - 1)[:, None, :]]
    return moved.permute(0, 3, 1, 2) * inside[:, None]


def _cut_out(images: Tensor, draw: Tensor, chosen: Tensor) -> Tensor:
    """Grey out a rectangle of half of each side around a random centre."""
    height, width = images.shape[-2:]
    rows = torch.arange(height, device=images.device)[None, :] + 0.5
    columns = torch.arange(width, device=images.device)[None, :] + 0.5
    in_rows = (rows - draw[:, :1] * height).abs() <= height * CUTOUT / 2
    in_columns = (columns - draw[:, 1:] * width).abs() <= width * CUTOUT / 2
    hole = (in_rows[:, :, None] & in_columns[:, None, :]).float() * chosen[:, None, None]
    return images * (1 - hole)[:, None]
