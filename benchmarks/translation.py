"""Translation at equal time: the defaults beside pix2pix and CycleGAN, each as published and on our networks.

    python benchmarks/translation.py pace                # once, on a quiet machine
    python benchmarks/translation.py run --workers 2     # stop it and call it again as you like
    python benchmarks/translation.py table               # what is there so far, as Markdown

- ``colours``: OpenMoji's outlines to its colours, pairs, 20 minutes; outlines that are alike share a split.
- ``style``: Noto's emoji to Fluent's in 3D, unpaired, 30 minutes; split by base code point, 15 % held out, and scored
  by the counterpart of each name, which training never knows.
- ``larger``: drawn avatars of 16 pixels to 64, 10 minutes, beside the bicubic enlargement.

"Minutes" are the images that so many quiet minutes hold on all processors at a pace that is measured before, in the
layout that a training chooses; a case then plays these images on one thread. All are measured on the test split by two
extractors, which no loss has seen.
"""

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from case_runner import run_cases

HERE = Path(__file__).parent
RESULTS, RUNS = HERE / "results" / "translation", HERE / "runs" / "translation"
EXTRACTORS, HELD_OUT, SIDE = ("lite0", "hed"), 0.15, "64"
SCORES = 14


@dataclass(frozen=True)
class Ground:
    """What is translated into what.

    Attributes:
        recipe: of gansmith.
        minutes: for each.
        data: A, and B where there are two.
        counterparts: the true answers' folder, where training does not know them.
    """

    recipe: str
    minutes: float
    data: Callable[[], tuple[str, str | None]]
    counterparts: bool = False


def style_folders() -> tuple[str, str]:
    """Noto and Fluent without skin tones, those that both have, made once."""
    from gansmith.core.progress import Progress
    from gansmith.data.sources.emoji import emoji
    from gansmith.data.sources.fluent import fluent

    place = RUNS / "style"
    if not place.exists():
        sides = {}
        for name, source in (("noto", emoji), ("fluent", fluent)):
            files = source(Progress()).files
            sides[name] = {"-".join(p for p in Path(f.name).stem.split("-") if p != "fe0f"): f for f in files}
        for code in sorted(set(sides["noto"]) & set(sides["fluent"])):
            share = int(hashlib.sha256(code.split("-")[0].encode()).hexdigest()[:8], 16) / 16**8
            for name, files in sides.items():
                file = files[code]
                path = place / name / ("test" if share < HELD_OUT else "train") / f"{code}{Path(file.name).suffix}"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(file.read())
    return str(place / "noto"), str(place / "fluent")


GROUNDS = {
    "colours": Ground("paired", 20.0, lambda: ("outlines", "openmoji")),
    "style": Ground("unpaired", 30.0, style_folders, counterparts=True),
    "larger": Ground("superres", 10.0, lambda: ("avatars", None)),
}
OURS_NETWORK = {"network": "local", "generator_width": 16, "critic_width": 16, "batch": 16}
RIVALS: dict[str, dict[str, dict[str, Any]]] = {
    "colours": {
        "ours": {},
        "pix2pix": {"preset": "pix2pix"},
        "pix2pix-thin": {"preset": "pix2pix", "overrides": {"generator_width": 16, "critic_width": 16, "batch": 16}},
        "pix2pix-our-networks": {"preset": "pix2pix", "overrides": OURS_NETWORK},
    },
    "style": {
        "ours": {},
        "cyclegan-our-networks": {"preset": "cyclegan", "overrides": OURS_NETWORK},
        "cut-our-networks": {"preset": "cut", "overrides": OURS_NETWORK},
        "cyclegan": {"preset": "cyclegan"},
    },
    "larger": {"ours": {}},
}


def cases() -> dict[str, tuple[str, dict[str, Any]]]:
    """name -> (ground, request), the decisive ones first."""
    found = {
        f"{ground}-{rival}": (ground, request) for ground, all_ in RIVALS.items() for rival, request in all_.items()
    }
    return dict(sorted(found.items(), key=lambda item: list(RIVALS[item[1][0]]).index(item[0].split("-", 1)[1])))


def opened(ground: Ground) -> Any:
    """The material."""
    from gansmith.core.progress import Progress
    from gansmith.recipes.opening import open_material

    reading = {"resolution": SIDE, "alpha": "composite", "background": "white"}
    return open_material(ground.recipe, *ground.data(), reading, False, Progress())


def measure_paces(only: str) -> None:
    """The best of two, of every case that has none yet."""
    import torch

    from gansmith.engine.memory import keep_freed_memory
    from gansmith.recipes import RECIPES
    from gansmith.recipes.choices import values
    from gansmith.recipes.setup import Pace, precision_for

    keep_freed_memory()
    paces, device = _read("pace"), torch.device("cpu")
    for name, (ground, request) in cases().items():
        if name in paces or only not in name:
            continue
        material, recipe = opened(GROUNDS[ground]), RECIPES.get(GROUNDS[ground].recipe)
        facts = material.facts(False, 200_000, minutes=GROUNDS[ground].minutes)
        chosen = values(recipe.choose(facts, request.get("preset"), request.get("overrides", {})))
        chosen["precision"] = precision_for(None, device, chosen["penalty"]).value
        best = max(
            (Pace.measure(recipe, material, chosen, facts, device, None, 0) for _ in range(2)),
            key=lambda pace: pace.images_per_second,
        )
        paces[name] = {
            "images_per_second": round(best.images_per_second, 1),
            "threads": best.layout.threads,
            "lanes": best.layout.lanes,
            "precision": chosen["precision"],
            "batch": chosen["batch"],
        }
        print(name, paces[name], flush=True)
        _write("pace", paces)


