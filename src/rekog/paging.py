"""Paging: one walk over the pages of any paged operation, for both clients.

A pager gives items when it is iterated and whole answers by `.pages()`. It goes on where it stopped: `resume_token`
says at any moment how to continue after the last item given, also in the middle of a page. The token has botocore's
form, so either library continues where the other stopped. A pager belongs to one thread or task at a time.
"""

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
    from .config import CallOptions

Item = TypeVar("Item")
Page = TypeVar("Page")

_CUT = "boto_truncate_amount"  # botocore's word for the number of items of a page that were given already


class ListedCollection(NamedTuple):
    """One row of ListCollections, whose answer has two lists of equal length."""

    collection_id: str
    face_model_version: str | None


class Paged(NamedTuple, Generic[Item, Page]):
    """What a paged operation pages: the list that has the items, and a list beside it that is cut alike."""

    operation: Operation[Any, Any]
    items: str
    paired: str | None = None

    def read(self, page: Page) -> list[Item]:
        """Return a page's items."""
        found: list[Item] = getattr(page, self.items)
        if self.paired is None:
            return found
        beside: list[str] = getattr(page, self.paired)
        padded = [*beside, *[None] * (len(found) - len(beside))]
        rows = [ListedCollection(str(row), version) for row, version in zip(found, padded, strict=False)]
        return cast("list[Item]", rows)  # cast: where two lists are paired, Item is ListedCollection

    def cut(self, page: Page, start: int, stop: int) -> None:
        """Leave only some of a page's items, in both lists."""
        for name in filter(None, (self.items, self.paired)):
            setattr(page, name, getattr(page, name)[start:stop])


class Position(NamedTuple):
    """A place between two items: the token of a page, and how many of its items were given."""

    token: str | None
    given: int

    def encode(self) -> str:
        """Return the place as text, in botocore's form."""
        content = {"NextToken": self.token, **({_CUT: self.given} if self.given else {})}
        return base64.b64encode(json.dumps(content).encode()).decode()


def read_position(token: str | None) -> Position:
    """Return the place that a starting token names: one of ours or botocore's, its old form, or a page token."""
    if not token:
        return Position(None, 0)
    try:
        content: object = json.loads(base64.b64decode(token, validate=True))
    except (binascii.Error, ValueError):
        content = None
    if is_mapping(content) and "NextToken" in content and set(content) <= {"NextToken", _CUT}:
        inner, given = content["NextToken"], content.get(_CUT, 0)
        if (inner is None or isinstance(inner, str)) and isinstance(given, int):
            return Position(inner, given)
    raw, separator, given = token.rpartition("___")
    if separator and given.isdecimal():
        return Position(None if raw == "None" else raw, int(given))
    return Position(token, 0)


def _check(paged: Paged[Any, Any], max_items: object, page_size: object, starting_token: object) -> None:
    problems = [
        f"{name}: must be a whole number, {least} or more, not {value!r}"
        for name, value, least in (("max_items", max_items, 0), ("page_size", page_size, 1))
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < least)
    ]
    if not isinstance(starting_token, str | None):
        problems.append(f"starting_token: must be text, not {type(starting_token).__name__}")
    if problems:
        method = f"paginate_{paged.operation.method_name}"
        raise ValidationError(f"{method}: {'; '.join(problems)}", operation=method, problems=problems)


def _check_job(operation: Operation[Any, Any], answer: Any) -> None:
    """Raise for a job that is not done or has failed: it has no results, which is not to say that there are none."""
    state = getattr(answer, "job_status", None)
    if state == "FAILED":
        message = answer.status_message
        text = f"{operation.name}: the job has failed{f' ({message})' if message else ''}"
        raise JobFailedError(text, reason=f"{operation.name} says FAILED", last_response=answer, status_message=message)
    if state == "IN_PROGRESS":
        waiter = f"wait_until_{operation.method_name.removeprefix('get_')}_completed"
        raise PaginationError(f"{operation.name}: the job is in progress: there are results once `{waiter}` is over")


