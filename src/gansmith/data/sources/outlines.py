"""4,495 emoji of OpenMoji, as outlines; pairs with openmoji by name (CC BY-SA 4.0; npm package)."""

from gansmith.core.progress import Progress
from gansmith.data.fetch import fetched, npm_package
from gansmith.data.pictures import Pictures
from gansmith.data.svg import drawings

INSTEAD = "give a folder of pictures instead"


def outlines(progress: Progress) -> Pictures:
    """Fetched with npm, rendered here.

    Source: HfG Schwäbisch Gmünd and contributors, OpenMoji.
    Raises: InputError: npm is not there or fails.
    """
    folder = fetched("openmoji", npm_package("openmoji", INSTEAD), "node_modules/openmoji/black/svg", progress)
    return drawings(folder, "outlines", "the outlines of OpenMoji, rendered from drawings", progress)
