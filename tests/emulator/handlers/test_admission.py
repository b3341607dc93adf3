"""Operations that decode an image run a few at a time; all others run at once."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rekog._generated.operations import OPERATIONS
from rekog._generated.shapes import SHAPES
from rekog.emulator import Emulator
from rekog.emulator.vision import Vision
from tests.kit.clock import NOW
from tests.kit.populated import populate
from tests.kit.wire import WireClient

if TYPE_CHECKING:
    from collections.abc import Generator

    import pytest

ON_IMAGES = {name for name in OPERATIONS if "Image" in SHAPES[f"{name}Request"].members.values()}


def test_exactly_the_operations_with_an_image_are_admitted(monkeypatch: pytest.MonkeyPatch) -> None:
    entered: list[str] = []

    @contextmanager
    def admission() -> Generator[None]:
        entered.append("")
        yield

    with Emulator(vision="off", clock=lambda: NOW) as emulator:
        members, wire = populate(emulator), WireClient(emulator)
        monkeypatch.setattr(Vision, "admission", property(lambda _: admission()), raising=False)
        admitted: set[str] = set()
        for operation in OPERATIONS:
            entered.clear()
            wire(operation, **members.get(operation, {}))
            admitted |= {operation} if entered else set()
    assert admitted == ON_IMAGES
    assert len(ON_IMAGES) == 11