class _Walk(Generic[Item, Page]):
    """The pages of one listing and the place reached in them, without I/O."""

    def __init__(
        self,
        client: RekognitionClient | AsyncRekognitionClient,
        paged: Paged[Item, Page],
        options: CallOptions | None,
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
        # The page at hand: its token, its items, the next of them to give, and where to stop.
        self._token, self._at = read_position(starting_token)
        self._page: Page | None = None
        self._items: list[Item] = []
        self._stop = 0
        self._next: str | None = None
        self._seen: set[str | None] = set()
        self._ended = self._fetching = False

    @property
    def resume_token(self) -> str | None:
        """The `starting_token` to continue after the last item given; None at the end of the listing."""
        if self._page is None:
            return self._started
        if self._at < len(self._items):
            return Position(self._token, self._at).encode()
        return Position(self._next, 0).encode() if self._next else None

    def _fetch(self) -> Flow[Page | None]:
        """Get the next page that has to be given; None at the end."""
        if self._ended or self._left == 0:
            return None
        token, skip = (self._token, self._at) if self._page is None else (self._next, 0)
        # A smaller page than that in whose middle it starts would end before what was given, and give it again.
        size = self._page_size and max(self._page_size, skip + 1)
        paging = {"next_token": token, "max_results": size}
        operation = self._paged.operation
        if self._fetching:
            raise PaginationError(f"{operation.name}: a pager belongs to one thread or task at a time")
        self._fetching = True
        try:
            answer = yield from self._client.caller.call(operation, self._options, **self._arguments, **paging)
        finally:
            self._fetching = False
        _check_job(operation, answer)
        self._next = answer.next_token or None
        page: Page = answer
        if self._next is not None and self._next in self._seen:
            raise PaginationError(f"{operation.name}: the service gave a page token a second time")
        self._seen |= {token, self._next}
        self._ended = self._next is None
        items = self._paged.read(page)
        skip = min(skip, len(items))
        stop = len(items) if self._left is None else min(len(items), skip + self._left)
        self._page, self._token, self._items, self._at, self._stop = page, token, items, skip, stop
        if self._left is not None:
            self._left -= stop - skip
        return page

    def _whole(self) -> Flow[Page | None]:
        """Give what is left of a page, or the next one; None at the end."""
        page = self._page if self._at < self._stop else (yield from self._fetch())
        if page is None:
            return None
        if self._at or self._stop < len(self._items):
            self._paged.cut(page, self._at, self._stop)
        self._at = self._stop
        return page


class Pager(_Walk[Item, Page]):
    """The items of a listing, fetched page by page as they are needed.

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
        """Give the items one by one, from where the pager stands."""
        return self

    def __next__(self) -> Item:
        while self._at >= self._stop:
            if self._client.run(self._fetch()) is None:
                raise StopIteration
        at = self._at
        self._at = at + 1
        return self._items[at]

    def pages(self) -> Iterator[Page]:
        """Give whole answers, from where the pager stands; the first may be what is left of a page."""
        return iter(lambda: self._client.run(self._whole()), None)  # goes on after an error, as no generator does

    def collect(self) -> list[Item]:
        """Return all items that are left, as a list."""
        return list(self)


class _AsyncPages(AsyncIterator[Page]):
    """The pages that a function gives until it gives None: no async generator, because trio wants those closed."""

    def __init__(self, following: Callable[[], Awaitable[Page | None]]) -> None:
        self._following = following

    async def __anext__(self) -> Page:
        page = await self._following()
        if page is None:
            raise StopAsyncIteration
        return page


class AsyncPager(_Walk[Item, Page]):
    """The items of a listing, fetched page by page as they are needed: `Pager` for tasks."""

    _client: AsyncRekognitionClient

    def __aiter__(self) -> Self:
        """Give the items one by one, from where the pager stands."""
        return self

    async def __anext__(self) -> Item:
        while self._at >= self._stop:
            if await self._client.run(self._fetch()) is None:
                raise StopAsyncIteration
        at = self._at
        self._at = at + 1
        return self._items[at]

    def pages(self) -> AsyncIterator[Page]:
        """Give whole answers, from where the pager stands; the first may be what is left of a page."""
        return _AsyncPages(lambda: self._client.run(self._whole()))

    async def collect(self) -> list[Item]:
        """Return all items that are left, as a list."""
        return [item async for item in self]


class Paginator(NamedTuple, Generic[Item, Page]):
    """boto3's way to a pager: `paginate` is the client's own `paginate_...` method."""

    paginate: Callable[..., Pager[Item, Page]]


class AsyncPaginator(NamedTuple, Generic[Item, Page]):
    """boto3's way to a pager, for tasks: `paginate` is the client's own `paginate_...` method."""

    paginate: Callable[..., AsyncPager[Item, Page]]


__all__ = ["AsyncPager", "AsyncPaginator", "ListedCollection", "Paged", "Pager", "Paginator"]
