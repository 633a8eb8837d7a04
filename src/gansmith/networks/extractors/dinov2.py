"""DINOv2 ViT-L/14 at 224 px, by timm: people agree with its distances better than with FID."""

from gansmith.core.progress import Progress
from gansmith.networks.extractors.timm import timm

MODEL = "vit_large_patch14_dinov2.lvd142m"
SLOW = (
    "DINOv2 sees about one image a second on two cores, and every real image once: ten thousand take three hours. "
    "timm:vit_small_patch14_dinov2.lvd142m@224 is ten times as fast."
)


class dinov2(timm):
    """The 1024 features of DINOv2's class token, self-supervised on 142 million images, on the CPU.

    Prepared as ``timm`` says, at 224 px (or ``size``, a multiple of 14). On two cores it sees about one
    image a second, which is said; ``timm:vit_small_patch14_dinov2.lvd142m@224`` is ten times as fast and
    another score.

    Raises: MissingExtractor, InputError: as ``timm``.
    Check: it is ``timm:vit_large_patch14_dinov2.lvd142m@224`` by another name.
    Source: Oquab et al. 2023, arXiv:2304.07193; Stein et al. 2023, arXiv:2306.04675.
    """

    def __init__(self, size: int = 224, progress: Progress | None = None) -> None:
        super().__init__(MODEL, size, progress)
        if progress is not None:
            progress.message(SLOW)
        self.name = "dinov2" if size == 224 else f"dinov2@{size}"
