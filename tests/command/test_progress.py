"""The line of progress: when it appears, what it shows, and that it leaves nothing behind."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from rekog.command.progress import Progress
from tests.kit.backends import Scripted, json_reply

if TYPE_CHECKING:
    from tests.command.conftest import Run

NEVER = 3600.0


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Terminal]:
    """Return the function that puts a terminal in place of the standard error."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")

    def put() -> Terminal:
        stream = Terminal()
        monkeypatch.setattr(sys, "stderr", stream)
        return stream

    return put


def shown(progress: Progress) -> None:
    """Wait until the timer has shown the line."""
    assert progress.timer is not None
    progress.timer.join()


def test_the_line_has_the_text_and_disappears_at_the_end(terminal: Callable[[], Terminal]) -> None:
    stream = terminal()
    with Progress("detect-labels", patience=0) as progress:
        shown(progress)
        progress.update("detect-labels: 5/10", done=5, total=10)
    written = stream.getvalue()
    assert "detect-labels" in written
    assert written.endswith("\x1b[2K")  # the line is erased


def test_a_terminal_that_is_not_utf8_gets_ascii(
    terminal: Callable[[], Terminal], monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = terminal()
    monkeypatch.setattr(Terminal, "encoding", "cp1252")
    with Progress("wait", patience=0) as progress:
        shown(progress)
    assert stream.getvalue().isascii()


def test_short_work_shows_nothing(terminal: Callable[[], Terminal]) -> None:
    stream = terminal()
    with Progress("detect-labels", patience=NEVER) as progress:
        progress.update("detect-labels: 1")
    progress.show()  # the timer may have begun at that moment
    assert stream.getvalue() == ""


@pytest.mark.parametrize("is_wanted", [True, False])
def test_without_a_terminal_there_is_no_timer(
    monkeypatch: pytest.MonkeyPatch, is_wanted: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    if not is_wanted:
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with Progress("detect-labels", is_wanted=is_wanted, patience=0) as progress:
        assert progress.timer is None
    assert capsys.readouterr().err == ""


def test_a_listing_counts_its_results(
    run: Run, service: Callable[..., Scripted], monkeypatch: pytest.MonkeyPatch
) -> None:
    texts: list[str] = []

    def record(_: Progress, text: str) -> None:
        texts.append(text)

    monkeypatch.setattr(Progress, "update", record)
    service(json_reply({"CollectionIds": ["a", "b"], "NextToken": "t"}), json_reply({"CollectionIds": ["c"]}))
    run("list-collections", "--json")
    assert texts == ["list-collections: 2 results", "list-collections: 3 results"]
