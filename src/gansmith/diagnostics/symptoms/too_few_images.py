"""There are too few images for what is asked of them."""

from gansmith.diagnostics.finding import Sign, sureness
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Symptom

FEW, VERY_FEW = 1000, 200


def look(record: Record) -> Sign | None:
    """By their number alone: the critic learns so few by heart however they are altered.

    Source: Karras et al. 2020, arXiv:2006.06676, figure 1 and table 1: quality falls steeply under some thousand.
    """
    count = int(record.facts.get("train_images", FEW))
    if count >= FEW:
        return None
    evidence = {"images": count, "shown_each": record.images / max(count, 1)}
    advice = "add images, or start from a run on others that are like them"
    severity = "act" if count < VERY_FEW else "info"
    return Sign(severity, sureness(count, FEW, 10), evidence, advice, "--from RUN")


too_few_images = Symptom(
    look,
    reads=("train.images_per_second",),
    explains=(
        "critic-overfit",
        "copying",
        "plateau",
        "divergence",
        "dropped-classes",
        "partial-collapse",
    ),
)