def play(name: str) -> None:
    """Train a case, or go on with it, measure its translations, keep the result."""
    from gansmith.core.files import write_json
    from gansmith.recipes.training import Request, resume, train

    ground, request = cases()[name]
    what, known, run = GROUNDS[ground], _read("pace").get(name), RUNS / name
    if known is None:
        sys.exit(f"the pace of {name} is not measured yet: python benchmarks/translation.py pace")
    images, began = int(60 * what.minutes * known["images_per_second"]), time.time()
    if (run / "config.json").exists():
        resume(run)
    else:
        a, b = what.data()
        how: dict[str, Any] = {"lanes": known["lanes"], "threads": 1, "precision": known["precision"]}
        how |= {"pace": known["images_per_second"], "images": images, "scores": SCORES}
        train(Request(data=a, data_b=b, recipe=what.recipe, resolution=SIDE, out=run, guard=False, **how, **request))
    result = {"case": name, "request": request, "minutes": what.minutes, "images": images}
    result |= {"images_per_second": known["images_per_second"], "measured": measured(what, run)}
    write_json(RESULTS / f"{name}.json", result | {"seconds_this_time": round(time.time() - began)})


def measured(ground: Ground, run: Path) -> dict[str, Any]:
    """By extractor: the score of the test split's translations; how far two answers are apart."""
    from gansmith.core.progress import Progress
    from gansmith.metrics.perceptual import perceptual_distance
    from gansmith.metrics.translated import translation_score
    from gansmith.networks.extractors import EXTRACTORS as registry
    from gansmith.networks.translated import Translator

    domains = opened(ground).domains
    translator = Translator.from_pretrained(run)
    rows = domains.a.splits["test"]
    given = np.ascontiguousarray(domains.a.images[rows])
    small = _unprepared(given, translator)
    answers = [np.stack([translator.translate(x, seed=i, variant=v) for i, x in enumerate(small)]) for v in range(2)]
    truths = _counterparts(domains, rows) if ground.counterparts else np.ascontiguousarray(domains.b.images[rows])
    found: dict[str, Any] = {}
    for name in EXTRACTORS:
        extractor = registry.get(name)()
        judge = opened(ground).judge(extractor, 0, Progress())
        found[name] = translation_score(extractor, answers[0], given, truths, judge.reference, judge.floor, seed=0)
        if translator.description["arguments"].get("latent"):
            other = np.random.default_rng(0).permutation(len(truths))
            apart = {
                "answers_apart": perceptual_distance(extractor, *answers).mean(),
                "truths_apart": perceptual_distance(extractor, truths, truths[other]).mean(),
            }
            found[name]["variants"] = {key: float(value) for key, value in apart.items()}
    return found


def _unprepared(given: np.ndarray, translator: Any) -> np.ndarray:
    """As ``translate`` is given them: before they are enlarged."""
    from gansmith.core.degrade import resized

    factor = translator.enlarges
    return given if factor == 1 else np.stack([resized(x, x.shape[1] // factor, x.shape[0] // factor) for x in given])


def _counterparts(domains: Any, rows: np.ndarray) -> np.ndarray:
    """B's pictures of the names that A's rows have."""
    names = [(side.folder / "names.txt").read_text().splitlines() for side in (domains.a, domains.b)]
    place = {Path(name).stem: row for row, name in enumerate(names[1])}
    return np.stack([domains.b.images[place[Path(names[0][row]).stem]] for row in rows])


def table() -> None:
    """Excess, distance and PSNR by case."""
    print("| case | images | " + " | ".join(f"excess FD-{e} | distance {e}" for e in EXTRACTORS) + " | PSNR |")
    print("|" + "---|" * (3 + 2 * len(EXTRACTORS)))
    for name in cases():
        result = _read(name)
        if not result:
            continue
        cells = []
        for extractor in EXTRACTORS:
            score = result["measured"][extractor]
            cells += [f"{score['excess']:,.1f}", f"{score['metrics']['distance']['value']:.4f}"]
        psnr = result["measured"]["lite0"]["metrics"]["psnr"]["value"]
        print(f"| {name} | {result['images']:,} | {' | '.join(cells)} | {psnr:.2f} |")


def _read(name: str) -> dict[str, Any]:
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else {}


def _write(name: str, content: dict[str, Any]) -> None:
    from gansmith.core.files import write_json

    RESULTS.mkdir(parents=True, exist_ok=True)
    write_json(RESULTS / f"{name}.json", content)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("what", choices=["pace", "run", "case", "table"])
    parser.add_argument("name", nargs="?")
    parser.add_argument("--only", default="", help="cases whose name holds this")
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    RUNS.mkdir(parents=True, exist_ok=True)
    RESULTS.mkdir(parents=True, exist_ok=True)
    if asked.what == "pace":
        measure_paces(asked.only)
    elif asked.what == "run":
        run_cases(__file__, {name: [name] for name in cases() if asked.only in name}, RESULTS, RUNS, asked.workers)
    elif asked.what == "case":
        play(asked.name)
    else:
        table()


if __name__ == "__main__":
    main()
