"""Attributes, dicts and modules that are created on first use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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
