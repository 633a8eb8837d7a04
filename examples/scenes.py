"""Driving-like scenes: from a map of what is where, and how far, to the picture that a camera would see.

    pip install vizdoom
    python examples/scenes.py OUT                  # 15 minutes; --minutes and --size as in gansmith train
    python examples/scenes.py OUT --small          # seconds: that everything is in its place

A player wanders through a maze of VizDoom. What is given holds the kind of thing at each pixel (red and green) and its
distance (blue); the truth is the frame. Episodes are split, so that a test frame is of a walk that training never saw.
A segmenter that was trained on real frames alone then reads made frames and real ones: how well it agrees with the map.
"""

import argparse
import json
import os
from pathlib import Path
from tempfile import gettempdir

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import cross_entropy

from gansmith.core.images import grid, to_float, to_pillow
from gansmith.networks.translated import Translator
from gansmith.networks.translators import create_translator
from gansmith.recipes.training import Request, train

SCENARIO, SIDE, STILL = "health_gathering_supreme.cfg", 64, 4
KINDS = ("floor and ceiling", "wall", "medikit", "poison")
COLOURS = np.array([(0, 0), (255, 0), (0, 255), (255, 255)], np.uint8)
TEST_EPISODES, EPISODE = 0.15, 100


def roll(frames: int, seed: int = 0) -> list[tuple[int, np.ndarray, np.ndarray, np.ndarray]]:
    """(episode, frame (64, 64, 3), kinds (64, 64), depth (64, 64)) along a random walk."""
    import vizdoom

    game = vizdoom.DoomGame()
    game.load_config(os.path.join(vizdoom.scenarios_path, SCENARIO))
    game.set_doom_config_path(str(Path(gettempdir()) / "gansmith-vizdoom.ini"))  # otherwise it writes one here
    game.set_window_visible(False)
    game.set_screen_resolution(vizdoom.ScreenResolution.RES_160X120)
    game.set_screen_format(vizdoom.ScreenFormat.RGB24)
    game.set_labels_buffer_enabled(True)
    game.set_depth_buffer_enabled(True)
    game.set_render_hud(False)
    game.set_seed(seed)
    game.init()
    rng, found, episode = np.random.default_rng(seed), [], 0
    buttons = game.get_available_buttons_size()
    while len(found) < frames:
        episode += 1
        game.new_episode()
        for _ in range(EPISODE):
            if game.is_episode_finished() or len(found) >= frames:
                break
            state = game.get_state()
            found.append((episode, *_seen(state)))
            action = (rng.random(buttons) < [0.2, 0.2, 0.8][:buttons]).astype(int).tolist()
            game.make_action(action, STILL)
    game.close()
    return found


def _seen(state) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    names = {label.value: label.object_name.lower() for label in state.labels}
    kinds = np.zeros(state.labels_buffer.shape, np.uint8)
    kinds[state.labels_buffer == 1] = 1
    for value, name in names.items():
        if value > 1:
            kinds[state.labels_buffer == value] = 2 if "medikit" in name else 3 if "poison" in name else 0
    frame = Image.fromarray(state.screen_buffer).crop((20, 0, 140, 120)).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    sides = (Image.fromarray(side[:, 20:140]) for side in (kinds, state.depth_buffer))
    kinds, depth = (np.asarray(side.resize((SIDE, SIDE), Image.Resampling.NEAREST)) for side in sides)
    return np.asarray(frame), kinds, depth


def given(kinds: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """(64, 64, 3) uint8: what the translator gets."""
    return np.dstack([COLOURS[kinds], depth])


def write(place: Path, frames: int) -> dict[str, list[int]]:
    """``maps`` and ``frames`` with train and test within, and the kinds beside."""
    walked = roll(frames)
    last = max(episode for episode, *_ in walked)
    kinds = []
    for number, (episode, frame, kind, depth) in enumerate(walked):
        part = "test" if episode > (1 - TEST_EPISODES) * last or (last == 1 and number % 7 == 0) else "train"
        for name, picture in (("maps", given(kind, depth)), ("frames", frame)):
            path = place / name / part / f"{number:05d}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(picture).save(path)
        kinds.append((part, kind, frame, given(kind, depth)))
    np.savez_compressed(
        place / "kinds.npz",
        **{
            f"{part}_{name}": np.stack([row[position] for row in kinds if row[0] == part])
            for part in ("train", "test")
            for position, name in ((1, "kinds"), (2, "frames"), (3, "given"))
        },
    )
    return {part: [sum(row[0] == part for row in kinds)] for part in ("train", "test")}


def segmenter(frames: np.ndarray, kinds: np.ndarray, steps: int) -> torch.nn.Module:
    """Frame -> a score for each kind at each pixel, trained on real frames."""
    torch.manual_seed(0)
    network = create_translator("local", given=3, channels=len(KINDS), latent=0, width=16)
    network.finish.register_forward_hook(lambda module, inputs, output: network.__dict__.update(scores=output))
    optimiser = torch.optim.Adam(network.parameters(), 1e-3)
    rng = np.random.default_rng(0)
    for _ in range(steps):
        rows = rng.integers(len(frames), size=32)
        loss = cross_entropy(_scores(network, frames[rows]), torch.from_numpy(kinds[rows].astype(np.int64)))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return network.eval()


def _scores(network: torch.nn.Module, frames: np.ndarray) -> Tensor:
    network(to_float(torch.from_numpy(np.ascontiguousarray(frames))))
    return network.__dict__["scores"]


@torch.no_grad()
def agreement(network: torch.nn.Module, frames: np.ndarray, kinds: np.ndarray) -> float:
    """Mean over kinds of intersection over union, between what the segmenter sees and the map."""
    parts = np.array_split(frames, max(1, len(frames) // 50))
    seen = np.concatenate([_scores(network, part).argmax(1).numpy() for part in parts])
    shares = [
        ((seen == kind) & (kinds == kind)).sum() / ((seen == kind) | (kinds == kind)).sum()
        for kind in range(len(KINDS))
        if (kinds == kind).any()
    ]
    return float(np.mean(shares))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--frames", type=int, default=6000)
    parser.add_argument("--small", action="store_true")
    asked = parser.parse_args()
    frames, steps = (120, 30) if asked.small else (asked.frames, 1500)
    if not (asked.out / "kinds.npz").exists():
        write(asked.out, frames)
    with np.load(asked.out / "kinds.npz") as file:
        known = {name: file[name] for name in file.files}
    budget = {"images": 256, "score": False} if asked.small else {"minutes": asked.minutes}
    run = asked.out / "run"
    if not (run / "generator.safetensors").exists():
        maps, seen = (str(asked.out / name) for name in ("maps", "frames"))
        train(Request(data=maps, data_b=seen, recipe="paired", out=run, **budget))
    translator = Translator.from_pretrained(run)
    made = np.stack([translator.translate(picture, seed=row) for row, picture in enumerate(known["test_given"])])
    network = segmenter(known["train_frames"], known["train_kinds"], steps)
    real, ours = (agreement(network, x, known["test_kinds"]) for x in (known["test_frames"], made))
    result = {"test_frames": len(made), "agreement_on_real": real, "agreement_on_made": ours, "ratio": ours / real}
    (asked.out / "result.json").write_text(json.dumps(result, indent=1) + "\n")
    some = np.linspace(0, len(made) - 1, 8).astype(int)
    rows = np.concatenate([known["test_given"][some], made[some], known["test_frames"][some]])
    to_pillow(grid(rows, len(some))).save(asked.out / "scenes.png")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
