"""4,495 emoji of OpenMoji, in colour; pairs with outlines by name (CC BY-SA 4.0; npm package)."""

from gansmith.core.progress import Progress
from gansmith.data.fetch import fetched, npm_package
from gansmith.data.pictures import Pictures
from gansmith.data.svg import drawings

INSTEAD = "give a folder of pictures instead"


def openmoji(progress: Progress) -> Pictures:
    """Fetched with npm, rendered here.

    Source: HfG Schwäbisch Gmünd and contributors, OpenMoji.
    Raises: InputError: npm is not there or fails.
    """
    folder = fetched("openmoji", npm_package("openmoji", INSTEAD), "node_modules/openmoji/color/svg", progress)
    return drawings(folder, "openmoji", "OpenMoji in colour, rendered from drawings", progress)
