"""All faces and users of a collection, from all pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from .._core.paging_rules import Listing, Paged, Walk
from .._generated.paging import LIST_FACES, LIST_USERS

if TYPE_CHECKING:
    from .. import models
    from .._core.call import Caller
    from .._core.flow import Flow

Item = TypeVar("Item")
Page = TypeVar("Page")


class _Pages(Walk[Item, Page]):
    """A walk that collects the items of all pages."""

    def collect(self) -> Flow[list[Item]]:
        """Return all items."""
        items: list[Item] = []
        while (yield from self._fetch()) is not None:
            items += self._items
        return items


def faces_of(caller: Caller, collection_id: str, user_id: str | None = None) -> Flow[list[models.Face]]:
    """Return the faces of a collection, or of one user of it."""
    return (yield from _all(caller, LIST_FACES, {"collection_id": collection_id, "user_id": user_id}))


def users_of(caller: Caller, collection_id: str) -> Flow[list[models.User]]:
    """Return the users of a collection."""
    return (yield from _all(caller, LIST_USERS, {"collection_id": collection_id}))


def _all(caller: Caller, paged: Paged[Item, Page], arguments: dict[str, str | None]) -> Flow[list[Item]]:
    return (yield from _Pages(Listing(caller, paged, None, None, None, None, arguments)).collect())
