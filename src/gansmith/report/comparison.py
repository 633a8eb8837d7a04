"""``comparison.html``: several methods side by side on one self-contained page."""

from pathlib import Path
from string import Template

from gansmith.core.files import asset, write_text
from gansmith.report.compared import Comparison, command_of
from gansmith.report.comparison_others import cards_section, people_section
from gansmith.report.comparison_sections import curves, differences, equal, pictures, rates, runs, scores
from gansmith.report.markup import command, section, text
from gansmith.report.sections.data import splits
from gansmith.report.words import colour_words, plural, size_words


def write_page(path: Path, comparison: Comparison) -> None:
    """Write the page. Raises: WorkError: the disk is full."""
    write_text(path, render(comparison))


def render(comparison: Comparison) -> str:
    """The page as text."""
    parts = (
        *(_opening, scores, pictures, curves, differences, cards_section, people_section),
        *(rates, equal, runs, _again),
    )
    return Template(asset("report", "page.html")).substitute(
        title=text(comparison.title),
        style=asset("report", "page.css") + asset("report", "comparison.css"),
        script="",
        body="\n".join(filter(None, (part(comparison) for part in parts))),
        foot=_foot(comparison),
    )


def _opening(comparison: Comparison) -> str:
    said = (_ground(comparison), *comparison.results["notes"])
    cautions = "".join(f'<p class="caution">{text(line)}</p>' for line in said)
    return (
        f'<header class="opening"><p class="made">gansmith · comparison</p><h1>{text(comparison.title)}</h1>'
        f'<p class="lede">{text(comparison.results["verdict"])}</p>{cautions}</header>'
    )


def _ground(comparison: Comparison) -> str:
    """Data, budget and seeds in a sentence."""
    found, asked = comparison.first.data, comparison.record["asked"]
    said = f"{plural(splits(found).get('train', 0), 'training picture')} of {comparison.first.data_name}"
    if found.get("resolution"):
        said += f", {size_words(found['resolution'])}, {colour_words(found.get('channels'))}"
    if "seeds" in asked:
        budget = f"{asked['minutes']:g} minutes" if asked.get("minutes") else f"{asked['images']:,} images"
        said += f"; {budget} for each run, {plural(asked['seeds'], 'seed')} for each method"
    return said + "."


def _again(comparison: Comparison) -> str:
    line = command(command_of(comparison.record), "Compare the same again.")
    return section("again", "How to repeat it", "Run this where you ran it.", f'<ul class="commands">{line}</ul>')


def _foot(comparison: Comparison) -> str:
    record, fingerprint = comparison.record, str(comparison.first.config.get("fingerprint") or "")
    said = [f"gansmith {record.get('gansmith', '')}", f"begun {record.get('created', '')}", f"data {fingerprint[:12]}"]
    return text(" · ".join(said))
