"""What the diagnosis says, the pressing first."""

from typing import Any

from gansmith.report.facts import RunFacts
from gansmith.report.markup import section, table, text
from gansmith.report.words import number

SEVERITIES = {"act": "act on it", "watch": "watch it", "info": "good to know"}
LEAD = "Findings name a symptom, show the evidence, and say what to change."


def findings(facts: RunFacts) -> str:
    """Findings and recorded events; nothing when the run has neither."""
    order = list(SEVERITIES)
    found = sorted(facts.findings, key=lambda f: order.index(f["severity"]) if f.get("severity") in order else 9)
    body = "".join(_finding(finding) for finding in found)
    events = facts.rows.get("event", [])
    if events:
        rows = [(f"{e.get('images') or 0:,}", text(e.get("what", "")), text(e.get("detail", ""))) for e in events]
        body += table(("images", "what happened", "detail"), rows, "events")
    return section("findings", "What was noticed", LEAD, body) if body else ""


def _finding(finding: dict[str, Any]) -> str:
    severity = finding.get("severity")
    kind = severity if severity in SEVERITIES else "info"
    symptom = str(finding.get("symptom", "")).replace("-", " ")
    sure = finding.get("confidence")
    sure = f", {sure:.0%} sure" if isinstance(sure, (int, float)) else ""
    flag = f"<pre><code>{text(finding['flag'])}</code></pre>" if finding.get("flag") else ""
    return (
        f'<article class="finding {kind}"><h3>{text(symptom)} <small>{SEVERITIES[kind]}{sure}</small></h3>'
        f"<p>{text(finding.get('advice', ''))}</p>{_evidence(finding.get('evidence'))}{flag}</article>"
    )


def _evidence(evidence: Any) -> str:
    if not isinstance(evidence, dict) or not evidence:
        return ""
    said = "; ".join(
        f"{key.replace('_', ' ')} {number(value) if isinstance(value, (int, float)) else value}"
        for key, value in evidence.items()
    )
    return f'<p class="evidence">{text(said)}</p>'
