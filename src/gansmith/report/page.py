"""``report.html``: one self-contained page, readable without a network and without a script."""

from pathlib import Path
from string import Template

from gansmith.core.files import asset, write_text
from gansmith.core.runfolder import RunFolder
from gansmith.report.facts import RunFacts
from gansmith.report.markup import text
from gansmith.report.sections.cases import cases
from gansmith.report.sections.choices import choices
from gansmith.report.sections.curves import curves
from gansmith.report.sections.data import data
from gansmith.report.sections.evaluation import evaluation
from gansmith.report.sections.findings import findings
from gansmith.report.sections.gallery import gallery
from gansmith.report.sections.next_steps import next_steps
from gansmith.report.sections.opening import opening

SECTIONS = (opening, gallery, cases, evaluation, findings, next_steps, curves, data, choices)


def write_report(run: Path) -> Path:
    """Write the run's page from what its folder holds; the page's path.

    Raises: InputError: no run there. WorkError: the disk is full.
    """
    path = RunFolder(Path(run)).report
    write_text(path, render(RunFacts.read(run)))
    return path


def render(facts: RunFacts) -> str:
    """The page as text."""
    return Template(asset("report", "page.html")).substitute(
        title=text(facts.name),
        style=asset("report", "page.css"),
        script=asset("report", "page.js"),
        body="\n".join(filter(None, (part(facts) for part in SECTIONS))),
        foot=_foot(facts),
    )


def _foot(facts: RunFacts) -> str:
    config = facts.config
    said = [f"gansmith {config.get('gansmith', '')}", f"begun {config.get('created', '')}"]
    if config.get("fingerprint"):
        said.append(f"data {str(config['fingerprint'])[:12]}")
    return text(" · ".join(said))
