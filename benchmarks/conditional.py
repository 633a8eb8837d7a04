"""Does a label do what it says? Fashion-MNIST with labels, judged by a classifier that saw real pictures only.

    python benchmarks/conditional.py            # trains or goes on; about a quarter of an hour with one thread
    python benchmarks/conditional.py RUN_FOLDER # judges a run that exists

The run sees the images that ten quiet minutes hold, at the pace of the same case without labels
(benchmarks/quality.py), and its recall stands beside that case's. The classifier is trained on the
training split and kept in the cache; its accuracy on the real test split is what a perfect generator
would get from it.
"""

import argparse
import json
import shlex
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import nn

import quality
from gansmith.core.files import cache_folder, write_atomically, write_json
from gansmith.core.images import to_float
from gansmith.data.prepare import Prepared, prepare
from gansmith.networks.pretrained import Generator

READ_AS_ASKED, RECALL_SHARE = 0.90, 0.8
EACH, AT_ONCE = 1000, 500
EPOCHS, BATCH, RATE = 12, 128, 3e-3
RESULTS = Path(__file__).parent / "results" / "conditional.json"


def main() -> None:
    """Train where no run is named, read, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", nargs="?", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    run = given.run or trained(given.seed)
    data = prepare("fashion-mnist")
    classifier = trained_classifier(data)
    test = data.splits["test"]
    generator = Generator.from_pretrained(run)
    named = generator.classes
    found = {
        name: float((classes_of(classifier, generator.sample(EACH, seed=given.seed, label=name)) == index).mean())
        for index, name in enumerate(named)
    }
    recall, plain = final(run), final(quality.RUNS / f"fashion-ours-{given.seed}")
    result = {
        "command": shlex.join(["python", *sys.argv]),
        "read_as_asked": float(np.mean(list(found.values()))),
        "of_each_class": found,
        "real_read_rightly": float((classes_of(classifier, data.images[test]) == data.labels[test]).mean()),
        "recall": recall["recall"]["value"],
        "recall_without_labels": plain["recall"]["value"],
        "fd": recall["fd"]["value"],
        "fd_without_labels": plain["fd"]["value"],
        "samples_of_each": EACH,
        "seed": given.seed,
    }
    share = result["recall"] / result["recall_without_labels"]
    result |= {"recall_share": share, "reached": result["read_as_asked"] >= READ_AS_ASKED and share >= RECALL_SHARE}
    write_json(RESULTS, result)
    print(json.dumps(result, indent=1))


def trained(seed: int) -> Path:
    """The run with labels, at the image count of the run without."""
    name = f"fashion-labels-{seed}"
    request = {"data": "fashion-mnist", "labels": True, "seed": seed}
    if not (quality.RESULTS / f"{name}.json").exists():
        quality.RUNS.mkdir(parents=True, exist_ok=True)
        quality.play(name, request, quality.budget(quality.OURS | quality.DATA["fashion"], 10.0))
    return quality.RUNS / name


def final(run: Path) -> dict:
    """The metrics of a run's final score, from its folder or from the committed result."""
    if (kept := quality.RESULTS / f"{run.name}.json").exists():
        return json.loads(kept.read_text())["final"]["metrics"]
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return next(row for row in reversed(rows) if row["kind"] == "final")["metrics"]


def classifier_of(channels: int, classes: int) -> nn.Sequential:
    """(N, C, 28, 28) in [-1, 1] -> (N, classes)."""
    layers: list[nn.Module] = []
    for before, after, stride in ((channels, 32, 1), (32, 64, 2), (64, 128, 2)):
        layers += [nn.Conv2d(before, after, 3, stride, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Dropout(0.3), nn.Linear(128 * 49, classes))


def trained_classifier(data: Prepared) -> nn.Sequential:
    """The classifier of the training split, from the cache if it was trained before."""
    assert data.labels is not None
    rows, labels = data.splits["train"], torch.from_numpy(np.asarray(data.labels)).long()
    torch.manual_seed(0)
    network = classifier_of(data.images.shape[3], int(labels.max()) + 1)
    path = cache_folder() / "benchmarks" / f"fashion-classifier-{EPOCHS}.safetensors"
    if path.exists():
        network.load_state_dict(load_file(path))
        return network.eval()
    steps = EPOCHS * (len(rows) // BATCH)
    optimiser = torch.optim.AdamW(network.parameters(), RATE, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    images = torch.from_numpy(np.ascontiguousarray(data.images[rows]))
    mine = labels[rows]
    for step in range(steps):
        at = step % (len(rows) // BATCH)
        if at == 0:
            order = torch.randperm(len(rows))
            print(f"classifier: epoch {step * BATCH // len(rows) + 1} of {EPOCHS}", flush=True)
        batch = order[at * BATCH :][:BATCH]
        optimiser.zero_grad()
        F.cross_entropy(network(to_float(images[batch])), mine[batch]).backward()
        optimiser.step()
        schedule.step()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, lambda temporary: save_file(network.state_dict(), temporary))
    return network.eval()


@torch.inference_mode()
def classes_of(network: nn.Module, images: np.ndarray) -> np.ndarray:
    """(n, H, W, C) uint8 -> (n,) the class that the network reads in each."""
    parts = [torch.from_numpy(np.ascontiguousarray(images[i : i + AT_ONCE])) for i in range(0, len(images), AT_ONCE)]
    return torch.cat([network(to_float(part)).argmax(1) for part in parts]).numpy()


if __name__ == "__main__":
    main()
