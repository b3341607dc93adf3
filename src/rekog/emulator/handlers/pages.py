"""Pages of a listing whose rows have keys: the position in a page token, and the token of the next page."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from ..state import tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..context import Context

OLDEST = 0
"""Position before all keys: a listing that shows the oldest row first begins here."""
NEWEST = 2**63 - 1
"""Position after all keys: a listing that shows the newest row first begins here."""


class Keyed(Protocol):
    """A row with a unique key that never changes."""

    @property
    def key(self) -> int:
        """The key."""
        ...


Row = TypeVar("Row", bound=Keyed)


class Listing(NamedTuple):
    """A listing and its page tokens, which are valid for the same operation, account, region and filters only."""

    context: Context
    parts: tuple[object, ...]

    def resume(self, token: str | None, start: int) -> int:
        """Return the key in a page token, at which the previous page ended; without a token return `start`."""
        if token is None:
            return start
        return int(tokens.unseal(self.context.state.token_secret, self._name(), token))

    def cut(self, rows: Sequence[Row], limit: int) -> tuple[Sequence[Row], str | None]:
        """Return the first `limit` rows, and the token of the next page if there are more rows than the limit."""
        page = rows[:limit]
        if len(rows) <= limit:
            return page, None
        return page, tokens.seal(self.context.state.token_secret, self._name(), str(page[-1].key))

    def _name(self) -> tuple[str, ...]:
        return tuple(repr(part) for part in (*self.parts, *self.context.scope))
