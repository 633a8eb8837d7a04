"""The residual network of CycleGAN and CUT and its patch critic, with instance normalisation, as published.

Statistics are taken over the whole picture, so tiles are an approximation of the whole.

Source: Zhu et al. 2017, arXiv:1703.10593, appendix 7.2; six blocks, as the paper takes up to 128 pixels.
"""

from functools import partial

from torch import Tensor, nn
from torch.nn.functional import pad

from gansmith.networks.translators import TranslatorFamily
from gansmith.networks.translators.unet import PatchCritic

BLOCKS = 6


class Block(nn.Module):
    """x + f(x), f of two 3x3 convolutions on mirrored borders: (N, C, H, W) -> the same shape."""

    def __init__(self, channels: int):
        super().__init__()
        layers: list[nn.Module] = []
        for last in (False, True):
            layers += [nn.ReflectionPad2d(1), nn.Conv2d(channels, channels, 3), nn.InstanceNorm2d(channels)]
            layers += [] if last else [nn.ReLU()]
        self.change = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.change(x)


class ResnetTranslator(nn.Module):
    """Halves twice, six blocks, doubles twice. Arguments as in ``TranslatorFamily``.

    Attributes:
        map_channels: of what ``encode`` gives.
        stride: sides are filled up to a multiple of it.
    """

    def __init__(self, given: int, channels: int, latent: int = 0, width: int = 64):
        super().__init__()
        assert not latent, "this network takes no noise"
        self.channels, self.stride = channels, 4
        self.map_channels = [given, width, 2 * width, 4 * width, 4 * width]
        self.enter = nn.Sequential(
            nn.ReflectionPad2d(3), nn.Conv2d(given, width, 7), nn.InstanceNorm2d(width), nn.ReLU()
        )
        self.halve = nn.ModuleList(
            nn.Sequential(nn.Conv2d(before, 2 * before, 3, 2, 1), nn.InstanceNorm2d(2 * before), nn.ReLU())
            for before in (width, 2 * width)
        )
        self.blocks = nn.Sequential(*(Block(4 * width) for _ in range(BLOCKS)))
        double = [
            nn.Sequential(
                nn.ConvTranspose2d(before, before // 2, 3, 2, 1, 1), nn.InstanceNorm2d(before // 2), nn.ReLU()
            )
            for before in (4 * width, 2 * width)
        ]
        self.leave = nn.Sequential(*double, nn.ReflectionPad2d(3), nn.Conv2d(width, channels, 7))

    def encode(self, x: Tensor) -> list[Tensor]:
        """(N, given, H, W) -> the picture, then the maps from fine to coarse."""
        maps, h = [x], x
        extra = (-x.shape[3] % self.stride, -x.shape[2] % self.stride)
        if any(extra):
            h = pad(h, (0, extra[0], 0, extra[1]), mode="replicate")
        for step in (self.enter, *self.halve, self.blocks):
            h = step(h)
            maps.append(h)
        return maps

    def decode(self, maps: list[Tensor], z: Tensor | None = None) -> Tensor:
        """The maps -> (N, channels, H, W) in [-1, 1]."""
        made = self.leave(maps[-1])
        return made[..., : maps[0].shape[2], : maps[0].shape[3]].float().tanh()

    def forward(self, x: Tensor, z: Tensor | None = None) -> Tensor:
        """(N, given, H, W) -> (N, channels, H, W) in [-1, 1]."""
        return self.decode(self.encode(x))


resnet = TranslatorFamily(ResnetTranslator, partial(PatchCritic, normalise="instance"), noisy=False)
