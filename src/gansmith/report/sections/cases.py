"""Translations of held-out pictures: the best, some in the middle, and the worst."""

from gansmith.report.facts import RunFacts
from gansmith.report.markup import section, text
from gansmith.report.pictures import data_uri

FILE = "cases.png"
LEAD = "Held-out pictures at the end: given, answer and truth, from the nearest to the truth to the farthest."


def cases(facts: RunFacts) -> str:
    """One sheet of pictures, where the run has left it."""
    path = facts.path / FILE
    if not facts.translates or not path.is_file():
        return ""
    uri, width, height = data_uri(path)
    said = text("Rows of three: what was given, what was made of it, what it should have been.")
    return section(
        "cases",
        "Best and worst cases",
        LEAD,
        f'<figure class="large pixels"><img src="{uri}" width="{width}" height="{height}" alt="best and worst cases">'
        f"<figcaption>{said}</figcaption></figure>",
    )
