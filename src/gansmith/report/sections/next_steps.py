"""What to do next, as commands to copy."""

import shlex

from gansmith.core.runfolder import same_again
from gansmith.report.facts import RunFacts
from gansmith.report.markup import command, section

LEAD = "Run these where you ran the training."


def next_steps(facts: RunFacts) -> str:
    """Commands that fit the state of the run."""
    items = [command(line, does) for line, does in steps(facts)]
    return section("next", "What to do next", LEAD, f'<ul class="commands">{"".join(items)}</ul>')


def steps(facts: RunFacts) -> list[tuple[str, str]]:
    """(command, what it does)."""
    run = shlex.quote(str(facts.path))
    source = same_again(facts.config)
    found = []
    if facts.final is None:
        found.append((f"gansmith train --resume {run}", "Go on exactly where it stopped, if it did."))
    if (facts.path / "generator.safetensors").is_file():
        found += _drawing(facts, run)
    if facts.final is not None:
        longer = max(2 * facts.seconds / 60, 1)
        found.append((f"gansmith train {source} --minutes {longer:.0f}", "A longer run: the budget matters most."))
        found.append((f"gansmith train {source} --from {run}", "A new run that starts from these weights."))
    return found


def _drawing(facts: RunFacts, run: str) -> list[tuple[str, str]]:
    """Ways to draw from a generator that is there, or to translate."""
    if facts.translates:
        found = [(f"gansmith translate {run} PICTURES", "Translate files and folders, of any size.")]
        if facts.choice("latent"):
            found.append((f"gansmith translate {run} PICTURES --variants 4", "Four answers for each picture."))
        return found
    found = [(f"gansmith sample {run} -n 64", "Draw pictures: files and a grid.")]
    classes = facts.data.get("classes")
    if classes and facts.choice("labels") not in (False, None):
        found.append((f"gansmith sample {run} --label {shlex.quote(classes[0])}", "Draw one class only."))
    found.append((f"gansmith sample {run} -n 10000 --no-files --npz", "Draw many into one array, for another program."))
    return found
