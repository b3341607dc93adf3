"""What the emulator does for each operation: a module for a family, in it a function named like the client's method.

"Assumed" is said of what the service does here because something has to be done, where its documentation is silent and
no answer of it is known; "ours" of words and names that are invented for the same reason.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, TypeAlias, cast

if TYPE_CHECKING:
    from ..._core.operation import Operation
    from ..._values.model import Model, Response
    from ..context import Context

    Handler: TypeAlias = Callable[[Context, Model], Response | dict[str, object]]
    """Answers with a model, or with its wire form."""


@cache
def find_handler(operation: Operation[Model, Response]) -> Handler | None:
    """Return the function that serves an operation, or None while there is none."""
    name = f"{__name__}.{operation.family}"
    if find_spec(name) is None:
        return None
    module = import_module(name)
    # cast: a handler's types are those of the operation it is named after
    return cast("Handler | None", getattr(module, operation.method_name, None))
