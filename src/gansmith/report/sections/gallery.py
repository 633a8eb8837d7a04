"""The pictures: the last grid large, the earlier ones as a film strip under it."""

from gansmith.report.facts import RunFacts
from gansmith.report.markup import text
from gansmith.report.pictures import data_uri, frames
from gansmith.report.words import short


def gallery(facts: RunFacts) -> str:
    """The last sample grid, and a strip through time; with the page's script the strip drives the large picture."""
    shown = []
    for images, path in frames(facts):
        try:
            shown.append((images, *data_uri(path)))
        except OSError:
            continue
    if not shown:
        return '<section class="gallery"><p class="absent">No pictures yet: the first grid comes soon.</p></section>'
    images, uri, width, height = shown[-1]
    strip = "".join(_frame(*frame, last=frame is shown[-1]) for frame in shown)
    zoomed = " pixels" if max(width, height) < 900 else ""
    return (
        f'<section class="gallery" id="pictures"><figure class="large{zoomed}">'
        f'<img src="{uri}" width="{width}" height="{height}" alt="a grid of pictures that the generator drew">'
        f"<figcaption>{_translations(images) if facts.translates else _caption(images)}</figcaption></figure>"
        f'<div class="time" hidden><button type="button" aria-label="play">play</button>'
        f'<input type="range" min="0" max="{len(shown) - 1}" value="{len(shown) - 1}" aria-label="images seen"></div>'
        f'<ol class="strip">{strip}</ol></section>'
    )


def _caption(images: int) -> str:
    seen = f"<output>{text(short(images))}</output>"
    return f"Drawn after {seen} images, from the same latents each time; none picked out."


def _translations(images: int) -> str:
    seen = f"<output>{text(short(images))}</output>"
    return f"After {seen} images: given on the left, then answers, and the truth on the right where it is known."


def _frame(images: int, uri: str, width: int, height: int, last: bool) -> str:
    return (
        f'<li{" aria-current=true" if last else ""}><img src="{uri}" width="{width}" height="{height}" loading="lazy" '
        f'alt="after {images:,} images"><span>{text(short(images))}</span></li>'
    )
