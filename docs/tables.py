"""Writes the tables of choices.md and doctor.md from the registries, and keeps the documents' links on their lines.

python docs/tables.py            the tables, between their markers
python docs/tables.py --links    the line numbers in links such as [`softplus(x)`](../src/gansmith/a.py#L17)

Which choices go together is not listed here but tried: each game is built in small, and a refusal is quoted.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from gansmith.core.errors import InputError
from gansmith.core.registry import Registry
from gansmith.diagnostics.symptoms import SYMPTOMS
from gansmith.networks import FAMILIES, create_critic, create_generator
from gansmith.networks.extractors import DEFAULT, EXTRACTORS
from gansmith.networks.normalisation import has_batch_statistics
from gansmith.objectives import LOSSES, PENALTIES
from gansmith.recipes import PRESETS, RECIPES
from gansmith.recipes.choices import Facts, values

ROOT = Path(__file__).parents[1]
CHOICES, DOCTOR = ROOT / "docs" / "choices.md", ROOT / "docs" / "doctor.md"
AT_THE_TOP = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")
DOCUMENTS = [*sorted((ROOT / "docs").glob("*.md")), *(ROOT / name for name in AT_THE_TOP)]

TABLE = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- /table -->)", re.DOTALL)
LINK = re.compile(r"\[`([^`]+)`\]\(([^)#\s]+)#L(\d+)\)")

FACTS = Facts(train_images=1000, resolution=(32, 32), channels=3, classes=0, images=100_000, size="xs")
CLASSES = 6
ON_THE_CRITIC = [name for name in PENALTIES.names if PENALTIES.get(name).at != "latents"]

# What is tried: words of the command line, the names that NAME runs through, and whether the data have labels.
TRIED: list[tuple[str, Sequence[str], bool]] = [
    ("--objective NAME --penalty none", LOSSES.names, False),
    ("--objective NAME --augment ada", LOSSES.names, False),
    ("--network NAME --penalty r1", FAMILIES.names, False),
    ("--network dcgan --penalty NAME", ON_THE_CRITIC, False),
    ("--penalty NAME", PENALTIES.names, False),
    ("--network residual --generator-penalty NAME", PENALTIES.names, False),
    ("--network NAME --penalty none --generator-penalty path-length", FAMILIES.names, False),
    ("--network NAME --penalty none --generator-conditioning normalisation", FAMILIES.names, True),
    ("--generator-conditioning normalisation", [""], False),
    ("--critic-conditioning NAME", ["auxiliary", "concatenation"], False),
    ("--network NAME --penalty none --group 4", FAMILIES.names, False),
    ("--group 5 --batch 64", [""], False),
    ("--packing 2", [""], True),
    ("--packing 3 --batch 64", [""], False),
    ("--recipe NAME --preset classic", RECIPES.names, False),
    ("--recipe vae-gan --packing 2", [""], False),
    ("--recipe vae-gan --generator-penalty path-length", [""], False),
]


@cache
def refusal(words: str, labels: bool = False) -> str | None:
    """Why a game asked for in these words cannot be played, in the program's own words; None where it can."""
    asked, recipe, preset = understood(words)
    facts = replace(FACTS, classes=CLASSES if labels else 0, network=asked.get("network"))
    try:
        RECIPES.get(recipe).build(values(RECIPES.get(recipe).choose(facts, preset, asked)), facts, 0)
    except InputError as error:
        return str(error)
    return None


def understood(words: str) -> tuple[dict[str, Any], str, str | None]:
    """Flags and their values, by the names of config.json; the recipe; the preset."""
    flags = words.split()
    asked: dict[str, Any] = {}
    for flag, value in zip(flags[::2], flags[1::2], strict=True):
        asked[flag.removeprefix("--").replace("-", "_")] = {"none": None}.get(
            value, int(value) if value.isdigit() else value
        )
    if asked.get("augment") == "ada":
        asked |= {"augment": 0.0, "augment_rule": "ada"}
    return asked, asked.pop("recipe", "image"), asked.pop("preset", None)


