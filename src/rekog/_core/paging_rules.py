"""Rules of paged operations, and walks through their pages as Flows.

A walk begins at a starting token and requests a page when its first item is needed. Its `resume_token` continues after
the last item that was yielded, also in the middle of a page. The token has botocore's form: either library continues
where the other stopped.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, cast

from .._values.errors import JobFailedError, PaginationError, ParamValidationError
from .._values.narrow import is_mapping

if TYPE_CHECKING:
    from .._settings.values import AnyCallOptions
    from .call import Caller
    from .flow import Flow
    from .operation import Operation

Item = TypeVar("Item")
Page = TypeVar("Page")
Item_co = TypeVar("Item_co", covariant=True)
Page_co = TypeVar("Page_co", covariant=True)

_CUT = "boto_truncate_amount"  # botocore's key for the number of items of a page that were yielded already


class Paged(NamedTuple, Generic[Item, Page]):
    """A paged operation: its list of items, and for some a second list with a value for each item."""

    operation: Operation[Any, Any]
    items: str
    paired: str | None = None

    def call(self, caller: Caller, options: AnyCallOptions | None, fields: Mapping[str, object]) -> Flow[Page]:
        """Return a page of the listing."""
        page: Flow[Any] = caller.call(self.operation, options, **fields)
        return page

    def member(self, page: Page, name: str) -> Any:
        """Return a member of a page by its Python name; None when the operation has no such member."""
        return getattr(page, name, None)

    def read(self, page: Page) -> list[Item]:
        """Return a page's items."""
        items: list[Item] = getattr(page, self.items)
        if self.paired is None:
            return items
        from ..models import ListedCollection  # one operation has a second list

        values: list[str] = getattr(page, self.paired)
        padded = [*values, *[None] * (len(items) - len(values))]
        rows = [
            ListedCollection(collection_id=str(item), face_model_version=version)
            for item, version in zip(items, padded, strict=False)
        ]
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


class Listing(NamedTuple, Generic[Item, Page]):
    """The arguments of a pager."""

    caller: Caller
    paged: Paged[Item, Page]
    options: AnyCallOptions | None
    max_items: int | None
    page_size: int | None
    starting_token: str | None
    arguments: Mapping[str, object]


def check_arguments(paged: Paged[Any, Any], max_items: object, page_size: object, starting_token: object) -> None:
    """Raise `ParamValidationError` when an argument of the pager itself breaks a rule."""
    problems = [
        f"{name}: must be a whole number, {minimum} or more, not {value!r}"
        for name, value, minimum in (("max_items", max_items, 0), ("page_size", page_size, 1))
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < minimum)
    ]
    if not isinstance(starting_token, str | None):
        problems.append(f"starting_token: must be text, not {type(starting_token).__name__}")
    if problems:
        text = f"paginate_{paged.operation.method_name}: {'; '.join(problems)}"
        raise ParamValidationError(text, operation=paged.operation.name, problems=problems)


def _check_job(paged: Paged[Item, Page], response: Page, job_id: object) -> None:
    """Raise an error for a job that is in progress or has failed: its empty listing is not its result."""
    operation, state = paged.operation, paged.member(response, "job_status")
    if state == "FAILED":
        message = paged.member(response, "status_message")
        text = f"{operation.name}: the job has failed{f' ({message})' if message else ''}"
        reason = f"{operation.name} returned FAILED"
        raise JobFailedError(
            text,
            job_id=str(job_id),
            operation=operation.name,
            reason=reason,
            last_response=response,
            status_message=message,
        )
    if state == "IN_PROGRESS":
        waiter = f"wait_until_{operation.method_name.removeprefix('get_')}_completed"
        text = f"{operation.name}: the job is in progress: call `{waiter}` first"
        raise PaginationError(text, operation=operation.name)


class Walk(Generic[Item_co, Page_co]):
    """One walk through the pages of a listing, and the position in it, without I/O."""

    def __init__(self, listing: Listing[Item_co, Page_co]) -> None:
        self._listing = listing
        self._left = listing.max_items
        # The current page: its token, its items, the index of the next item to yield, and the index to stop at.
        self._token, self._at = read_position(listing.starting_token)
        self._page: Page_co | None = None
        self._items: list[Item_co] = []
        self._stop = 0
        self._next: str | None = None
        self._seen: set[str | None] = set()
        self._ended = self._fetching = False

    @property
    def resume_token(self) -> str | None:
        """The `starting_token` to continue after the last item yielded; None at the end of the listing."""
        if self._page is None:
            return self._listing.starting_token
        if self._at < len(self._items):
            return Position(self._token, self._at).encode()
        return Position(self._next, 0).encode() if self._next else None

    def _fetch(self) -> Flow[Page_co | None]:
        """Return the next page that has items to yield; None at the end."""
        if self._ended or self._left == 0:
            return None
        caller, paged, options, _, page_size, _, arguments = self._listing
        token, skip = (self._token, self._at) if self._page is None else (self._next, 0)
        # A page of at most `skip` items would end before the position, and the next one would repeat yielded items.
        size = page_size and max(page_size, skip + 1)
        paging = {"next_token": token, "max_results": size}
        operation = paged.operation
        if self._fetching:
            text = "only one thread or task may use an iterator of a pager at a time; the pager itself may be shared"
            raise PaginationError(f"{operation.name}: {text}", operation=operation.name)
        self._fetching = True
        try:
            page = yield from paged.call(caller, options, {**arguments, **paging})
        finally:
            self._fetching = False
        _check_job(paged, page, arguments.get("job_id"))
        self._next = paged.member(page, "next_token") or None
        self._seen.add(token)
        if self._next is not None and self._next in self._seen:
            text = f"{operation.name}: the service returned the same page token twice"
            raise PaginationError(text, operation=operation.name)
        self._seen.add(self._next)
        self._ended = self._next is None
        items = paged.read(page)
        skip = min(skip, len(items))
        stop = len(items) if self._left is None else min(len(items), skip + self._left)
        self._page, self._token, self._items, self._at, self._stop = page, token, items, skip, stop
        if self._left is not None:
            self._left -= stop - skip
        return page

    def _next_page(self) -> Flow[Page_co | None]:
        """Return the next page without the items before the starting token and after the limit; None at the end."""
        page = yield from self._fetch()
        if page is not None:
            if self._at or self._stop < len(self._items):
                self._listing.paged.cut(page, self._at, self._stop)
            self._at = self._stop
        return page
