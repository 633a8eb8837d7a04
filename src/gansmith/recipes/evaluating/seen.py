"""Features of all real images that take a part, each computed once, in cached blocks."""

from dataclasses import fields

import numpy as np

from gansmith.core.progress import Progress
from gansmith.data.prepare import Prepared
from gansmith.metrics.evidence import Features
from gansmith.metrics.features import cached_features
from gansmith.networks.extractors import Extractor
from gansmith.recipes.evaluating.roles import Roles

BLOCK = 10_000


def features_of_roles(
    extractor: Extractor, prepared: Prepared, roles: Roles, progress: Progress
) -> dict[str, Features]:
    """Each part's features, in the order of its rows.

    The blocks do not depend on who takes which part, as long as all images take one, so that another
    split, seed or n finds them in the cache; and a stop loses one block.

    Memory: the parts and one block.
    Check: equals the extractor on each part.
    """
    parts = {field.name: getattr(roles, field.name) for field in fields(roles)}
    parts = {name: rows for name, rows in parts.items() if isinstance(rows, np.ndarray)}
    everything = np.unique(np.concatenate(list(parts.values())))
    found = {name: np.empty((len(rows), extractor.dimensions), np.float32) for name, rows in parts.items()}
    for block in np.array_split(everything, max(1, -(-len(everything) // BLOCK))):
        features = cached_features(extractor, prepared.images, block, prepared.folder, prepared.fingerprint, progress)
        for name, rows in parts.items():
            low, high = np.searchsorted(rows, [block[0], block[-1] + 1])
            found[name][low:high] = features[np.searchsorted(block, rows[low:high])]
    return {name: Features(rows) for name, rows in found.items()}
