"""A listing behind the transport seam: pages of any paged operation, asked for by token as the service does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rekog._core.names import snake
from rekog._generated.paging import PAGED
from rekog._generated.shapes import SHAPES
from tests.client.conftest import Reply, Sent, replied
from tests.kit.samples import arguments, item_shape, sample, wire_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rekog.paging import Paged


class Listing:
    """Answers one paged operation: as many items as the numbers, in pages of the given lengths.

    An item's number is all that makes it different from another. `end` is the token that stands on the last page.
    """

    def __init__(self, method: str, *lengths: int, end: object = None) -> None:
        self.paged: Paged[Any, Any] = PAGED[method]
        self.operation = self.paged.operation.name
        self.answer = f"{self.operation}Response"
        self.lengths = lengths or (0,)
        self.end = end
        self.asked: list[Sent] = []

    def __call__(self, sent: Sent) -> Reply:
        assert sent.operation == self.operation
        self.asked.append(sent)
        return replied(self.page(int(str(sent.wire.get("NextToken", "page-0")).removeprefix("page-"))))

    def page(self, index: int) -> dict[str, Any]:
        """Return the wire form of a page."""
        first = sum(self.lengths[:index])
        numbers = range(first, first + self.lengths[index])
        wire: dict[str, Any] = sample(self.answer)
        if "JobStatus" in wire:
            wire["JobStatus"] = "SUCCEEDED"
        for field in filter(None, (self.paged.items, self.paged.paired)):
            member = wire_name(self.answer, field)
            wire[member] = [sample(item_shape(self.answer, member), number) for number in numbers]
        wire["NextToken"] = f"page-{index + 1}" if index + 1 < len(self.lengths) else self.end
        return {name: value for name, value in wire.items() if value is not None}

    def items(self) -> list[object]:
        """Return all items, as the pager should give them."""
        decode = self.paged.operation.decode_output
        pages = [decode(self.page(index)) for index in range(len(self.lengths))]
        return [item for page in pages for item in self.paged.read(page)]

    def arguments(self) -> dict[str, object]:
        """Return the required arguments of the operation by their Python names."""
        request = self.paged.operation.decode_input(arguments(self.operation))
        names = [snake(wire) for wire in SHAPES[f"{self.operation}Request"].required]
        return {name: getattr(request, name) for name in names}


def tokens(asked: Sequence[Sent]) -> list[object]:
    """Return the page tokens that were sent."""
    return [sent.wire.get("NextToken") for sent in asked]
