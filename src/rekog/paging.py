"""Pagers: the items or the pages of any paged operation, with both clients.

A pager is an iterable: each `for` loop, and each call of `pages()`, `first()` or `collect()`, begins anew at the
pager's starting token. `resume_token` belongs to the newest of these iterators: it is the token to continue after the
last item that it yielded, with another pager, also in the middle of a page. The token has botocore's form: either
library continues where the other stopped. Threads and tasks may share a pager, but only one may use an iterator at a
time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Generic, TypeVar

from ._core.paging_rules import Item_co, Listing, Page_co, Paged, Walk, check_arguments
from ._values.frozen import Frozen
from ._values.model import as_list

if TYPE_CHECKING:
    from ._core.call import Caller
    from ._core.compat.page_results import WirePage
    from ._drivers.aio import AsyncDriver
    from ._drivers.sync import SyncDriver
    from ._settings.values import AnyCallOptions

__all__ = ["AsyncPager", "AsyncPaginator", "Pager", "Paginator"]

Driver = TypeVar("Driver")


class _Pager(Generic[Driver, Item_co, Page_co]):
    """The arguments of a pager, and its newest walk."""

    def __init__(
        self,
        driver: Driver,
        caller: Caller,
        paged: Paged[Item_co, Page_co],
        options: AnyCallOptions | None,
        max_items: int | None,
        page_size: int | None,
        starting_token: str | None,
        /,
        **arguments: object,
    ) -> None:
        check_arguments(paged, max_items, page_size, starting_token)
        self._driver = driver
        lists = {name: as_list(value) for name, value in arguments.items()}  # a generator runs once
        self._listing = Listing(caller, paged, options, max_items, page_size, starting_token, lists)
        self._newest: Walk[Item_co, Page_co] | Walk[object, WirePage] = Walk(self._listing)

    @property
    def resume_token(self) -> str | None:
        """The `starting_token` to continue after the last item of the newest iterator; None at the end of the listing.

        Before the first iterator it is the pager's own `starting_token`.
        """
        return self._newest.resume_token

    def __repr__(self) -> str:
        token = "" if self.resume_token is None else f", resume_token={self.resume_token!r}"
        return f"<{type(self).__name__} of {self._listing.paged.operation.name}{token}>"


class _Items(Walk[Item_co, Page_co], Iterator[Item_co]):
    """Items in threads. It is no generator: a generator could not go on after an error."""

    def __init__(self, driver: SyncDriver, listing: Listing[Item_co, Page_co]) -> None:
        super().__init__(listing)
        self._driver = driver

    def __next__(self) -> Item_co:
        while self._at >= self._stop:
            if self._driver.run(self._fetch()) is None:
                raise StopIteration
        at = self._at
        self._at = at + 1
        return self._items[at]


class _Pages(Walk[Item_co, Page_co], Iterator[Page_co]):
    """Pages in threads."""

    def __init__(self, driver: SyncDriver, listing: Listing[Item_co, Page_co]) -> None:
        super().__init__(listing)
        self._driver = driver

    def __next__(self) -> Page_co:
        page = self._driver.run(self._next_page())
        if page is None:
            raise StopIteration
        return page


class _Values(Iterator[object]):
    """Values of an expression in threads."""

    def __init__(self, pages: Iterator[WirePage], search: Callable[[WirePage], list[object]]) -> None:
        self._pages, self._search = pages, search
        self._values: deque[object] = deque()

    def __next__(self) -> object:
        while not self._values:
            self._values += self._search(next(self._pages))
        return self._values.popleft()


class Pager(_Pager["SyncDriver", Item_co, Page_co], Iterable[Item_co]):
    """The items of a listing; a client's `paginate_...` methods return it.

    A page is requested when its first item is needed.

    >>> from rekog import RekognitionClient
    >>> with RekognitionClient.local() as client:
    ...     for name in ("cats", "dogs", "owls"):
    ...         made = client.create_collection(name)
    ...     pager = client.paginate_list_collections(page_size=1, max_items=2)
    ...     ids = [row.collection_id for row in pager]
    ...     rest = client.paginate_list_collections(starting_token=pager.resume_token)
    ...     (ids, [row.collection_id for row in rest])
    (['cats', 'dogs'], ['owls'])
    """

    def __iter__(self) -> Iterator[Item_co]:
        """Return a new iterator over the items, from the starting token."""
        self._newest = items = _Items(self._driver, self._listing)
        return items

    if not TYPE_CHECKING:  # a type checker that saw it would accept `next(pager)`

        def __next__(self) -> None:
            raise TypeError(
                "a Pager is not an iterator: next(iter(pager)) begins one, and pager.first() returns the first item"
            )

    def pages(self) -> Iterator[Page_co]:
        """Return a new iterator over whole responses, from the starting token; the first may be the rest of a page."""
        self._newest = pages = _Pages(self._driver, self._listing)
        return pages

    def first(self) -> Item_co | None:
        """Return the first item, or None when the listing is empty."""
        return next(iter(self), None)

    def collect(self) -> list[Item_co]:
        """Return all items as a list."""
        return list(self)

    def build_full_result(self) -> dict[str, object]:
        """Return the whole listing as one wire-shaped dict, from the starting token, as botocore's page iterators do.

        It has all items, the other members of the first response, and `NextToken` with the resume token when
        `max_items` ended the listing.

        >>> from rekog import RekognitionClient
        >>> with RekognitionClient.local() as client:
        ...     made = client.create_collection("cats"), client.create_collection("dogs")
        ...     client.get_paginator("list_collections").paginate(page_size=1).build_full_result()
        {'CollectionIds': ['cats', 'dogs'], 'FaceModelVersions': ['7.0', '7.0']}
        """
        from ._core.compat.page_results import WireWalk  # few programs need it

        self._newest = walk = WireWalk(self._listing)
        return self._driver.run(walk.full_result())

    def search(self, expression: str) -> Iterator[object]:
        """Return a new iterator over the values of a JMESPath expression in wire-shaped pages, as botocore's does.

        A list counts as its elements. Raise `ParamValidationError` when the expression is malformed.

        >>> from rekog import RekognitionClient
        >>> with RekognitionClient.local() as client:
        ...     made = client.create_collection("cats"), client.create_collection("dogs")
        ...     list(client.get_paginator("list_collections").paginate().search("CollectionIds[?contains(@, 'og')]"))
        ['dogs']
        """
        from ._core.compat.page_results import compiled, wire_listing  # few programs need it

        search = compiled(expression)
        self._newest = pages = _Pages(self._driver, wire_listing(self._listing))
        return _Values(pages, search)


class _AsyncItems(Walk[Item_co, Page_co], AsyncIterator[Item_co]):
    """Items in tasks. It is no async generator: trio would warn about one that is left open."""

    def __init__(self, driver: AsyncDriver, listing: Listing[Item_co, Page_co]) -> None:
        super().__init__(listing)
        self._driver = driver

    async def __anext__(self) -> Item_co:
        while self._at >= self._stop:
            if await self._driver.run(self._fetch()) is None:
                raise StopAsyncIteration
        at = self._at
        self._at = at + 1
        return self._items[at]


class _AsyncPages(Walk[Item_co, Page_co], AsyncIterator[Page_co]):
    """Pages in tasks."""

    def __init__(self, driver: AsyncDriver, listing: Listing[Item_co, Page_co]) -> None:
        super().__init__(listing)
        self._driver = driver

    async def __anext__(self) -> Page_co:
        page = await self._driver.run(self._next_page())
        if page is None:
            raise StopAsyncIteration
        return page


class _AsyncValues(AsyncIterator[object]):
    """Values of an expression in tasks."""

    def __init__(self, pages: AsyncIterator[WirePage], search: Callable[[WirePage], list[object]]) -> None:
        self._pages, self._search = pages, search
        self._values: deque[object] = deque()

    async def __anext__(self) -> object:
        while not self._values:
            self._values += self._search(await anext(self._pages))
        return self._values.popleft()


class AsyncPager(_Pager["AsyncDriver", Item_co, Page_co], AsyncIterable[Item_co]):
    """The items of a listing, for tasks: the async form of `Pager`."""

    def __aiter__(self) -> AsyncIterator[Item_co]:
        """Return a new iterator over the items, from the starting token."""
        self._newest = items = _AsyncItems(self._driver, self._listing)
        return items

    if not TYPE_CHECKING:  # a type checker that saw it would accept `anext(pager)`

        def __anext__(self) -> None:
            raise TypeError(
                "an AsyncPager is not an iterator: anext(aiter(pager)) begins one, and await pager.first() returns the"
                " first item"
            )

    def pages(self) -> AsyncIterator[Page_co]:
        """Return a new iterator over whole responses, from the starting token; the first may be the rest of a page."""
        self._newest = pages = _AsyncPages(self._driver, self._listing)
        return pages

    async def first(self) -> Item_co | None:
        """Return the first item, or None when the listing is empty."""
        return await anext(aiter(self), None)

    async def collect(self) -> list[Item_co]:
        """Return all items as a list."""
        return [item async for item in self]

    async def build_full_result(self) -> dict[str, object]:
        """Return the whole listing as one wire-shaped dict, from the starting token, as botocore's page iterators do.

        It has all items, the other members of the first response, and `NextToken` with the resume token when
        `max_items` ended the listing.
        """
        from ._core.compat.page_results import WireWalk  # few programs need it

        self._newest = walk = WireWalk(self._listing)
        return await self._driver.run(walk.full_result())

    def search(self, expression: str) -> AsyncIterator[object]:
        """Return a new iterator over the values of a JMESPath expression in wire-shaped pages, as botocore's does.

        A list counts as its elements. Raise `ParamValidationError` when the expression is malformed.
        """
        from ._core.compat.page_results import compiled, wire_listing  # few programs need it

        search = compiled(expression)
        self._newest = pages = _AsyncPages(self._driver, wire_listing(self._listing))
        return _AsyncValues(pages, search)


class Paginator(Frozen, Generic[Item_co, Page_co], kw_only=True):
    """A pager in boto3's form: `paginate` is the client's `paginate_...` method."""

    paginate: Callable[..., Pager[Item_co, Page_co]]


class AsyncPaginator(Frozen, Generic[Item_co, Page_co], kw_only=True):
    """A pager in boto3's form, for tasks: `paginate` is the async client's `paginate_...` method."""

    paginate: Callable[..., AsyncPager[Item_co, Page_co]]


def __dir__() -> list[str]:
    return sorted(__all__)
