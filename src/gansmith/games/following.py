"""What answers make of what was given, in numbers that a diagnosis reads."""

from collections.abc import Callable

import torch
from torch import Tensor

Translate = Callable[[Tensor, Tensor | None], Tensor]
DISTURBED = 0.05  # of the range from -1 to 1: too little to see


@torch.no_grad()
def follows(there: Translate, given: Tensor, noise: Tensor | None, real: Tensor, belong: bool) -> dict[str, Tensor]:
    """How answers hang on the given pictures.

    Args:
        there: (given, noise) -> answers.
        given: (N, C, H, W), N >= 2.
        noise: (N, latent), or None.
        real: (N, C', H, W) pictures of B.
        belong: whether they are the truths of the given ones.
    Returns:
        ``input_moves``: how far another input moves an answer, over how far two real answers are apart.
        ``noise_moves``: the same of other noise, where there is some.
        ``changed``: how far an answer is from the unchanged input, over how far truths are (where nobody knows them,
            over how far two inputs are apart); where both have equal channels.
        ``follows``: correlation of an answer's grey levels with the input's; ``real_follows``: of the truth's.
    Check: a constant answer is moved by nothing; the identity changes nothing and follows wholly.
    """
    answers = there(given, noise).float()
    apart = _far(real, real.roll(1, 0))
    told = {"input_moves": _far(answers, there(given.roll(1, 0), noise).float()) / apart}
    if noise is not None:
        told["noise_moves"] = _far(answers, there(given, noise.roll(1, 0)).float()) / apart
    if given.shape[1:] == real.shape[1:]:
        usual = _far(given, real) if belong else _far(given, given.roll(1, 0))
        told["changed"] = _far(answers, given) / usual
    told["follows"] = _alike(answers, given)
    if belong:
        told["real_follows"] = _alike(real, given)
    return told


@torch.no_grad()
def hidden(there: Translate, back: Translate, given: Tensor, noise: Tensor | None) -> Tensor:
    """How much worse the way back is from an answer that was disturbed too little to see.

    Above 1 by what the disturbance itself costs; many times that where an answer carries its input unseen.

    Source: Chu et al. 2017, arXiv:1712.02950.
    """
    answers = there(given, noise)
    pattern = torch.randn(answers.shape, generator=torch.Generator().manual_seed(0)).to(answers)
    plain, disturbed = (back(x.clamp(-1, 1), noise).float() for x in (answers, answers + DISTURBED * pattern))
    return _far(disturbed, given) / _far(plain, given)


def _far(ours: Tensor, theirs: Tensor) -> Tensor:
    return (ours - theirs).square().mean().sqrt().clamp_min(1e-6)


def _alike(ours: Tensor, theirs: Tensor) -> Tensor:
    """The mean over pictures of the correlation of grey levels."""
    x, y = (t.float().mean(1).flatten(1) for t in (ours, theirs))
    x, y = (t - t.mean(1, keepdim=True) for t in (x, y))
    return ((x * y).sum(1) / (x.norm(dim=1) * y.norm(dim=1)).clamp_min(1e-9)).mean()
