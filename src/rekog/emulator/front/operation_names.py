"""Names of operations in the arguments of tests: the service's own, or that of the client's method."""

from __future__ import annotations

from ..._generated.operations import METHODS, OPERATIONS


def wire_name(operation: object) -> str | None:
    """Return the service's name of an operation, or None if the value names no operation.

    >>> wire_name("detect_faces"), wire_name("DetectFaces"), wire_name("detect")
    ('DetectFaces', 'DetectFaces', None)
    """
    if not isinstance(operation, str):  # an unhashable value is no name either
        return None
    known = METHODS.get(operation) or OPERATIONS.get(operation)
    return None if known is None else known.name


def unknown_operation(operation: object) -> str:
    """Return the problem of a value that names no operation."""
    from difflib import get_close_matches

    near = get_close_matches(str(operation), [*OPERATIONS, *METHODS], n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"operation must be one of the service's, like 'DetectFaces' or 'detect_faces', not {operation!r}{hint}"
