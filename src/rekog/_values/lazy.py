"""Attributes and modules that are created on first use."""

from __future__ import annotations

from collections.abc import Callable
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


class LazyModule:
    """A module that is imported when one of its attributes is first read."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> object:
        return getattr(import_module(self._name), name)
