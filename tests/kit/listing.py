"""A scripted listing of any paged operation: a request with a page token gets that page, as from the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rekog._core.names import snake
from rekog._generated.paging import PAGED
from rekog._generated.shapes import SHAPES
from tests.kit.backends import Reply, Sent, json_reply
from tests.kit.samples import arguments, item_shape, sample, wire_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rekog._core.paging_rules import Paged


class Listing:
    """Answers the requests of one paged operation with pages of the given lengths.

    Items differ only in their number. `end` is the page token of the last page.
    """

    def __init__(self, method: str, *lengths: int, end: object = None) -> None:
        self.paged: Paged[Any, Any] = PAGED[method]
        self.operation = self.paged.operation.name
        self.response_shape = f"{self.operation}Response"
        self.lengths = lengths or (0,)
        self.end = end
        self.requests: list[Sent] = []

    def __call__(self, sent: Sent) -> Reply:
        assert sent.operation == self.operation
        self.requests.append(sent)
        return json_reply(self.page(int(str(sent.wire.get("NextToken", "page-0")).removeprefix("page-"))))

    def page(self, index: int) -> dict[str, Any]:
        """Return the wire form of a page."""
        first = sum(self.lengths[:index])
        numbers = range(first, first + self.lengths[index])
        wire: dict[str, Any] = sample(self.response_shape)
        if "JobStatus" in wire:
            wire["JobStatus"] = "SUCCEEDED"
        for field in filter(None, (self.paged.items, self.paged.paired)):
            member = wire_name(self.response_shape, field)
            wire[member] = [sample(item_shape(self.response_shape, member), number) for number in numbers]
        wire["NextToken"] = f"page-{index + 1}" if index + 1 < len(self.lengths) else self.end
        return {name: value for name, value in wire.items() if value is not None}

    def items(self) -> list[object]:
        """Return all items, as the pager must yield them."""
        decode = self.paged.operation.decode_output
        pages = [decode(self.page(index)) for index in range(len(self.lengths))]
        return [item for page in pages for item in self.paged.read(page)]

    def arguments(self) -> dict[str, object]:
        """Return the required arguments of the operation by their Python names."""
        request = self.paged.operation.decode_input(arguments(self.operation))
        names = [snake(wire) for wire in SHAPES[f"{self.operation}Request"].required]
        return {name: getattr(request, name) for name in names}


def tokens(requests: Sequence[Sent]) -> list[object]:
    """Return the page token of each request."""
    return [sent.wire.get("NextToken") for sent in requests]
