"""What was measured as a table, as JSON, and in the documentation."""

from __future__ import annotations

import os
import platform
import re
import ssl
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from . import peers
from .answers import Json
from .goals import Figure, Quantity
from .harness import Measured, Outcome, Scale

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
    """Return what the figures were taken on."""
    names = re.findall(r"^model name\s*: (.*)$", _text("/proc/cpuinfo"), re.MULTILINE)
    return {
        "processor": names[0] if names else platform.processor(),
        "cores": os.cpu_count() or 0,
        "system": f"{platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "openssl": ssl.OPENSSL_VERSION,
    }


def versions() -> dict[str, Json]:
    """Return the versions of all that was measured."""
    found: dict[str, Json] = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return {**found, **(peers.versions() if peers.is_installed() else {})}


def goal(figure: Figure) -> str:
    """Return a goal as the table shows it."""
    return f"{'≥' if figure.at_least else '≤'} {_ratio(figure, figure.goal)}"


def shown(figure: Figure, value: float) -> str:
    """Return a figure's value as the table shows it."""
    return _ratio(figure, value)


def table(rows: Iterable[Measured]) -> str:
    """Return the table of goals in Markdown."""
    lines = [
        "| what | figure | goal | measured | met | rekog | the other |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for measured in rows:
        for number, outcome in enumerate(measured.outcomes):
            lines.append(_line("" if number else measured.row.what, outcome))
    return "\n".join(lines)


def clients_table(rows: Iterable[Measured]) -> str:
    """Return what every client came to, those without a goal too."""
    lines = ["| what | client | CPU | wall | memory |", "| --- | --- | --- | --- | --- |"]
    for measured in rows:
        for number, run in enumerate(measured.rounds):
            values = {quantity: measured.middle(run, quantity) for quantity in SHOWN}
            memory = values["memory"] if values["added"] is None else values["added"]
            cells = [_amount("cpu", values["cpu"]), _amount("wall", values["wall"]), _amount("memory", memory)]
            lines.append(f"| {'' if number else measured.row.what} | {run.name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def as_json(rows: Sequence[Measured], scale: Scale) -> dict[str, Json]:
    """Return everything, for machines."""
    return {
        "machine": machine(),
        "versions": versions(),
        "scale": {"calls": scale.calls, "rounds": scale.rounds},
        "rows": [_row(measured) for measured in rows],
    }


def page_with(text: str, rows: Sequence[Measured]) -> str:
    """Return the documentation's page with the tables between its two marks renewed."""
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    where = {**machine(), **versions()}
    taken = ", ".join(f"{name} {value}" for name, value in where.items())
    picture = "![Each figure beside its goal](performance.svg)"
    parts = [picture, table(rows), f"Taken on: {taken}.", "### All clients", clients_table(rows)]
    return "\n\n".join([f"{before}{BEGIN}", *parts, f"{END}{after}"])


def _row(measured: Measured) -> Json:
    figures: list[Json] = [_figure(outcome) for outcome in measured.outcomes]
    runs: dict[str, Json] = {}
    for run, rounds in measured.rounds.items():
        medians = {name: measured.middle(run, name) for name in rounds[0]}
        runs[run.name] = {name: value for name, value in medians.items() if value is not None}
    rounds_done = len(next(iter(measured.rounds.values())))
    return {
        "name": measured.row.name,
        "what": measured.row.what,
        "rounds": rounds_done,
        "figures": figures,
        "clients": runs,
    }


def _figure(outcome: Outcome) -> Json:
    figure = outcome.figure
    found: dict[str, Json] = {
        "label": figure.label,
        "quantity": figure.quantity,
        "value": outcome.value,
        "goal": figure.goal,
        "at_least": figure.at_least,
        "met": outcome.met,
        "ours": outcome.ours,
    }
    return found if outcome.theirs is None else {**found, "theirs": outcome.theirs}


def _line(what: str, outcome: Outcome) -> str:
    figure = outcome.figure
    met = "yes" if outcome.met else "**no**"
    ours, theirs = (_amount(figure.quantity, value) for value in (outcome.ours, outcome.theirs))
    cells = [what, figure.label, goal(figure), shown(figure, outcome.value), met, ours, theirs]
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
