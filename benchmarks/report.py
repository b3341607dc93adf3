"""Report the measurements as Markdown tables, as JSON and in the documentation."""

from __future__ import annotations

import os
import platform
import re
import ssl
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from . import peers
from .goals import Figure, Quantity
from .harness import Measured, Outcome, Scale
from .responses import Json

PACKAGES = "rekog boto3 botocore httpx httpcore h11 urllib3 attrs orjson".split()
UNITS: dict[Quantity, tuple[float, str]] = {
    "cpu": (1e3, "ms"),
    "wall": (1e3, "ms"),
    "rate": (1, "/s"),
    "cpu_rate": (1, "/s"),
    "memory": (1, "MiB"),
    "added": (1, "MiB"),
    "growth": (1, "×"),
    "share": (100, "%"),
}
SHOWN: tuple[Quantity, ...] = ("cpu", "wall", "memory", "added")
BEGIN, END = "<!-- begin: python -m benchmarks -->", "<!-- end: python -m benchmarks -->"


def machine() -> dict[str, Json]:
    """Return the machine and the Python of the measurement."""
    names = re.findall(r"^model name\s*: (.*)$", _text("/proc/cpuinfo"), re.MULTILINE)
    return {
        "processor": names[0] if names else platform.processor(),
        "cores": os.cpu_count() or 0,
        "system": f"{platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "openssl": ssl.OPENSSL_VERSION,
    }


def versions() -> dict[str, Json]:
    """Return the versions of the measured packages."""
    installed: dict[str, Json] = {}
    for name in PACKAGES:
        try:
            installed[name] = version(name)
        except PackageNotFoundError:
            continue
    return {**installed, **(peers.versions() if peers.is_installed() else {})}


def goal(figure: Figure) -> str:
    """Return a goal as text for the table."""
    return f"{'≥' if figure.at_least else '≤'} {_ratio(figure, figure.goal)}"


def shown(figure: Figure, value: float) -> str:
    """Return the value of a figure as text for the table."""
    return _ratio(figure, value)


def table(rows: Iterable[Measured]) -> str:
    """Return the table of goals in Markdown."""
    lines = [
        "| benchmark | figure | goal | measured | met | rekog | other |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for measured in rows:
        for number, outcome in enumerate(measured.outcomes):
            lines.append(_table_row("" if number else measured.row.title, outcome))
    return "\n".join(lines)


def clients_table(rows: Iterable[Measured]) -> str:
    """Return the table of all clients in Markdown, with and without a goal."""
    lines = ["| benchmark | client | CPU | wall | memory |", "| --- | --- | --- | --- | --- |"]
    for measured in rows:
        for number, run in enumerate(measured.rounds):
            values = {quantity: measured.median_of(run, quantity) for quantity in SHOWN}
            memory = values["memory"] if values["added"] is None else values["added"]
            cells = [_amount("cpu", values["cpu"]), _amount("wall", values["wall"]), _amount("memory", memory)]
            lines.append(f"| {'' if number else measured.row.title} | {run.name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def as_json(rows: Sequence[Measured], scale: Scale) -> dict[str, Json]:
    """Return all figures as JSON values."""
    return {
        "machine": machine(),
        "versions": versions(),
        "scale": {"calls": scale.calls, "rounds": scale.rounds},
        "rows": [_row(measured) for measured in rows],
    }


def page_with(text: str, rows: Sequence[Measured]) -> str:
    """Return the text of docs/performance.md with new content between its two marks."""
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    environment = {**machine(), **versions()}
    measured_on = ", ".join(f"{name} {value}" for name, value in environment.items())
    chart = "![Each figure and its goal](performance.svg)"
    parts = [chart, table(rows), f"Measured on: {measured_on}.", "### All clients", clients_table(rows)]
    return "\n\n".join([f"{before}{BEGIN}", *parts, f"{END}{after}"])


def _row(measured: Measured) -> Json:
    figures: list[Json] = [_figure(outcome) for outcome in measured.outcomes]
    runs: dict[str, Json] = {}
    for run, rounds in measured.rounds.items():
        medians = {name: measured.median_of(run, name) for name in rounds[0]}
        runs[run.name] = {name: value for name, value in medians.items() if value is not None}
    rounds_done = len(next(iter(measured.rounds.values())))
    return {
        "name": measured.row.name,
        "title": measured.row.title,
        "rounds": rounds_done,
        "figures": figures,
        "clients": runs,
    }


def _figure(outcome: Outcome) -> Json:
    figure = outcome.figure
    figures: dict[str, Json] = {
        "label": figure.label,
        "quantity": figure.quantity,
        "value": outcome.value,
        "goal": figure.goal,
        "at_least": figure.at_least,
        "met": outcome.met,
        "ours": outcome.ours,
    }
    return figures if outcome.theirs is None else {**figures, "theirs": outcome.theirs}


def _table_row(title: str, outcome: Outcome) -> str:
    figure = outcome.figure
    met = "yes" if outcome.met else "**no**"
    ours, theirs = (_amount(figure.quantity, value) for value in (outcome.ours, outcome.theirs))
    cells = [title, figure.label, goal(figure), shown(figure, outcome.value), met, ours, theirs]
    return f"| {' | '.join(cells)} |"


def _ratio(figure: Figure, value: float) -> str:
    return f"{value:.0%}" if figure.quantity == "share" else f"{value:.2f} ×"


def _amount(quantity: Quantity, value: float | None) -> str:
    if value is None:
        return ""
    factor, unit = UNITS[quantity]
    return f"{value * factor:,.4g} {unit}" if value * factor < 1000 else f"{value * factor:,.0f} {unit}"


def _text(path: str) -> str:
    return Path(path).read_text() if Path(path).exists() else ""
