"""What is drawn lies closer to training images than new real images do."""

from gansmith.diagnostics.finding import Sign, sureness
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Cure, Symptom

NEAR, MANY, BESIDE = 0.75, 0.2, 0.08


def look(record: Record) -> Sign | None:
    """The mean distance of samples to the nearest training image over that of held-out images, among features.

    Or, where only some are copies, the share of samples that lie so near as one held-out image in fifty does. For
    pictures alone, also the share that lies beside one real picture, by its pixels, as only one real picture in a
    hundred does (Carlini et al. 2023, arXiv:2301.13188, section 4.2).
    """
    ratio = record.last("score.neighbour_ratio", 2)
    near = record.last("score.near_share", 2)
    copied = record.last("score.copied_share")
    if ratio >= NEAR and not near > MANY and not copied > BESIDE:
        return None
    shares = {"share_as_near_as_one_in_fifty": near, "share_beside_one_picture": copied}
    evidence = {"distance_over_held_out": ratio} | {name: share for name, share in shares.items() if share == share}
    advice = "stop here or go back: more images, more augmentation, fewer passes over them"
    return Sign(
        "act",
        max(sureness(ratio, NEAR, NEAR / 3), sureness(near, MANY, 1.0), sureness(copied, BESIDE, 1.0)),
        evidence,
        advice,
        "--augment ada",
    )


copying = Symptom(
    look,
    reads=("score.neighbour_ratio",),
    explains=(
        "partial-collapse",
        "dropped-classes",
        "plateau",
    ),
    lasts=0.1,
    cure=Cure("augment", 0.3, back=True),
    fatal=True,
)
