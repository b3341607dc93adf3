"""What a terminal shows, for docs/command.md: `python -m tests.command.captures` writes it there.

The content of the image is declared, so that the captures are the same on every machine. They need tmux.
"""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import NamedTuple

from tests.kit.screens import open_screen

PAGE = Path("docs/command.md")
IMAGES = Path("examples/images").absolute()
_BOX = [0.3479, 0.1226, 0.177, 0.221]
CONTENT = {
    "declare": [
        {
            "of": str(IMAGES / "astronaut.jpg"),
            "labels": [
                {"Name": "Astronaut", "Confidence": 99.1},
                {"Name": "Person", "Confidence": 98.84, "Instances": [{"BoundingBox": [0.02, 0.01, 0.7, 0.98]}]},
                {"Name": "Flag", "Confidence": 87.5},
            ],
            "faces": [{"BoundingBox": _BOX, "Confidence": 99.99, "Smile": True, "AgeRange": [30, 40]}],
        }
    ]
}


class Capture(NamedTuple):
    """A part of the page: the width of the terminal, and the commands."""

    columns: int
    commands: tuple[str, ...]


CAPTURES = {
    "labels": Capture(90, ("rekog detect-labels astronaut.jpg --max-labels 3",)),
    "narrow": Capture(40, ("rekog detect-faces astronaut.jpg \\\n  --attributes AGE_RANGE \\\n  --attributes SMILE",)),
    "pipe": Capture(90, ("rekog detect-labels astronaut.jpg | cut -f 1,2 | head -n 3",)),
    "errors": Capture(
        90,
        (
            "rekog list-faces nobody; echo $?",
            "rekog detect-labels astronaut.jpg --max-labels -1; echo $?",
            "rekog detect-lables cat.jpg",
        ),
    ),
}


def captured(capture: Capture, declarations: Path) -> str:
    """Return what a terminal shows."""
    with open_screen(capture.columns) as screen:
        screen.type(f"cd {IMAGES}; export REKOG_LOCAL=1 REKOG_DECLARE={declarations}; clear", "Enter")
        screen.wait_for(lambda text: text.strip() == "$")
        for number, command in enumerate(capture.commands, 1):
            for line in command.split("\n"):
                screen.type(line, "Enter")
            # the prompt is there again when the command has ended
            screen.wait_for(partial(_has_prompts, number + 1))
        lines = [line.rstrip() for line in screen.text().splitlines()]
    while lines and lines[-1] in ("", "$"):
        lines.pop()
    return "\n".join(lines)


def _has_prompts(number: int, text: str) -> bool:
    return sum(line.startswith("$") for line in text.splitlines()) == number


def page(text: str, folder: Path) -> str:
    """Return the page with new captures."""
    declarations = folder / "truth.json"
    declarations.write_text(json.dumps(CONTENT))
    for name, capture in CAPTURES.items():
        begin, end = f"<!-- begin: python -m tests.command.captures: {name} -->", f"<!-- end: {name} -->"
        before, _, rest = text.partition(begin)
        after = rest.partition(end)[2]
        text = f"{before}{begin}\n\n```console\n{captured(capture, declarations)}\n```\n\n{end}{after}"
    return text


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as temporary:
        PAGE.write_text(page(PAGE.read_text("utf-8"), Path(temporary)), "utf-8")
    sys.exit(0)