def source(registry: Registry, name: str) -> str:
    """What follows "Source:" in the file's first docstring that names one."""
    text = (registry.folder / f"{name.replace('-', '_')}.py").read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
            found = re.search(r"^Source: (.*?)(?=\n\n|\n[A-Z]\w*:|\Z)", ast.get_docstring(node) or "", re.M | re.S)
            if found:
                return " ".join(found.group(1).split()).rstrip(".")
    raise LookupError(f"{registry.kind} {name} names no source")


def cell(text: str) -> str:
    """As a table holds it: pipes and underscores escaped outside of code, papers linked."""
    parts = re.split(r"(`[^`]*`)", text)
    parts[::2] = [re.sub(r"([|_*<\\])", r"\\\1", part) for part in parts[::2]]
    return re.sub(r"arXiv:(\d{4}\.\d{4,5})", r"[arXiv:\1](https://arxiv.org/abs/\1)", "".join(parts))


def table(*heads: str, rows: Iterator[Sequence[str]] | Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [heads, ["---"] * len(heads), *([cell(text) for text in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def code(*names: str) -> str:
    """Names as code, joined by commas."""
    return ", ".join(f"`{name}`" for name in names)


def command(words: str) -> str:
    """The command that asks for it."""
    return f"`gansmith train DATA {words}`"


def objectives() -> str:
    """The losses."""

    def needs(name: str) -> str:
        unbounded = refusal(f"--objective {name} --penalty none")
        unread = refusal(f"--objective {name} --augment ada")
        return "; ".join(["a penalty or `--constraint`"] * bool(unbounded) + ["no `--augment ada`"] * bool(unread))

    rows = ((code(n), LOSSES.help(n), needs(n), source(LOSSES, n), command(f"--objective {n}")) for n in LOSSES.names)
    return table("name", "what it is", "needs", "source", "ask for it with", rows=rows)


def penalties() -> str:
    """The terms beside the losses."""

    def row(name: str) -> Sequence[str]:
        penalty = PENALTIES.get(name)
        weight = "by resolution" if penalty.weight is None else f"{penalty.weight:g}"
        words = f"--penalty {name}" if penalty.at != "latents" else f"--network residual --generator-penalty {name}"
        assert refusal(words) is None, refusal(words)
        return code(name), PENALTIES.help(name), penalty.at, weight, source(PENALTIES, name), command(words)

    return table(
        "name", "what it is", "taken at", "usual γ", "source", "ask for it with", rows=map(row, PENALTIES.names)
    )


def networks() -> str:
    """The families, each with the preset that its critic needs, if it needs one."""
    shape = {"resolution": FACTS.resolution, "channels": FACTS.channels, "classes": 0, "width": 8}

    def row(name: str) -> Sequence[str]:
        players = {"G": create_generator(name, **shape, latent=8), "D": create_critic(name, **shape)}
        normalised = ", ".join(who for who, player in players.items() if has_batch_statistics(player)) or "none"
        plain = f"--network {name}"
        companion = f"{plain} --preset {'classic' if name == 'dcgan' else 'hinge'}"
        words = next(words for words in (plain, companion) if refusal(words) is None)
        conditionings = code(*FAMILIES.get(name).conditionings)
        return code(name), FAMILIES.help(name), normalised, conditionings, source(FAMILIES, name), command(words)

    heads = ("name", "what it is", "batch normalisation", "labels enter G by", "source", "ask for it with")
    return table(*heads, rows=map(row, FAMILIES.names))


def presets() -> str:
    """The complete sets of choices."""

    def row(name: str) -> Sequence[str]:
        assert refusal(f"--preset {name}") is None
        chosen = values(PRESETS.get(name)(FACTS))
        companion = [chosen[kind] for kind in ("penalty", "constraint") if chosen.get(kind)]
        return (
            code(name), PRESETS.help(name), code(chosen["objective"]), code(*companion) or "none",
            source(PRESETS, name), command(f"--preset {name}"),
        )  # fmt: skip

    return table(
        "name", "what it is", "objective", "kept smooth by", "source", "ask for it with", rows=map(row, PRESETS.names)
    )


def recipes() -> str:
    """What can be trained."""
    rows = ((code(n), RECIPES.help(n), source(RECIPES, n), command(f"--recipe {n}")) for n in RECIPES.names)
    return table("name", "what it is", "source", "ask for it with", rows=rows)


def extractors() -> str:
    """The pretrained networks."""
    rows = (
        (
            code(n),
            EXTRACTORS.help(n),
            source(EXTRACTORS, n),
            "scores of every run"
            if n == DEFAULT
            else f"`gansmith evaluate RUN --extractor {n.replace('timm', 'timm:MODEL')}`",
        )
        for n in EXTRACTORS.names
    )
    return table("name", "what it is", "source", "where it sees", rows=rows)


def refused() -> str:
    """What was tried and refused, one row for each reason."""
    return table("asked for", "NAME", "the answer", rows=_refused())


def _refused() -> Iterator[Sequence[str]]:
    for words, names, labels in TRIED:
        reasons: dict[str, list[str]] = {}
        for name in names:
            reason = refusal(words.replace("NAME", name), labels)
            if reason:
                told = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", "NAME", reason) if name else reason
                reasons.setdefault(told, []).append(name)
        assert reasons, f"{words} is refused no more"
        for reason, having in reasons.items():
            yield code(words) + ", data with labels" * labels, _listed(having, names), reason


def _listed(having: Sequence[str], names: Sequence[str]) -> str:
    if not any(having):
        return ""
    rest = [name for name in names if name not in having]
    return f"any but {code(*rest)}" if 0 < len(rest) < len(having) else code(*having)


def symptoms() -> str:
    """What the doctor names."""

    def row(name: str) -> Sequence[str]:
        symptom = SYMPTOMS.get(name)
        cure = symptom.cure
        back = ", from the last healthy weights" if cure and cure.back else ""
        by = f"{'+' if cure.lever == 'augment' else 'x'} {cure.factor:.2g}" if cure else ""
        act = f"{cure.lever} {by}{back}" if cure else "stops, if it stays" if symptom.fatal else ""
        return code(name), SYMPTOMS.help(name), code(*symptom.reads) or "the stop itself", act

    return table("name", "what it is", "read from", "the guard", rows=map(row, SYMPTOMS.names))


TABLES: dict[str, Callable[[], str]] = {
    make.__name__: make for make in (recipes, presets, objectives, penalties, networks, extractors, refused, symptoms)
}


def with_tables(text: str) -> str:
    """The document with every table made anew."""
    return TABLE.sub(lambda found: f"{found[1]}{TABLES[found[2]]()}{found[3]}", text)


def line_of(said: str, path: Path, before: int) -> int:
    """The line of a file that holds this code, the one nearest to the line before where several do.

    Raises: LookupError: when none does.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    having = [number for number, line in enumerate(lines, 1) if said in line]
    if not having:
        raise LookupError(f"{path.name} has no line with {said}")
    return min(having, key=lambda number: abs(number - before))


def _pointed(document: Path, lost: list[str], found: re.Match[str]) -> str:
    said, target, number = found.groups()
    try:
        return f"[`{said}`]({target}#L{line_of(said, document.parent / target, int(number))})"
    except (LookupError, OSError) as error:
        lost.append(f"{document.name}: {error}")
        return found[0]


def with_links(document: Path, text: str) -> tuple[str, list[str]]:
    """The document with every link on its line, and what is on no line any more."""
    lost: list[str] = []
    return LINK.sub(partial(_pointed, document, lost), text), lost


def main(words: Sequence[str]) -> int:
    """Write what has changed."""
    lost: list[str] = []
    for document in DOCUMENTS if "--links" in words else [CHOICES, DOCTOR]:
        before = document.read_text(encoding="utf-8")
        after = before
        if "--links" in words:
            after, missing = with_links(document, before)
            lost += missing
        else:
            after = with_tables(before)
        if after != before:
            document.write_text(after, encoding="utf-8")
            print(f"{document.relative_to(ROOT)} is new")
    print(*lost, sep="\n", end="\n" * bool(lost), file=sys.stderr)
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
