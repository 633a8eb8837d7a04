"""A grid or checkerboard lies over what is drawn."""

from gansmith.diagnostics.finding import Sign, sureness
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Symptom, of_pictures

STRONG = 12.0
LATEST = 3


def look(record: Record) -> Sign | None:
    """Power of the waves of two pixels over those of four, against the same ratio of real images.

    Source: upsampling that does not divide its kernel draws such grids (Odena et al. 2016, distill.pub/2016/deconv-
    checkerboard); a critic that strides over them cannot see them.
    """
    ratio = record.last("probe.drawn.grid", LATEST) / max(record.last("real.grid"), 1e-9)
    if ratio < STRONG:
        return None
    evidence = {"grid_over_real": ratio, "drawn": record.last("probe.drawn.grid"), "real": record.last("real.grid")}
    advice = "use a network that resizes before it convolves, and a critic that sees full resolution"
    return Sign("act", sureness(ratio, STRONG, 10 * STRONG), evidence, advice, "--network residual")


artefacts = Symptom(
    look,
    reads=("real.grid", "probe.drawn.grid"),
    lasts=0.2,
    explains=("dropped-classes", "plateau"),
    applies=of_pictures,
)
