"""What relativistic losses ask of their two batches."""

from torch import Tensor


def check_pairs(real_logits: Tensor, fake_logits: Tensor) -> None:
    """Raises: ValueError: for (N,) and (M,): one of them alone would be spread over all others silently."""
    if real_logits.ndim == 1 and fake_logits.ndim == 1 and len(real_logits) != len(fake_logits):
        sizes = f"{len(real_logits)} real and {len(fake_logits)} generated rows"
        raise ValueError(f"a relativistic loss compares batches of one size, not {sizes}")
