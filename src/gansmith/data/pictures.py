"""Picture files of any place as one collection: surveyed, labelled, and decoded when asked."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from gansmith.core.pool import in_order
from gansmith.core.progress import Progress
from gansmith.data.collection import Collection, RefusedError, ordered_classes
from gansmith.data.decode import RULES, WIDE_MODES, decode
from gansmith.data.file import SIDE_RULE, File, Found
from gansmith.data.layout import Layout, read_layout
from gansmith.data.metadata import layout_of, read_metadata
from gansmith.data.plan import Plan
from gansmith.data.seen import Seen, joined_hash
from gansmith.data.survey import Look, survey

DEPTHS = (8, 10, 12, 14, 16)


@dataclass
class Pictures(Collection):
    """Files that hold one picture each; ``looks`` is what the survey saw of each."""

    files: list[File] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    seen: Seen | None = None

    def pictures(self, plan: Plan, progress: Progress) -> Iterator[np.ndarray | RefusedError]:
        """See Collection; decoded with few threads, in order."""

        def work(file: File) -> np.ndarray | RefusedError:
            try:
                return decode(file.read(), plan)
            except RefusedError as error:
                return error

        return in_order(work, self.files)

    def remember(self) -> None:
        """See Collection."""
        if self.seen:
            self.seen.save()


def pictures_in(found: Found, place: Path, name: str, progress: Progress) -> Pictures:
    """The pictures of a folder or a zip; labels and splits by metadata.csv, else by folders."""
    layout = read_layout
    if found.metadata:
        found, rows = read_metadata(found)
        layout = partial(layout_of, rows=rows)
    collection = collect(found, place, name, layout, progress)
    collection.rules.append(SIDE_RULE)
    return collection


def collect(
    found: Found, place: Path, name: str, layout: Callable[[list[str]], Layout], progress: Progress
) -> Pictures:
    """Survey the files and put the good ones together.

    Args:
        place: names the memory of unchanged files.
        layout: from the names of the good files to their labels and splits.
    """
    seen = Seen(place)
    good: list[tuple[File, Look]] = []
    aside = list(found.set_aside)
    for file, look in survey(found.files, seen, progress):
        if isinstance(look, RefusedError):
            aside.append((file.name, str(look)))
        else:
            good.append((file, look))
    files, looks = [file for file, _ in good], [look for _, look in good]
    said = layout([file.name for file in files]) if files else Layout(None, None, [])
    return Pictures(
        name=name,
        names=[file.name for file in files],
        key=joined_hash(look.key for look in looks),
        sizes=Counter((look.width, look.height) for look in looks),
        modes=Counter(look.mode for look in looks),
        labels=said.labels,
        brought=said.brought,
        classes=ordered_classes(said.labels) if said.labels else [],
        set_aside=sorted(aside),
        rules=said.rules + file_rules(looks),
        facts=file_facts(looks, len(found.files)),
        files=files,
        looks=looks,
        seen=seen,
    )


def file_facts(looks: list[Look], read: int) -> dict[str, int]:
    """Counts for the report, and the depth of wide grey files where there are any."""
    facts = {"files_read": read, "animated": sum(look.animated for look in looks)}
    facts["turned"] = sum(look.turned for look in looks)
    wide = max((look.peak for look in looks if look.mode in WIDE_MODES), default=None)
    if wide is not None:
        facts["bits"] = next((bits for bits in DEPTHS if wide < 2**bits), DEPTHS[-1])
    return facts


def file_rules(looks: list[Look]) -> list[str]:
    """The rules of decoding that these files called for, in words."""
    modes = {look.mode for look in looks}
    applied = {
        "orientation": any(look.turned for look in looks),
        "animated": any(look.animated for look in looks),
        "palette": bool(modes & {"P", "PA"}),
        "cmyk": "CMYK" in modes,
        "wide": bool(modes & (WIDE_MODES | {"F"})),
    }
    return [RULES[name] for name, called in applied.items() if called] + [RULES["profile"]]
