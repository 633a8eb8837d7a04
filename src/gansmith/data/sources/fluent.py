"""1,862 emoji of Fluent in 3D, 256x256 in colour with transparency, without skin tones (MIT; npm package)."""

from functools import partial

from gansmith.core.progress import Progress
from gansmith.data.fetch import fetched, npm_package
from gansmith.data.file import File, sort_out
from gansmith.data.folder import read_file
from gansmith.data.layout import Layout
from gansmith.data.pictures import Pictures, collect

SKIN_TONES = frozenset({"1f3fb", "1f3fc", "1f3fd", "1f3fe", "1f3ff"})
INSTEAD = "give a folder of pictures instead"


def fluent(progress: Progress) -> Pictures:
    """Fetched with npm.

    Source: Microsoft, Fluent Emoji, as packaged by @lobehub/fluent-emoji-3d.
    Raises: InputError: npm is not there or fails.
    """
    package = "@lobehub/fluent-emoji-3d"
    folder = fetched("fluent", npm_package(package, INSTEAD), f"node_modules/{package}/assets", progress)
    files = [
        File(path.name, (status.st_size, status.st_mtime_ns), partial(read_file, str(path)))
        for path, status in ((path, path.stat()) for path in sorted(folder.glob("*.webp")))
        if not SKIN_TONES & set(path.stem.split("-"))
    ]
    rules = ["emoji without skin tones"]
    return collect(sort_out(files, []), folder, "fluent", lambda names: Layout(None, None, rules), progress)
