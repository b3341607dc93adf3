"""Pagers: iterate over the items or the pages of any paged operation, with both clients.

A pager yields items when it is iterated, and whole responses from `.pages()`. Both continue after the last item
yielded, and `resume_token` is the token to continue there with another pager, also in the middle of a page. The token
has botocore's form: either library continues where the other stopped. Only one thread or task may use a pager at a
time.
"""

# pyright: reportPrivateUsage=false
# A pager runs its Flows with the private methods of its client.

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, cast

from ._values.errors import JobFailedError, PaginationError, ValidationError
from ._values.narrow import is_mapping

if TYPE_CHECKING:
    from typing import Self

    from ._core.flow import Flow
    from ._core.operation import Operation
    from ._generated.async_client import AsyncRekognitionClient
    from ._generated.client import RekognitionClient
    from ._settings.values import AnyCallOptions

Item = TypeVar("Item")
Page = TypeVar("Page")

_CUT = "boto_truncate_amount"  # botocore's key for the number of items of a page that were yielded already


class ListedCollection(NamedTuple):
    """One row of ListCollections, whose response has two lists of equal length."""

    collection_id: str
    face_model_version: str | None


class Paged(NamedTuple, Generic[Item, Page]):
    """A paged operation: its list of items, and for some a second list with a value for each item."""

    operation: Operation[Any, Any]
    items: str
    paired: str | None = None

    def read(self, page: Page) -> list[Item]:
        """Return a page's items."""
        items: list[Item] = getattr(page, self.items)
        if self.paired is None:
            return items
        values: list[str] = getattr(page, self.paired)
        padded = [*values, *[None] * (len(items) - len(values))]
        rows = [ListedCollection(str(item), version) for item, version in zip(items, padded, strict=False)]
        return cast("list[Item]", rows)  # cast: Item is ListedCollection where two lists are paired

    def cut(self, page: Page, start: int, stop: int) -> None:
        """Keep only the items from `start` to `stop` of a page, in both lists."""
        for name in filter(None, (self.items, self.paired)):
            setattr(page, name, getattr(page, name)[start:stop])


class Position(NamedTuple):
    """A position between two items: the token of a page, and the number of its items that were yielded."""

    token: str | None
    yielded: int

    def encode(self) -> str:
        """Return the position as a token in botocore's form."""
        content = {"NextToken": self.token, **({_CUT: self.yielded} if self.yielded else {})}
        return base64.b64encode(json.dumps(content).encode()).decode()


def read_position(token: str | None) -> Position:
    """Return the position of a starting token: ours or botocore's, botocore's old form, or a page token."""
    if not token:
        return Position(None, 0)
    try:
        content: object = json.loads(base64.b64decode(token, validate=True))
    except (binascii.Error, ValueError):
        content = None
    if is_mapping(content) and "NextToken" in content and set(content) <= {"NextToken", _CUT}:
        inner, yielded = content["NextToken"], content.get(_CUT, 0)
        if (inner is None or isinstance(inner, str)) and isinstance(yielded, int):
            return Position(inner, yielded)
    raw, separator, yielded = token.rpartition("___")
    if separator and yielded.isdecimal():
        return Position(None if raw == "None" else raw, int(yielded))
    return Position(token, 0)


def _check(paged: Paged[Any, Any], max_items: object, page_size: object, starting_token: object) -> None:
    problems = [
        f"{name}: must be a whole number, {minimum} or more, not {value!r}"
        for name, value, minimum in (("max_items", max_items, 0), ("page_size", page_size, 1))
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < minimum)
    ]
    if not isinstance(starting_token, str | None):
        problems.append(f"starting_token: must be text, not {type(starting_token).__name__}")
    if problems:
        method = f"paginate_{paged.operation.method_name}"
        raise ValidationError(f"{method}: {'; '.join(problems)}", operation=method, problems=problems)


def _check_job(operation: Operation[Any, Any], response: Any) -> None:
    """Raise an error for a job that is in progress or has failed: its empty listing is not its result."""
    state = getattr(response, "job_status", None)
    if state == "FAILED":
        message = response.status_message
        text = f"{operation.name}: the job has failed{f' ({message})' if message else ''}"
        reason = f"{operation.name} returned FAILED"
        raise JobFailedError(text, reason=reason, last_response=response, status_message=message)
    if state == "IN_PROGRESS":
        waiter = f"wait_until_{operation.method_name.removeprefix('get_')}_completed"
        raise PaginationError(f"{operation.name}: the job is in progress: call `{waiter}` first")


