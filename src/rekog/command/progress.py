"""A line of progress on the standard error, when it is a terminal and the work takes longer than a second."""

from __future__ import annotations

import sys
import time
from threading import Lock, Timer
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

PATIENCE = 1.0
"""Seconds before the line appears."""
_WIDEST_BAR = 40


class Progress:
    """The progress of a command: a text, the time, and a bar once the total is known.

    The line disappears at the end, so that the terminal keeps results only.
    """

    def __init__(self, text: str, *, is_wanted: bool = True, patience: float = PATIENCE) -> None:
        self._text = text
        self._done, self._total = 0.0, 0.0
        self._lock = Lock()
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._began = 0.0
        self._is_over = False
        self.timer: Timer | None = None
        """Calls `show`; None without a terminal."""
        if is_wanted and sys.stderr.isatty():
            self.timer = Timer(patience, self.show)
            self.timer.daemon = True

    def __enter__(self) -> Self:
        self._began = time.monotonic()  # the clock of the bar
        if self.timer is not None:
            self.timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def update(self, text: str, *, done: float = 0.0, total: float | None = None) -> None:
        """Show another text, and how much is done if the total is known."""
        with self._lock:
            self._text, self._done, self._total = text, done, total or 0.0
            self._draw()

    def end(self) -> None:
        """Remove the line."""
        if self.timer is not None:
            self.timer.cancel()
        with self._lock:
            self._is_over = True
            bar, self._bar = self._bar, None
        if bar is not None:
            bar.stop()

    def show(self) -> None:
        """Show the line; called by the timer, in its thread."""
        with self._lock:
            if self._is_over:
                return
            self._bar, self._task = _new_bar()
            self._bar.tasks[0].start_time = self._began
            self._draw()
            self._bar.start()

    def _draw(self) -> None:
        if self._bar is not None and self._task is not None:
            total = self._total or None
            self._bar.update(self._task, description=self._text, completed=self._done, total=total)


def _new_bar() -> tuple[Bar, TaskID]:
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar
    from rich.table import Column

    from .tables import console_of

    console = console_of(sys.stderr)
    spinner = "dots" if "utf" in (sys.stderr.encoding or "").lower() else "line"
    bar = Bar(
        SpinnerColumn(spinner),
        TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis")),
        BarColumn(bar_width=max(4, min(_WIDEST_BAR, console.width // 4))),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )
    return bar, bar.add_task("", total=None)
