"""``gansmith doctor``: what is wrong with a training or a generator, the evidence, and what to change."""

from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from gansmith.cli.options import clean_stdout, print_json
from gansmith.cli.progress import LiveProgress


def doctor(
    source: Path,
    /,
    *,
    against: str | None = None,
    split: Literal["train", "choose", "test"] | None = None,
    extractor: str = "lite0",
    strict: Annotated[bool, Parameter(negative=())] = False,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Name what goes wrong in a training, or in the pictures of any generator, and the one change to make first.

    Parameters
    ----------
    source
        A run folder, finished or still being written; or a folder of pictures of one size, or an npz.
    against
        For pictures: the real data. A run knows its own.
    split
        For pictures: compare with this split alone. Default: the whole of the data.
    extractor
        For pictures: the network whose features are compared.
    strict
        End with exit code 1 when something should be acted on.
    json
        Print one JSON object on stdout, and nothing else there.
    """
    with clean_stdout(json), LiveProgress() as live:
        from gansmith.recipes.diagnosing import visit

        seen = visit(source, against, split, extractor, live)
    diagnosis = seen.diagnosis
    if json:
        findings = [finding.row() for finding in diagnosis.findings]
        unjudged = {name: list(signals) for name, signals in diagnosis.unjudged.items()}
        print_json({"healthy": diagnosis.healthy, "findings": findings, "unjudged": unjudged})
    else:
        _print(seen)
    return int(strict and not diagnosis.healthy)


def _print(seen: Any) -> None:
    from gansmith.diagnostics.finding import in_words

    diagnosis = seen.diagnosis
    what = f"{seen.images:,} {'images seen' if seen.kind == 'run' else 'pictures'}"
    print(f"{seen.path} ({what}): {_summary(diagnosis)}")
    for finding in diagnosis.findings:
        effect = f", an effect of {finding.because_of.replace('-', ' ')}" if finding.because_of else ""
        print(f"\n{finding.severity}{effect}: {in_words(finding)}")
    if diagnosis.unjudged:
        names = ", ".join(name.replace("-", " ") for name in diagnosis.unjudged)
        print(f"\ncould not be judged, as nothing was written that shows it: {names}")


def _summary(diagnosis: Any) -> str:
    if not diagnosis.findings:
        return "nothing found that should be changed"
    if diagnosis.healthy:
        return "nothing to act on"
    first = diagnosis.findings[0]
    return f"{first.symptom.replace('-', ' ')}"