class _Walk(Generic[Item, Page]):
    """The pages of one listing and the position in them, without I/O."""

    def __init__(
        self,
        client: RekognitionClient | AsyncRekognitionClient,
        paged: Paged[Item, Page],
        options: AnyCallOptions | None,
        max_items: int | None,
        page_size: int | None,
        starting_token: str | None,
        /,
        **arguments: object,
    ) -> None:
        _check(paged, max_items, page_size, starting_token)
        self._client = client
        self._paged = paged
        self._options = options
        self._left = max_items
        self._page_size = page_size
        self._arguments = arguments
        self._started = starting_token
        # The current page: its token, its items, the index of the next item to yield, and the index to stop at.
        self._token, self._at = read_position(starting_token)
        self._page: Page | None = None
        self._items: list[Item] = []
        self._stop = 0
        self._next: str | None = None
        self._seen: set[str | None] = set()
        self._ended = self._fetching = False

    @property
    def resume_token(self) -> str | None:
        """The `starting_token` to continue after the last item yielded; None at the end of the listing."""
        if self._page is None:
            return self._started
        if self._at < len(self._items):
            return Position(self._token, self._at).encode()
        return Position(self._next, 0).encode() if self._next else None

    def _fetch(self) -> Flow[Page | None]:
        """Return the next page that has items to yield; None at the end."""
        if self._ended or self._left == 0:
            return None
        token, skip = (self._token, self._at) if self._page is None else (self._next, 0)
        # A page of at most `skip` items would end before the position, and the next one would repeat yielded items.
        size = self._page_size and max(self._page_size, skip + 1)
        paging = {"next_token": token, "max_results": size}
        operation = self._paged.operation
        if self._fetching:
            raise PaginationError(f"{operation.name}: only one thread or task may use a pager at a time")
        self._fetching = True
        try:
            response = yield from self._client._caller.call(operation, self._options, **self._arguments, **paging)
        finally:
            self._fetching = False
        _check_job(operation, response)
        self._next = response.next_token or None
        page: Page = response
        if self._next is not None and self._next in self._seen:
            raise PaginationError(f"{operation.name}: the service returned the same page token twice")
        self._seen |= {token, self._next}
        self._ended = self._next is None
        items = self._paged.read(page)
        skip = min(skip, len(items))
        stop = len(items) if self._left is None else min(len(items), skip + self._left)
        self._page, self._token, self._items, self._at, self._stop = page, token, items, skip, stop
        if self._left is not None:
            self._left -= stop - skip
        return page

    def _next_page(self) -> Flow[Page | None]:
        """Return the rest of the current page, or the next page; None at the end."""
        page = self._page if self._at < self._stop else (yield from self._fetch())
        if page is None:
            return None
        if self._at or self._stop < len(self._items):
            self._paged.cut(page, self._at, self._stop)
        self._at = self._stop
        return page


class Pager(_Walk[Item, Page]):
    """The items of a listing. The pager requests a page when its first item is needed.

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

    _client: RekognitionClient

    def __iter__(self) -> Self:
        """Yield the items one by one, from the current position."""
        return self

    def __next__(self) -> Item:
        while self._at >= self._stop:
            if self._client._run(self._fetch()) is None:
                raise StopIteration
        at = self._at
        self._at = at + 1
        return self._items[at]

    def pages(self) -> Iterator[Page]:
        """Yield whole responses, from the current position; the first may be the rest of a page."""
        return iter(lambda: self._client._run(self._next_page()), None)  # a generator could not go on after an error

    def collect(self) -> list[Item]:
        """Return all remaining items as a list."""
        return list(self)


class _AsyncPages(AsyncIterator[Page]):
    """The pages that a function returns until it returns None; trio would warn about an async generator left open."""

    def __init__(self, fetch: Callable[[], Awaitable[Page | None]]) -> None:
        self._fetch = fetch

    async def __anext__(self) -> Page:
        page = await self._fetch()
        if page is None:
            raise StopAsyncIteration
        return page


class AsyncPager(_Walk[Item, Page]):
    """The items of a listing, for tasks: the async form of `Pager`."""

    _client: AsyncRekognitionClient

    def __aiter__(self) -> Self:
        """Yield the items one by one, from the current position."""
        return self

    async def __anext__(self) -> Item:
        while self._at >= self._stop:
            if await self._client._run(self._fetch()) is None:
                raise StopAsyncIteration
        at = self._at
        self._at = at + 1
        return self._items[at]

    def pages(self) -> AsyncIterator[Page]:
        """Yield whole responses, from the current position; the first may be the rest of a page."""
        return _AsyncPages(lambda: self._client._run(self._next_page()))

    async def collect(self) -> list[Item]:
        """Return all remaining items as a list."""
        return [item async for item in self]


class Paginator(NamedTuple, Generic[Item, Page]):
    """A pager in boto3's form: `paginate` is the client's `paginate_...` method."""

    paginate: Callable[..., Pager[Item, Page]]


class AsyncPaginator(NamedTuple, Generic[Item, Page]):
    """A pager in boto3's form, for tasks: `paginate` is the async client's `paginate_...` method."""

    paginate: Callable[..., AsyncPager[Item, Page]]


__all__ = ["AsyncPager", "AsyncPaginator", "ListedCollection", "Paged", "Pager", "Paginator"]
