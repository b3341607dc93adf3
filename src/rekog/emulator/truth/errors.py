"""The error of declarations."""

from __future__ import annotations

from collections.abc import Iterable

from ..._values.errors import RekogError


class TruthError(RekogError, ValueError):
    """A declaration has problems, so nothing of it was stored.

    `problems` has a text for each one, such as `labels[0].Confidence: must be at most 100, not 120`.
    """

    __module__ = "rekog.emulator"

    def __init__(self, problems: Iterable[str], where: str = "") -> None:
        self.problems: list[str] = list(problems)
        self._where = where
        lines = [f"{where}{problem}" for problem in self.problems]
        super().__init__(
            lines[0] if len(lines) == 1 else f"{len(lines)} problems:" + "".join(f"\n  {line}" for line in lines)
        )

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.problems, self._where)  # the default would pass the message as the problems
