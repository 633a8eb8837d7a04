"""1,906 Noto emoji, 64x64 in colour with transparency, 9 categories as classes (Apache-2.0; npm package)."""

from gansmith.core.progress import Progress
from gansmith.data.emoji_package import emoji_package
from gansmith.data.fetch import fetched, npm_package
from gansmith.data.pictures import Pictures

INSTEAD = "give the unpacked package emoji-datasource-google instead, as in: gansmith data PATH"


def emoji(progress: Progress) -> Pictures:
    """Fetched with npm.

    Source: Google, Noto Emoji, as packaged by emoji-datasource-google.
    Raises: InputError: npm is not there or fails.
    """
    package = "emoji-datasource-google"
    return emoji_package(fetched("emoji", npm_package(package, INSTEAD), f"node_modules/{package}", progress), progress)
