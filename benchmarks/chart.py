"""The table of goals as an SVG chart: one bar per figure, as long as the share of its goal that the figure uses.

A bar that ends at the goal line just meets its goal. Shorter is better, for maximum and minimum goals alike. The chart
has its own background and follows the reader's light or dark setting.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from .harness import Measured, Outcome
from .report import goal, shown

WIDTH, LEFT, RIGHT = 880, 330, 660  # pixels: total width, start of the bars, end of the axis
ROW_HEIGHT, GAP, TOP, FOOT = 20, 14, 74, 16
LONGEST = 1.5  # shares of the goal: a longer bar is cut and ends in an arrow
STYLE = """
  .panel { fill: #ffffff } .title { fill: #1f2328; font-weight: 600 } .text { fill: #1f2328 } .soft { fill: #59636e }
  .axis { stroke: #59636e } .grid { stroke: #d1d9e0 } .met { fill: #0a7ea4 } .missed { fill: #d1570c }
  text { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif }
  .small { font-size: 12px }
  @media (prefers-color-scheme: dark) {
    .panel { fill: #0d1117 } .title, .text { fill: #f0f6fc } .soft { fill: #9198a1 }
    .axis { stroke: #9198a1 } .grid { stroke: #3d444d } .met { fill: #3fa9cf } .missed { fill: #f0883e }
  }
"""


def used(outcome: Outcome) -> float:
    """Return the share of its goal that a figure uses: 1 or less when the goal is met."""
    figure = outcome.figure
    return figure.goal / outcome.value if figure.at_least else outcome.value / figure.goal


def draw(rows: Sequence[Measured]) -> str:
    """Return the chart as SVG."""
    body: list[str] = []
    y = TOP
    for measured in rows:
        body.append(_text(16, y, "title", measured.row.title))
        y += ROW_HEIGHT
        body += _grid(y, y + ROW_HEIGHT * len(measured.outcomes))
        for outcome in measured.outcomes:
            body += _bar(y, outcome)
            y += ROW_HEIGHT
        y += GAP
    height = y + FOOT
    met = [outcome.met for measured in rows for outcome in measured.outcomes]
    title = f"rekog against its goals: {sum(met)} of {len(met)} met"
    size = f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(title)}">',
        f"<style>{STYLE}</style>",
        f'<rect class="panel" width="{WIDTH}" height="{height}" rx="6"/>',
        _text(16, 28, "title", title),
        _text(16, 48, "soft small", "Ratios within one run. Each bar is the share of its goal that the figure uses."),
        f'<text class="soft small" x="{_x(1.0):.0f}" y="{TOP - 2}" text-anchor="middle">goal</text>',
        *body,
        "</svg>\n",
    ])  # fmt: skip


def _grid(top: int, bottom: int) -> list[str]:
    """Return the vertical lines behind the bars of a row: at zero, at half of the goal and at the goal."""
    kinds = {0.0: 'class="grid"', 0.5: 'class="grid"', 1.0: 'class="axis" stroke-dasharray="4 3"'}
    return [
        f'<line {kind} x1="{_x(share):.0f}" y1="{top - 15}" x2="{_x(share):.0f}" y2="{bottom - 15}"/>'
        for share, kind in kinds.items()
    ]


def _bar(y: int, outcome: Outcome) -> list[str]:
    share = used(outcome)
    end = _x(min(share, LONGEST))
    kind = "met" if outcome.met else "missed"
    shape = f'<rect class="{kind}" x="{LEFT}" y="{y - 11}" width="{end - LEFT:.1f}" height="12" rx="2"/>'
    if share > LONGEST:
        shape += f'<path class="{kind}" d="M{end + 3:.1f} {y - 11} l6 6 l-6 6 z"/>'
    figure = outcome.figure
    mark = "✓" if outcome.met else "✗"
    return [
        _text(28, y, "text small", figure.label),
        shape,
        _text(RIGHT + 24, y, "text small", f"{mark} {shown(figure, outcome.value)}"),
        _text(RIGHT + 116, y, "soft small", f"goal {goal(figure)}"),
    ]


def _x(share: float) -> float:
    return LEFT + (RIGHT - LEFT) * share / LONGEST


def _text(x: int, y: int, kind: str, text: str) -> str:
    return f'<text class="{kind}" x="{x}" y="{y}">{escape(text)}</text>'
