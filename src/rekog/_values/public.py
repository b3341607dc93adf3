"""The public names of functions and classes that private modules contain."""

from __future__ import annotations

from typing import Any, get_type_hints


def publish(module: str, *values: Any) -> None:
    """Give functions and classes the name of their public module, for pickles, tracebacks and documentation.

    The annotations of a class become types before: tools look their names up in the module of the class.
    """
    for value in values:
        if isinstance(value, type) and "__annotations__" in vars(value):
            kind: Any = value
            own = kind.__annotations__
            kind.__annotations__ = {name: hint for name, hint in get_type_hints(value).items() if name in own}
        value.__module__ = module
