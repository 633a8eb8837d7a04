"""70,000 grey photographs of clothes, 28x28, 10 balanced classes (MIT licence; Debian package)."""

from pathlib import Path

from gansmith.core.progress import Progress
from gansmith.data.fetch import debian_package, fetched
from gansmith.data.idx import IdxCollection, idx_collection

CLASSES = "T-shirt/top,Trouser,Pullover,Dress,Coat,Sandal,Shirt,Sneaker,Bag,Ankle boot".split(",")
INSTALLED = Path("/usr/share/datasets/fashion-mnist")
INSTEAD = "give the folder of its four IDX files instead, as in: gansmith data PATH"


def fashion_mnist(progress: Progress) -> IdxCollection:
    """The installed package, else fetched with apt-get download and dpkg-deb -x (no root needed).

    Source: Xiao, Rasul, Vollgraf 2017, arXiv:1708.07747.
    Raises: InputError: not there and not to be had.
    """
    place = INSTALLED
    if not place.is_dir():
        get = debian_package("dataset-fashion-mnist", INSTEAD)
        place = fetched("fashion-mnist", get, "usr/share/datasets/fashion-mnist", progress)
    return idx_collection(place, "fashion-mnist", CLASSES)
