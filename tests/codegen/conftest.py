"""The output of the generator for the installed service model, rendered once."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from codegen import __main__ as generator
from codegen.load import read_installed

if TYPE_CHECKING:
    from codegen.load import Service

render = generator.render


@cache
def rendered() -> dict[str, str]:
    """Return the rendered files, which take most of a run of the generator."""
    return render(read_installed())


@pytest.fixture
def rendered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `main` take copies of the rendered files: its tests are about differences, writing and its exit status."""

    def copied(_: Service) -> dict[str, str]:
        return dict(rendered())

    monkeypatch.setattr(generator, "render", copied)
