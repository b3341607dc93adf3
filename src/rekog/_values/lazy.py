"""Attributes, dicts, modules and the names of a package that are created or imported on first use."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any


class LazyAttribute:
    """A class attribute that `make` computes once per class, subclasses included, when it is first read."""

    def __init__(self, make: Callable[[type[Any]], object]) -> None:
        self._make = make
        self._values: dict[type, object] = {}

    def __get__(self, instance: object, owner: type[Any]) -> object:
        if owner not in self._values:
            self._values[owner] = self._make(owner)
        return self._values[owner]


class LazyDict(dict[str, Any]):
    """A dict that `make` fills when it is first read: the annotations of a class, for tools that evaluate them."""

    def __init__(self, make: Callable[[], Mapping[str, object]]) -> None:
        super().__init__()
        self._make = make
        self._is_filled = False

    def _filled(self) -> None:
        if not self._is_filled:
            self._is_filled = True
            self.update(self._make())

    def __len__(self) -> int:
        self._filled()
        return super().__len__()

    def __getitem__(self, name: str) -> Any:
        self._filled()
        return super().__getitem__(name)

    def __iter__(self) -> Iterator[str]:
        self._filled()
        return super().__iter__()

    def keys(self) -> Any:
        self._filled()
        return super().keys()

    def items(self) -> Any:
        self._filled()
        return super().items()


class LazyModule:
    """A module that is imported when one of its attributes is first read."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> object:
        return getattr(import_module(self._name), name)


def lazy_names(package: str, modules: Mapping[str, Iterable[str]]) -> Callable[[str], object]:
    """Return the `__getattr__` of a package whose names are imported from `modules` on first use.

    The keys of `modules` are names of modules, relative to the package; the values are the names that each defines. A
    package whose modules are imported by others too must be written so: if its `__init__` imported them, two threads
    that import the package and one of its modules at the same moment could wait for one another, and Python's import
    system then hands out a module that is half loaded.
    """
    module_of = {name: module for module, names in modules.items() for name in names}

    def find(name: str) -> object:
        if name not in module_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value: object = getattr(import_module(module_of[name], package), name)
        setattr(sys.modules[package], name, value)
        return value

    return find
