"""Pages of a listing whose rows have keys: where a page token says to go on, and the token for what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from ..state import tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..context import Context

OLDEST = 0
"""The place before all keys, where a listing from the oldest on begins."""
NEWEST = 2**63 - 1
"""The place behind all keys, where a listing from the newest back begins."""


class Keyed(Protocol):
    """A row with a key that never changes and is never another row's."""

    @property
    def key(self) -> int:
        """The key."""
        ...


Row = TypeVar("Row", bound=Keyed)


class Listing(NamedTuple):
    """A listing as its page tokens know it: they are good for the same operation, owner and filters only."""

    context: Context
    parts: tuple[object, ...]

    def resume(self, token: str | None, start: int) -> int:
        """Return the key that a page token says to go on from, or where to start without one."""
        if token is None:
            return start
        return int(tokens.unseal(self.context.state.token_secret, self._name(), token))

    def cut(self, rows: Sequence[Row], limit: int) -> tuple[Sequence[Row], str | None]:
        """Return a page of rows, of which there is one more than the limit if more remain, and the token for those."""
        page = rows[:limit]
        if len(rows) <= limit:
            return page, None
        return page, tokens.seal(self.context.state.token_secret, self._name(), str(page[-1].key))

    def _name(self) -> tuple[str, ...]:
        return tuple(repr(part) for part in (*self.parts, *self.context.scope))
