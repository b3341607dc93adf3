"""Instructions of a Dockerfile, as far as ours uses them."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

_CONTINUATION = re.compile(r"\\\n\s*")


class Instruction(NamedTuple):
    """An instruction, such as `RUN`, and the text after it."""

    name: str
    text: str

    @property
    def words(self) -> list[str]:
        """The words of the exec form (a JSON array), which starts no shell."""
        words: list[str] = json.loads(self.text)
        assert all(isinstance(word, str) for word in words)
        return words


def instructions(source: str) -> list[Instruction]:
    """Return the instructions of a Dockerfile, without comments."""
    lines = "\n".join(line for line in source.splitlines() if not line.startswith("#"))
    pairs = [line.split(maxsplit=1) for line in _CONTINUATION.sub(" ", lines).splitlines() if line.strip()]
    return [Instruction(name, text) for name, text in pairs]
