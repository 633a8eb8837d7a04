"""The documents say what the code does: links lead to the lines they quote, tables are those of the registries,
code blocks run, and what formula.md claims holds."""

import copy
import importlib.util
import math
import re
import shlex
from pathlib import Path

import pytest
import torch
from torch.nn.functional import softplus

from gansmith.cli.app import build
from gansmith.core import randomness
from gansmith.core.schedule import constant
from gansmith.engine.trainer import Plan, Trainer
from gansmith.games.adversarial import Adversarial, Rules
from gansmith.lab import EXPERIMENTS
from gansmith.networks import create_critic, create_generator
from gansmith.objectives import LOSSES, PENALTIES, Objective

ROOT = Path(__file__).parents[2]
FORMULA = (ROOT / "docs" / "formula.md").read_text(encoding="utf-8")

_spec = importlib.util.spec_from_file_location("tables", ROOT / "docs" / "tables.py")
assert _spec is not None and _spec.loader is not None
tables = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(tables)

documents = pytest.mark.parametrize("document", tables.DOCUMENTS, ids=lambda path: path.name)


def prose(document: Path) -> str:
    """A document without its fenced blocks."""
    return re.sub(r"^```.*?^```", "", document.read_text(encoding="utf-8"), flags=re.M | re.S)


def anchors(document: Path) -> set[str]:
    """What GitHub calls the headings."""
    heads = re.findall(r"^#+ (.*)$", prose(document), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


# --- links


@documents
def test_links_lead_to_the_lines_they_quote(document):
    """A link to a line says in backticks what that line holds."""
    text = prose(document)
    for said, target, number in tables.LINK.findall(text):
        lines = (document.parent / target).read_text(encoding="utf-8").splitlines()
        assert int(number) <= len(lines), f"{target} has no line {number}"
        assert said in lines[int(number) - 1], f"{target}#L{number} is not {said!r}; python docs/tables.py --links"
    assert len(tables.LINK.findall(text)) == len(re.findall(r"\]\([^)\s]*#L\d", text)), "a line without its code"


@documents
def test_links_lead_to_files_and_headings(document):
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(document)):
        path, _, fragment = target.partition("#")
        if "://" in target:
            continue
        file = document.parent / path if path else document
        assert file.exists(), f"{document.name}: {target}"
        if fragment and file.suffix == ".md":
            assert fragment in anchors(file), f"{document.name}: {target}"


def test_a_link_follows_its_code(tmp_path):
    """To the nearest line that holds it; what is on no line any more is told."""
    (tmp_path / "code.py").write_text("x = 1\n\ny = 2\nz = x\ny = 2\n")
    document = tmp_path / "page.md"
    text = "[`y = 2`](code.py#L1), [`y = 2`](code.py#L9), [`gone`](code.py#L2), [`x`](nowhere.py#L1)"
    after, lost = tables.with_links(document, text)
    assert after.startswith("[`y = 2`](code.py#L3), [`y = 2`](code.py#L5), [`gone`](code.py#L2)")
    assert len(lost) == 2 and "gone" in lost[0]


# --- tables


def test_the_tables_are_those_of_the_registries():
    texts = [path.read_text(encoding="utf-8") for path in (tables.CHOICES, tables.DOCTOR)]
    assert [name for text in texts for _, name, _ in tables.TABLE.findall(text)] == list(tables.TABLES)
    assert all(tables.with_tables(text) == text for text in texts), "run python docs/tables.py"


def test_every_symptom_has_its_section():
    said = " ".join(re.findall(r"^### (.*)$", tables.DOCTOR.read_text(encoding="utf-8"), re.M))
    assert {name.replace("-", " ") for name in tables.SYMPTOMS.names} == set(said_names(said))


def said_names(said: str) -> list[str]:
    return [name.replace("-", " ") for name in tables.SYMPTOMS.names if name.replace("-", " ") in said]


def test_every_command_in_the_tables_is_understood():
    """By the command line itself, flag by flag; that the game can be played is tried as the tables are made."""
    commands = set(re.findall(r"(?:`|^\$ )gansmith (train [^`\n]*)", tables.CHOICES.read_text(encoding="utf-8"), re.M))
    assert len(commands) > 40
    tried = {f"train DATA {words.replace('NAME', names[0])}" for words, names, _ in tables.TRIED}
    for words in sorted(commands | tried):
        build().parse_args(shlex.split(words), print_error=False, exit_on_error=False)


