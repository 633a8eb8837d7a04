"""Do generated avatars have the attributes of the data, in the data's proportions?

    python benchmarks/attributes.py RUN_FOLDER
    python benchmarks/attributes.py IMAGES.npz          (arrays: images, and labels or none)

A reader is trained on real renders and kept in the cache. Only attributes that it reads right on 90 %
of held-out renders count. For each, the total variation distance between the frequencies read in the
generated pictures and the true ones of the training split, and beside it the same distance for as
many held-out real renders: what a perfect generator would get from this reader at this n.
The table goes to the terminal, everything to benchmarks/results/attributes-NAME.json.
"""

import argparse
import json
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from attribute_reader import Attribute, Pictures, Reader, codes_of, fresh_renders, trained_reader
from gansmith.core.files import write_json
from gansmith.data.drawing import STYLES
from gansmith.data.prepare import Prepared, prepare
from gansmith.networks.pretrained import Generator

READ_RIGHT, TARGET = 0.9, 0.15
RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Read the command line, measure, print and write."""
    arguments = parser().parse_args()
    data = prepare("avatars")
    training = split_of(data, "train")
    resolution = training.images.shape[1]
    reader = trained_reader(training + fresh_renders("reader", arguments.renders, resolution))
    held_out = fresh_renders("held-out", arguments.n, resolution)
    images, labels = drawn(arguments.source, arguments.n, arguments.seed)
    read = reader.read(images)
    generated = {
        style: images[(read if labels is None else labels) == i][: arguments.n] for i, style in enumerate(STYLES)
    }
    rows = [row for style in STYLES for row in compared(reader, style, training, held_out, generated[style])]
    result = summarised(rows) | styles_of(read, labels, training.styles)
    result |= {"command": shlex.join(["python", *sys.argv]), "n": arguments.n, "seed": arguments.seed}
    print_table(rows, result)
    write_json(RESULTS / f"attributes-{arguments.name or Path(arguments.source).stem}.json", result | {"rows": rows})


def parser() -> argparse.ArgumentParser:
    """The options."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("source", help="a run folder, or an .npz with images (N, H, W, 3) uint8 and labels")
    options.add_argument("--n", type=int, default=2000, help="pictures of each style, generated and held out")
    options.add_argument("--renders", type=int, default=2000, help="fresh renders of each style to train the reader on")
    options.add_argument("--seed", type=int, default=0, help="of the generated pictures")
    options.add_argument("--name", help="names the results file; the source's name otherwise")
    return options


def split_of(data: Prepared, split: str) -> Pictures:
    """One split of the prepared avatars with its attributes."""
    assert data.attributes is not None, "avatars are prepared with their attributes"
    lines = data.attributes.read_text(encoding="utf-8").splitlines()
    chosen = data.splits[split]
    return Pictures(np.asarray(data.images[chosen]), [json.loads(lines[i]) for i in chosen])


def drawn(source: str, n: int, seed: int) -> tuple[np.ndarray, np.ndarray | None]:
    """(N, H, W, 3) uint8 pictures and the style that each was asked to have, or None where none could be asked."""
    if source.endswith(".npz"):
        with np.load(source, allow_pickle=False) as file:
            return file["images"], file.get("labels")
    generator = Generator.from_pretrained(source)
    if not generator.classes:
        return generator.sample(n * len(STYLES), seed=seed), None
    parts = [generator.sample(n, seed=seed, label=style) for style in STYLES]
    return np.concatenate(parts), np.repeat(np.arange(len(STYLES)), n)


def styles_of(read: np.ndarray, labels: np.ndarray | None, training: np.ndarray) -> dict[str, Any]:
    """How the styles came out: read as asked where there were labels, else how far their shares are from the data's."""
    shares = [np.bincount(styles, minlength=len(STYLES)) / len(styles) for styles in (read, training)]
    if labels is None:
        return {"style_shares": dict(zip(STYLES, shares[0].tolist())), "style_distance": total_variation(*shares)}
    return {"style_as_asked": {style: float((read[labels == i] == i).mean()) for i, style in enumerate(STYLES)}}


def compared(
    reader: Reader, style: str, training: Pictures, held_out: Pictures, generated: np.ndarray
) -> Iterator[dict[str, Any]]:
    """One row for each attribute of a style."""
    truth, real = training.of(style), held_out.of(style)
    expected, right = codes_of(truth, reader.heads), codes_of(real, reader.heads)
    seen = reader.read(real.images, style)
    made = reader.read(generated, style) if len(generated) else None
    for k, attribute in enumerate(reader.heads[style]):
        wanted = frequencies(expected[:, k], attribute)
        row = {"style": style, "attribute": attribute.name, "values": len(attribute.values), "n": len(generated)}
        row |= {"most_common": float(wanted.max()), "accuracy": float((seen[:, k] == right[:, k]).mean())}
        row["held_out"] = total_variation(frequencies(seen[:, k], attribute), wanted)
        row["generated"] = 1.0 if made is None else total_variation(frequencies(made[:, k], attribute), wanted)
        row["counts"] = row["accuracy"] >= READ_RIGHT
        yield row


def frequencies(codes: np.ndarray, attribute: Attribute) -> np.ndarray:
    """The share of each value among the codes that are known."""
    counts = np.bincount(codes[codes >= 0], minlength=len(attribute.values))
    return counts / max(1, counts.sum())


def total_variation(p: np.ndarray, q: np.ndarray) -> float:
    """Half the sum of absolute differences: 0 for equal frequencies, 1 for disjoint ones."""
    return float(np.abs(p - q).sum() / 2)


def summarised(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """How many attributes count, and how far the generated frequencies are from the data's."""
    counted = [row for row in rows if row["counts"]]
    far = [row for row in counted if row["generated"] > TARGET]
    return {
        "target": TARGET,
        "attributes": len(rows),
        "counted": len(counted),
        "beyond_target": [f"{row['style']} {row['attribute']}" for row in far],
        "worst": max((row["generated"] for row in counted), default=None),
        "median": float(np.median([row["generated"] for row in counted])) if counted else None,
        "held_out_worst": max((row["held_out"] for row in counted), default=None),
        "held_out_median": float(np.median([row["held_out"] for row in counted])) if counted else None,
        "reached": bool(counted) and not far,
    }


def print_table(rows: list[dict[str, Any]], result: dict[str, Any]) -> None:
    """The counted attributes, the farthest first within a style, then the verdict."""
    print(f"{'style':<12}{'attribute':<24}{'values':>7}{'most':>7}{'read':>7}{'held out':>10}{'generated':>11}")
    for row in sorted(rows, key=lambda r: (r["style"], -r["generated"])):
        if row["counts"]:
            print(
                f"{row['style']:<12}{row['attribute']:<24}{row['values']:>7}{row['most_common']:>7.2f}"
                f"{row['accuracy']:>7.3f}{row['held_out']:>10.3f}{row['generated']:>11.3f}"
            )
    far = ", ".join(result["beyond_target"]) or "none"
    print(
        f"{result['counted']} of {result['attributes']} attributes are read right on {READ_RIGHT:.0%}; "
        f"generated: median {result['median']:.3f}, worst {result['worst']:.3f} "
        f"(held-out renders: {result['held_out_median']:.3f}, {result['held_out_worst']:.3f}); beyond {TARGET}: {far}"
    )


if __name__ == "__main__":
    main()
