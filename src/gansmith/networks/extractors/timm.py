"""Any model of timm by its name, as timm:MODEL; the weights come from the Hugging Face hub or its cache."""

import hashlib
import re
from typing import Any

import torch
from torch import Tensor, nn

from gansmith.core.errors import InputError
from gansmith.core.progress import Progress
from gansmith.networks.extractors import MissingExtractor
from gansmith.networks.extractors._frozen import Frozen

FAMILIES = ("dinov3", "dinov2", "clip", "inception", "efficientnet", "vgg")


class timm(Frozen):
    """A timm model's pooled features before the classifier, on the CPU.

    Images are made RGB (grey copied, alpha composited on white), resized to the model's own square (or
    ``size``) by Pillow's antialiased bicubic filter whatever their aspect, and normalised by the mean
    and deviation that the model names.

    Args:
        model: as timm names it, such as ``resnet50.a1_in1k``.
        size: in pixels; part of the name: ``timm:resnet50.a1_in1k@64``.
    Raises:
        MissingExtractor: when timm does not import.
        InputError: when no model is named, or it cannot be had.
    Check: ``checksum`` is that of the weights: other weights, other checksum.
    Source: timm (github.com/huggingface/pytorch-image-models); the model's own card names its paper.
    """

    chunk = 10

    def __init__(self, model: str | None = None, size: int | None = None, progress: Progress | None = None) -> None:
        package = _package()
        if not model:
            raise InputError("timm holds many models; name one, such as timm:resnet50.a1_in1k")
        network = _created(package, model, size)
        self.network, config = network, network.pretrained_cfg
        self.name = f"timm:{model}" + (f"@{size}" if size else "")
        self.size = size or config["input_size"][1]
        self.resize, self.dimensions = f"pillow-bicubic-{self.size}", _width(network, self.size, self.name)
        self.family = family_of(model)
        self.checksum = state_checksum(network)
        self.mean, self.deviation = (torch.tensor(config[key]) * 255 for key in ("mean", "std"))

    def input(self, pictures: Tensor) -> Tensor:
        """(n, 3, size, size), normalised."""
        return pictures.sub_(self.mean).div_(self.deviation).permute(0, 3, 1, 2)


def family_of(model: str) -> str:
    """Check: resnet50.a1_in1k is of resnet, vit_small_patch14_dinov2.lvd142m of dinov2."""
    leading = re.match(r"[a-z]*", model.rpartition("/")[2])
    return next((family for family in FAMILIES if family in model), leading[0] if leading else model)


def state_checksum(network: nn.Module) -> str:
    """sha256 over names and bytes of a state dict, in the order of the names."""
    digest = hashlib.sha256()
    for name, value in sorted(network.state_dict().items()):
        digest.update(name.encode() + b"\0")
        digest.update(value.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def _package() -> Any:
    try:
        import timm as package
    except (ImportError, OSError, RuntimeError) as error:  # a torchvision of another torch raises the latter two
        raise MissingExtractor(
            f"timm does not import ({error}); pip install 'gansmith[timm]' brings it and its torchvision."
        ) from error
    return package


@torch.inference_mode()
def _width(network: nn.Module, size: int, name: str) -> int:
    """How many features a blank image has: of some models ``num_features`` says what another layer gives."""
    try:
        found = network(torch.zeros(1, 3, size, size))
    except Exception as error:
        said = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise InputError(f"{name} cannot see images of {size} pixels ({said}); leave out the size") from error
    if found.ndim != 2:
        raise InputError(f"{name} gives {tuple(found.shape)} for one image and not one vector; name another model")
    return found.shape[1]


def _created(package: Any, model: str, size: int | None) -> Any:
    """The model without its classifier; a transformer is told the size, a convolutional one takes any."""
    told = {"img_size": size} if size else {}
    try:
        with torch.random.fork_rng(devices=[]):
            try:
                return package.create_model(model, pretrained=True, num_classes=0, **told).eval()
            except TypeError:
                return package.create_model(model, pretrained=True, num_classes=0).eval()
    except Exception as error:
        said = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise InputError(f"timm:{model} cannot be had ({said}); check its name and the connection") from error