@documents
def test_experiments_that_are_named_exist(document):
    named = {name for words in re.findall(r"`gansmith lab ([^`]*)`", prose(document)) for name in words.split()}
    assert named <= set(EXPERIMENTS.names)


# --- code


def blocks(text: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", text, re.M | re.S)


def test_the_loss_in_the_contributing_guide_keeps_its_word():
    """It is named after its file, is not there yet, and holds the identities that it claims."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (code,) = blocks(text)
    (stem,) = re.findall(r"`objectives/losses/(\w+)\.py`", text)
    assert stem.replace("_", "-") not in LOSSES.names
    names: dict = {}
    exec(compile(code, "CONTRIBUTING.md", "exec"), names)
    game = names[stem]
    assert isinstance(game, Objective) and "Source: " in names["__doc__"]
    zero = torch.zeros_like(P)
    assert game.critic(zero, zero).tolist() == pytest.approx([2 * math.log(2)] * len(P))
    assert game.generator(None, zero).tolist() == pytest.approx([math.log(2)] * len(P))
    best = (names["REAL"] * P / (P + Q)).logit().requires_grad_()
    loss = (P * game.critic(best, zero)).sum() + (Q * game.critic(zero, best)).sum()
    (slope,) = torch.autograd.grad(loss, best)
    assert slope.abs().max() < 1e-12


def test_the_step_in_the_document_is_the_engines():
    """Three steps of each from the same weights and draws, in float64: Adam's first steps are its gradients' signs."""
    (code,) = blocks(FORMULA)
    names: dict = {}
    exec(compile(code, "formula.md", "exec"), names)
    torch.manual_seed(0)
    shape = {"resolution": (28, 28), "channels": 1, "classes": 0, "width": 2}
    generator, critic = create_generator("mlp", **shape, latent=16).double(), create_critic("mlp", **shape).double()
    generator.register_forward_pre_hook(lambda _, inputs: (inputs[0].double(), *inputs[1:]))
    rules = Rules(
        objective=LOSSES.get("relativistic-pairing"), latent=16, penalty=PENALTIES.get("r1-r2"), gamma=constant(0.5)
    )
    game = Adversarial(generator, critic, rules)
    real = torch.rand(3, 8, 1, 28, 28, dtype=torch.float64) * 2 - 1
    rates = dict.fromkeys(game.players, constant(1e-3))
    plan = Plan(seed=5, batch=8, images=24, rates=rates, betas=(0.0, 0.95), ema_halflife_images=16)
    trainer = Trainer(game, lambda index: (real[index], None), plan, [], torch.device("cpu"))
    trainer.average.ramp = 1.0  # half-lives of 8, 16 and 16 images

    players = copy.deepcopy(game.players)
    average = copy.deepcopy(trainer.average.module)
    adam = {name: torch.optim.Adam(player.parameters(), lr=1e-3, betas=plan.betas) for name, player in players.items()}
    for index in range(3):
        trainer.play()
        z = randomness.normal((8, 16), plan.seed, "latent", index)
        weight = 1 - 0.5 ** (8 / min(16, 8 * (index + 1)))
        names["one_step"](players["critic"], players["generator"], average, adam, real[index], z, 0.5, weight)
    for mine, theirs in [*((players[name], game.players[name]) for name in players), (average, trainer.average.module)]:
        for one, other in zip(mine.parameters(), theirs.parameters(), strict=True):
            assert torch.allclose(one, other, rtol=1e-9, atol=1e-12)


# --- what formula.md claims, beyond what tests/identities holds

P = torch.tensor([0.05, 0.1, 0.2, 0.3, 0.25, 0.1], dtype=torch.float64)
Q = torch.tensor([0.3, 0.25, 0.15, 0.1, 0.08, 0.12], dtype=torch.float64)


def kl(p, q):
    return (p * (p / q).log()).sum()


def jensen_shannon(p, q):
    return (kl(p, (p + q) / 2) + kl(q, (p + q) / 2)) / 2


def triangle(p, q):
    return ((p - q).square() / (p + q)).sum()


CLAIMS = {
    "minimax": (lambda p, q: (p / q).log(), lambda p, q: 2 * jensen_shannon(p, q)),
    "non-saturating": (lambda p, q: (p / q).log(), lambda p, q: kl(q, p) - 2 * jensen_shannon(p, q)),
    "least-squares": (lambda p, q: p / (p + q), lambda p, q: kl(p, (p + q) / 2) - triangle(p, q) / 8),
    "hinge": (lambda p, q: (p - q).sign(), lambda p, q: (p - q).abs().sum()),
}
AT_ITS_BEST = {
    "minimax": lambda p, q: math.log(4) - 2 * jensen_shannon(p, q),
    "non-saturating": lambda p, q: math.log(4) - 2 * jensen_shannon(p, q),
    "relativistic-pairing": lambda p, q: math.log(2) - jensen_shannon(torch.outer(p, q), torch.outer(q, p)),
    "least-squares": lambda p, q: 1 / 4 - triangle(p, q) / 8,
    "hinge": lambda p, q: 2 - (p - q).abs().sum(),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_the_generator_descends_what_the_table_says(name):
    best, descended = CLAIMS[name]
    weights = Q.log().requires_grad_()
    q = weights.softmax(0)
    (ours,) = torch.autograd.grad((q * LOSSES.get(name).generator(None, best(P, Q))).sum(), weights, retain_graph=True)
    (theirs,) = torch.autograd.grad(descended(P, q), weights)
    assert ours.abs().max() > 0.01 and torch.allclose(ours, theirs, atol=1e-12)


@pytest.mark.parametrize("name", AT_ITS_BEST)
def test_the_critics_best_loss_is_what_the_table_says(name):
    logits = CLAIMS.get(name, CLAIMS["minimax"])[0](P, Q)
    loss = (torch.outer(P, Q) * LOSSES.get(name).critic(logits[:, None], logits[None, :])).sum()
    assert loss.item() == pytest.approx(AT_ITS_BEST[name](P, Q).item(), abs=1e-12)


def test_the_non_saturating_difference_is_a_divergence():
    assert (kl(Q, P) - 2 * jensen_shannon(P, Q)).item() == pytest.approx(2 * kl((P + Q) / 2, P).item(), abs=1e-12)


def test_the_table_of_logarithms():
    """At a logit of 20 for a drawn image: value and gradient of the three ways to write one loss."""
    bce = torch.nn.BCELoss()
    ways = [lambda x: -torch.log(1 - x.sigmoid()), lambda x: bce(x.sigmoid(), torch.tensor(0.0)), softplus]
    found = []
    for way in ways:
        logit = torch.tensor(20.0, requires_grad=True)
        loss = way(logit)
        (slope,) = torch.autograd.grad(loss, logit)
        found.append((loss.item(), slope.item()))
    assert found[0][0] == math.inf and math.isnan(found[0][1])
    assert found[1] == (100, 0) and found[2] == pytest.approx((20, 1))
    assert torch.tensor(16.0).sigmoid() < 1 == torch.tensor(17.5).sigmoid()
    with pytest.raises(RuntimeError, match="Found dtype Bool but expected Float"):
        bce(torch.tensor([0.5]), torch.tensor([True]))


def test_the_misprint_leads_away_from_the_right_answer():
    """Its slope at a logit of 0 is half of p - q, zero at the best critic, and that is the loss's top."""
    non_saturating = LOSSES.get("non-saturating").critic
    zero = torch.zeros_like(P)

    def misprint(logits):
        return -(P * non_saturating(logits, zero) + Q * non_saturating(zero, logits)).sum()

    start, best = zero.clone().requires_grad_(), (P / Q).log().requires_grad_()
    assert torch.allclose(torch.autograd.grad(misprint(start), start)[0], (P - Q) / 2)
    assert torch.autograd.grad(misprint(best), best)[0].abs().max() < 1e-12
    assert (torch.linalg.eigvalsh(torch.autograd.functional.hessian(misprint, best)) < 0).all()
    assert misprint(-1e6 * (P - Q).sign()) < -1e4


# --- maths that GitHub shows as it is meant


@documents
def test_maths_is_left_alone_by_markdown(document):
    """Delimiters close on their line; no escaped punctuation, which Markdown would unescape, and no asterisks."""
    text = re.sub(r"`[^`\n]*`", "", prose(document))
    for line in text.splitlines():
        parts = re.split(r"\$\$?", line)
        assert len(parts) % 2 or "$" not in line, line
        for formula in parts[1::2]:
            assert not re.search(r"\\[^A-Za-z]|\*|}_|<|\|", formula), formula
