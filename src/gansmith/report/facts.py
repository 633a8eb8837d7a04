"""What a run folder says about its run, read once for the page, the card and the command line."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gansmith.core.runfolder import RunFolder
from gansmith.diagnostics.finding import standing
from gansmith.report.words import metric_name, metric_value, span


@dataclass(frozen=True)
class RunFacts:
    """Everything the report shows. Any list may be empty and ``final`` None: the run may be young or cut short.

    Attributes:
        rows: of metrics.jsonl, by kind.
        final: the score at the end against the test split.
        findings: of diagnosis.jsonl: those that stand, the last word on each symptom.
    """

    path: Path
    config: dict[str, Any]
    rows: dict[str, list[dict[str, Any]]]
    final: dict[str, Any] | None
    findings: list[dict[str, Any]]

    @classmethod
    def read(cls, path: Path) -> "RunFacts":
        """Read a run folder.

        Raises: InputError: no run there, or one written by a newer gansmith.
        """
        folder = RunFolder(Path(path))
        config = folder.read_config()
        rows: dict[str, list[dict[str, Any]]] = {}
        for row in folder.rows():
            rows.setdefault(str(row.get("kind")), []).append(row)
        finals = rows.get("final", [])
        return cls(folder.path, config, rows, finals[-1] if finals else None, standing(folder.diagnosis))

    @property
    def name(self) -> str:
        return self.path.resolve().name

    @property
    def data(self) -> dict[str, Any]:
        """The data report kept in the config."""
        data = self.config.get("data")
        return data if isinstance(data, dict) else {}

    @property
    def data_source(self) -> str:
        """What to type after ``gansmith train`` to name the same data again."""
        return str(self.config.get("source") or self.data.get("source") or "DATA")

    @property
    def data_name(self) -> str:
        """The data's name for readers elsewhere: of a path, only its last part."""
        source = self.data_source
        return source if source.startswith("hf:") else Path(source).name or source

    @property
    def images_seen(self) -> int:
        return int(max((row.get("images") or 0 for kind in self.rows.values() for row in kind), default=0))

    @property
    def seconds(self) -> float:
        return float(max((row.get("seconds") or 0 for kind in self.rows.values() for row in kind), default=0))

    @property
    def best(self) -> dict[str, Any] | None:
        """The score of the generator that was kept: the last one marked best."""
        marked = [row for row in self.rows.get("score", []) if row.get("best")]
        return marked[-1] if marked else None

    @property
    def translates(self) -> bool:
        """Whether it makes pictures of pictures."""
        return "given" in self.data

    def choice(self, name: str) -> Any:
        """The value of one recorded choice, or None."""
        entry = (self.config.get("choices") or {}).get(name)
        return entry.get("value") if isinstance(entry, dict) else entry


def score_line(facts: RunFacts) -> str:
    """The score in one line, with its floor; or, in one line, why there is none."""
    if facts.final is None:
        best = facts.best
        if best is None:
            return "none yet"
        leads = "fd" if best.get("fd") is not None else "kid"
        name = metric_name(leads, best.get("extractor"))
        return f"{name} {metric_value(leads, best.get(leads))} on the choose split; the run has no final score yet"
    metrics, floor = facts.final.get("metrics") or {}, facts.final.get("floor") or {}
    leads = str(facts.final.get("leads") or next(iter(metrics), ""))
    if leads not in metrics:
        return str(facts.final.get("summary") or "none")
    lead = metrics[leads]
    text = f"{metric_name(leads, lead.get('extractor'))} {metric_value(leads, lead.get('value'))}"
    if interval := span(leads, lead):
        text += f" ({interval})"
    if leads in floor:
        text += f", real against real {metric_value(leads, floor[leads].get('value'))}"
    others = [key for key in ("precision", "recall") if key in metrics]
    return ", ".join([text, *(f"{key} {metric_value(key, metrics[key].get('value'))}" for key in others)])
