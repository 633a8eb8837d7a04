"""gansmith trains generative adversarial networks on your own images, on the machine you have."""

import os
from typing import Any

# Waiting threads sleep instead of spinning: beside another busy process, spinning makes two threads
# many times slower than one (LOG.md). It must be set before torch starts its threads.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

__version__ = "0.1.0"
__all__ = ["Generator", "Translator", "create_critic", "create_generator", "list_networks", "train"]

_WHERE = {
    "train": "gansmith.recipes.training",
    "Generator": "gansmith.networks.pretrained",
    "Translator": "gansmith.networks.translated",
    "create_generator": "gansmith.networks",
    "create_critic": "gansmith.networks",
    "list_networks": "gansmith.networks",
}


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        import importlib

        return getattr(importlib.import_module(_WHERE[name]), name)
    raise AttributeError(f"module 'gansmith' has no attribute {name!r}")
