"""How training went, as curves over images seen."""

from typing import Any

from gansmith.report.charts import Chart, Point, Series, draw
from gansmith.report.facts import RunFacts
from gansmith.report.markup import section
from gansmith.report.words import metric_name, metric_value

LEAD = "Everything is counted in images seen. Teal is what is real, orange what is drawn."


def curves(facts: RunFacts) -> str:
    """Every chart that the run has numbers for."""
    charts = [*_scores(facts), *_probed(facts), *_training(facts)]
    body = "".join(filter(None, (draw(chart) for chart in charts)))
    body = f'<div class="charts">{body}</div>' if body else '<p class="absent">No numbers yet.</p>'
    return section("curves", "How it went", LEAD, body)


def points(rows: list[dict[str, Any]], key: str) -> list[Point]:
    """(images, value) of each row; a missing value stays a gap."""
    return [(row.get("images") or 0, row.get(key)) for row in rows if key in row]


def _scores(facts: RunFacts) -> list[Chart]:
    rows, best = facts.rows.get("score", []), facts.best
    extractor = rows[-1].get("extractor") if rows else None
    marks = [(best["images"], best["fd"], f"kept {metric_value('fd', best['fd'])}")] if best and best.get("fd") else []
    n = f"{rows[-1].get('n'):,} " if rows and isinstance(rows[-1].get("n"), int) else ""
    return [
        Chart(
            f"{metric_name('fd', extractor)} on the choose split",
            f"{n}pictures from fixed latents; lower is better. The dot is the generator that was kept.",
            [Series("FD", points(rows, "fd"), "fake")],
            marks=marks,
            events=_events(facts),
            log=True,
        ),
        Chart(
            "Precision and recall",
            "Precision falls when pictures are wrong, recall when kinds of pictures are missing.",
            [Series("precision", points(rows, "precision"), "fake"), Series("recall", points(rows, "recall"), "real")],
            events=_events(facts),
            floor=0.0,
        ),
    ]


def _probed(facts: RunFacts) -> list[Chart]:
    """What was asked on the way about rows that stay the same."""
    rows = facts.rows.get("probe", [])
    real = [row.get("variety") for row in facts.rows.get("real", [])]
    level = [(row.get("images") or 0, real[-1]) for row in rows] if real else []
    return [
        Chart(
            "Does the critic know the training pictures?",
            "Its verdict on the same pictures all along. Held-out ones that sink from the real towards the drawn ones "
            "tell that it learned the others by heart.",
            [
                Series("real, trained on", points(rows, "train_logit"), "real"),
                Series("real, held out", points(rows, "held_logit"), "ink"),
                Series("drawn", points(rows, "fake_logit"), "fake"),
            ],
            events=_events(facts),
        ),
        Chart(
            "How different the pictures are",
            "The distance between two of them, coarsely seen. Falling to nothing, all become one.",
            [
                Series("real", level, "real"),
                Series("drawn", [(row.get("images") or 0, row["drawn"]["variety"]) for row in rows], "fake"),
            ],
            events=_events(facts),
            floor=0.0,
        ),
    ]


def _training(facts: RunFacts) -> list[Chart]:
    rows, events = facts.rows.get("train", []), _events(facts)

    def line(name: str, key: str, tone: str) -> Series:
        return Series(name, points(rows, key), tone)

    return [
        Chart(
            "What the critic thinks",
            "Its mean verdict on each kind. A gap that keeps growing is a critic that wins.",
            [line("real", "real_logit", "real"), line("drawn", "fake_logit", "fake")],
            events=events,
        ),
        Chart(
            "Losses",
            "A balanced game keeps both level; they say little about quality.",
            [line("critic", "critic_loss", "real"), line("generator", "generator_loss", "fake")],
            events=events,
        ),
        Chart(
            "Gradient norms",
            "Steps up by a factor of ten, or down to nothing, come before trouble.",
            [
                line("critic", "critic_gradient", "real"),
                line("generator", "generator_gradient", "fake"),
                line("autoencoder", "autoencoder_gradient", "fake"),
            ],
            events=events,
            log=True,
        ),
        Chart(
            "Gradient penalty",
            "The squared slope of the critic, before its weight.",
            [line("penalty", "penalty", "ink")],
            events=events,
            floor=0.0,
        ),
        Chart(
            "Images given back",
            "Mean squared error between an image and what the decoder makes of its code.",
            [line("error", "squared_error", "ink")],
            events=events,
            log=True,
        ),
        Chart(
            "What the code carries",
            "Nats by which the codes of images differ from the prior. None at all: the code is ignored.",
            [line("nats", "divergence", "ink")],
            events=events,
            floor=0.0,
        ),
        Chart(
            "Classes",
            "How wrongly the critic names the classes of real images (cross-entropy).",
            [line("classes", "class_loss", "real")],
            events=events,
            floor=0.0,
        ),
        Chart(
            "Augmentation",
            "The probability that the critic is shown an altered image, following how well it knows the real ones.",
            [Series("probability", points(facts.rows.get("augment", []), "probability"), "ink")],
            events=events,
            floor=0.0,
        ),
        Chart(
            "Learning rate",
            "One schedule over the whole budget.",
            [line("rate", "rate", "ink")],
            events=events,
            floor=0.0,
        ),
        Chart(
            "Speed",
            _waiting(rows),
            [line("images a second", "images_per_second", "ink")],
            events=events,
            floor=0.0,
        ),
    ]


def _waiting(rows: list[dict[str, Any]]) -> str:
    shares = [row["wait_share"] for row in rows if isinstance(row.get("wait_share"), (int, float))]
    return f"Waiting for data took {sum(shares) / len(shares):.1%} of the time." if shares else "Images a second."


def _events(facts: RunFacts) -> list[tuple[float, str]]:
    return [(row.get("images") or 0, str(row.get("what", "event"))) for row in facts.rows.get("event", [])]
