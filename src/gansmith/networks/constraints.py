"""Bounds on a critic's weights, which bound its slope.

Source: Miyato et al. 2018, arXiv:1802.05957 (spectral); Arjovsky et al. 2017, arXiv:1701.07875 (clip).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import torch
from torch import nn
from torch.nn.utils.parametrizations import _SpectralNorm, spectral_norm
from torch.nn.utils.parametrize import is_parametrized

from gansmith.core.errors import InputError
from gansmith.networks.conditioning import Head

CONSTRAINTS = ("spectral", "clip")
CLIP = 0.01

Module = TypeVar("Module", bound=nn.Module)


def constrain(critic: Module, kind: str, limit: float = CLIP) -> Module:
    """Constrain every weight that there is now, in place; the critic itself is returned.

    Args:
        critic: any module.
        kind: "spectral": each convolution and linear layer, and the rows of a projection, are divided
            by their largest singular value. "clip": each parameter stays within +-limit.
        limit: of "clip".
    Raises: InputError: for another kind, a limit that is not positive, or "clip" where weights are normalised.
    Check: the largest singular value is 1 once the power iteration has settled; what is constrained
        already stays as it is.
    """
    if kind not in CONSTRAINTS:
        raise InputError(f"no constraint is named {kind!r}; there are: {', '.join(CONSTRAINTS)}")
    if not limit > 0:
        raise InputError(f"weights cannot be clipped to {limit}; give a positive limit such as {CLIP}")
    if kind == "clip" and is_normalised(critic):
        raise InputError("this critic's weights are normalised spectrally already; leave --constraint clip out")
    if kind == "spectral":
        _normalise(critic)
    else:
        _clip(critic, limit)
    return critic


@contextmanager
def held(critic: nn.Module) -> Iterator[None]:
    """Within it a spectrally normalised critic stays one and the same function.

    In training every call moves the power iteration on, so that two calls differ by more than their images.
    Check: two calls on the same images give the same logits.
    """
    moving = [part for part in critic.modules() if isinstance(part, _SpectralNorm) and part.training]
    for part in moving:
        part.training = False
    try:
        yield
    finally:
        for part in moving:
            part.training = True


def is_normalised(critic: nn.Module) -> bool:
    """Whether weights are divided by their largest singular values."""
    return any(isinstance(part, _SpectralNorm) for part in critic.modules())


def _constrained_parts(critic: nn.Module) -> list[nn.Module]:
    """All but what serves the critic's side task alone."""
    aside = [getattr(critic, name) for name in getattr(critic, "aside", ()) if hasattr(critic, name)]
    free = {id(part) for one in aside for part in one.modules()}
    return [part for part in critic.modules() if id(part) not in free]


def _normalise(critic: nn.Module) -> None:
    parts = _constrained_parts(critic)
    layers = [part for part in parts if isinstance(part, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear))]
    layers += [head.embedding for head in parts if isinstance(head, Head) and head.embedding is not None]
    for layer in layers:
        if not is_parametrized(layer, "weight"):
            if not layer.weight.any():  # a residual block that begins as the identity: zero has no direction
                nn.init.normal_(layer.weight)
            spectral_norm(layer)


def _clip(critic: nn.Module, limit: float) -> None:
    """By a hook on every layer, so that it works whichever of the critic's methods is called."""
    clip = Clip(limit)
    for part in _constrained_parts(critic):
        if any(True for _ in part.parameters(recurse=False)):
            part.register_forward_pre_hook(clip)
            clip(part, ())


class Clip:
    """A forward hook that brings a layer's own parameters within +-limit; copied with the layer."""

    def __init__(self, limit: float):
        self.limit = limit

    @torch.no_grad()
    def __call__(self, layer: nn.Module, inputs: tuple) -> None:
        for weight in layer.parameters(recurse=False):
            if weight.abs().max() > self.limit:  # a second forward must not touch what the first one's graph holds
                weight.clamp_(-self.limit, self.limit)
