"""The evaluation card that was made last, and what people have said since."""

from gansmith.report.card_files import newest
from gansmith.report.card_page import card_section
from gansmith.report.facts import RunFacts
from gansmith.report.markup import section, text
from gansmith.report.people import people


def evaluation(facts: RunFacts) -> str:
    """The card as a section; people's verdict alone where there is no card; nothing where there is neither."""
    card, said = newest(facts.path), people(facts.path)
    if card:
        return card_section({**card, "people": said}, style=True)
    if said:
        return section("people", "What people say", "By gansmith judge.", f"<p>{text(said['summary'])}</p>")
    return ""
