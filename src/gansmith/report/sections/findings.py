"""What the diagnosis says, the pressing first."""

from typing import Any

from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptoms import SYMPTOMS
from gansmith.report.charts import Chart, Point, Series, draw
from gansmith.report.facts import RunFacts
from gansmith.report.markup import section, table, text
from gansmith.report.words import number

SEVERITIES = {"act": "act on it", "watch": "watch it", "info": "good to know"}
TOO_FAR = 20.0
LEAD = "Findings name a symptom, show the evidence, and say what to change."


def findings(facts: RunFacts) -> str:
    """Findings and recorded events; nothing when the run has neither."""
    order = list(SEVERITIES)
    found = sorted(facts.findings, key=lambda f: order.index(f["severity"]) if f.get("severity") in order else 9)
    record = Record(rows=facts.rows)
    body = "".join(_finding(finding, record) for finding in found)
    events = facts.rows.get("event", [])
    if events:
        rows = [(f"{e.get('images') or 0:,}", text(e.get("what", "")), text(e.get("detail", ""))) for e in events]
        body += table(("images", "what happened", "detail"), rows, "events")
    return section("findings", "What was noticed", LEAD, body) if body else ""


def _finding(finding: dict[str, Any], record: Record) -> str:
    severity = finding.get("severity")
    kind = severity if severity in SEVERITIES else "info"
    symptom = str(finding.get("symptom", "")).replace("-", " ")
    cause = str(finding.get("because_of") or "").replace("-", " ")
    sure = finding.get("confidence")
    sure = f", {sure:.0%} sure" if isinstance(sure, (int, float)) else ""
    effect = f", an effect of {text(cause)}" if cause else ""
    flag = f"<pre><code>{text(finding['flag'])}</code></pre>" if finding.get("flag") else ""
    return (
        f'<article class="finding {kind}"><h3>{text(symptom)} <small>{SEVERITIES[kind]}{sure}{effect}</small></h3>'
        f"<p>{text(finding.get('advice', ''))}</p>{_evidence(finding.get('evidence'))}{flag}"
        f"{'' if cause else _curve(finding, record)}</article>"
    )


def _curve(finding: dict[str, Any], record: Record) -> str:
    """What its symptom reads first, and what else is as large, over the run; nothing for an unknown symptom."""
    name = str(finding.get("symptom", ""))
    if name not in SYMPTOMS.names:
        return ""
    read = {signal: record.series(signal) for signal in SYMPTOMS.get(name).reads if ".sketch" not in signal}
    last = max((float(series[-1, 0]) for series in read.values() if len(series)), default=0.0)
    lines = []
    for signal, series in read.items():
        if series.shape[1] == 2 and len(series):
            whole = [(0.0, series[0, 1]), (last, series[0, 1])] if len(series) == 1 else series  # a real set's: a level
            points: list[Point] = [(float(x), float(y)) for x, y in whole]
            lines.append(Series(_said(signal), points, _tone(signal)))
    since = finding.get("images")
    events = [(float(since), "found")] if isinstance(since, (int, float)) else []
    lines = [line for line in lines if _like(line, lines[0])]
    title = ", ".join(line.name for line in lines)
    chart = Chart(title, "What this symptom is read from, over the images seen.", lines, events=events)
    return f'<div class="charts">{draw(chart)}</div>' if last and lines else ""


def _like(line: Series, first: Series) -> bool:
    """Whether both fit one scale."""
    ours, theirs = (max((abs(y) for _, y in each.points if y is not None), default=0.0) for each in (line, first))
    return theirs / TOO_FAR <= ours <= theirs * TOO_FAR


def _said(signal: str) -> str:
    """Check: probe.drawn.variety is said as drawn variety."""
    return " ".join(signal.split(".")[1:] if not signal.startswith("real.") else signal.split(".")).replace("_", " ")


def _tone(signal: str) -> str:
    drawn = any(word in signal for word in ("drawn", "fake", "generator", "raw"))
    return "fake" if drawn else "real" if any(word in signal for word in ("real", "train_", "critic")) else "ink"


def _evidence(evidence: Any) -> str:
    if not isinstance(evidence, dict) or not evidence:
        return ""
    said = "; ".join(
        f"{key.replace('_', ' ')} {number(value) if isinstance(value, (int, float)) else value}"
        for key, value in evidence.items()
    )
    return f'<p class="evidence">{text(said)}</p>'
