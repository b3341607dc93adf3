"""The results that botocore's page iterators have: a full result, and values of JMESPath expressions.

Both go through wire-shaped pages: dicts with the service's names, as `client.call` returns them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..._generated.shapes import SHAPES
from ..._values.errors import ParamValidationError
from ..._values.narrow import is_sequence
from ..names import snake
from ..paging_rules import Listing, Paged, Walk
from ..wire import encode_input

if TYPE_CHECKING:
    from ..._settings.values import AnyCallOptions
    from ..call import Caller
    from ..flow import Flow

WirePage = dict[str, object]


class WirePaged(Paged[object, WirePage]):
    """A paged operation with wire-shaped pages."""

    def call(self, caller: Caller, options: AnyCallOptions | None, fields: Mapping[str, object]) -> Flow[WirePage]:
        """Return a page of the listing, as a plain dict: JMESPath's functions know no subclasses of dict."""
        request = self.operation.input_type(**fields)  # no listing takes an image
        wire = encode_input(self.operation, request, full="requests" in caller.config.strict)
        return dict((yield from caller.call_wire(self.operation, wire, options)))

    def member(self, page: WirePage, name: str) -> Any:
        """Return a member of a page by its Python name; None when the page has none."""
        return next((value for wire, value in page.items() if snake(wire) == name), None)

    def read(self, page: WirePage) -> list[object]:
        """Return a page's items."""
        items = page.get(self.lists[0])
        return list(items) if is_sequence(items) else []

    def cut(self, page: WirePage, start: int, stop: int) -> None:
        """Keep only the items from `start` to `stop` of a page, in both lists."""
        for name in self.lists:
            if is_sequence(items := page.get(name)):
                page[name] = list(items)[start:stop]

    @property
    def lists(self) -> list[str]:
        """The wire names of the list of items, and of the second list if there is one."""
        return [name for field in (self.items, self.paired) for name in self._members if snake(name) == field]

    @property
    def others(self) -> list[str]:
        """The wire names of the other members, which botocore calls `non_aggregate_keys`."""
        return [name for name in self._members if name not in (*self.lists, "NextToken")]

    @property
    def _members(self) -> list[str]:
        return list(SHAPES[f"{self.operation.name}Response"].members)


def wire_listing(listing: Listing[Any, Any]) -> Listing[object, WirePage]:
    """Return a listing with wire-shaped pages in place of models."""
    return listing._replace(paged=WirePaged(*listing.paged))


class WireWalk(Walk[object, WirePage]):
    """A walk through wire-shaped pages."""

    def __init__(self, listing: Listing[Any, Any]) -> None:
        super().__init__(wire_listing(listing))
        self._paged = WirePaged(*listing.paged)

    def full_result(self) -> Flow[WirePage]:
        """Return the result of botocore's `build_full_result`.

        It has the lists of all pages as one, the other members of the first page (None for absent ones), and
        `NextToken` with the resume token when `max_items` ended the walk.
        """
        lists: dict[str, list[object]] = {}
        others: WirePage = {}
        while (page := (yield from self._next_page())) is not None:
            others = others or {name: page.get(name) for name in self._paged.others}
            for name in self._paged.lists:
                if is_sequence(items := page.get(name)):
                    lists.setdefault(name, []).extend(items)
        token = self.resume_token
        return {**lists, **others, **({} if token is None else {"NextToken": token})}


def compiled(expression: str) -> Callable[[WirePage], list[object]]:
    """Return the function from a page to the values of a JMESPath expression; a list counts as its elements.

    It raises `ParamValidationError` for values that a function in the expression does not take.
    """
    import jmespath  # pyright: ignore[reportMissingTypeStubs]  # botocore depends on it; few programs need it

    def failed(error: ValueError) -> ParamValidationError:
        text = f"search: {expression!r} cannot be evaluated ({error})"
        return ParamValidationError(text, problems=[text])

    try:
        search: Callable[[WirePage], object] = jmespath.compile(expression).search
    except ValueError as error:
        raise failed(error) from error

    def values(page: WirePage) -> list[object]:
        try:
            result = search(page)
        except ValueError as error:
            raise failed(error) from error
        return list(result) if is_sequence(result) else [result]

    return values
