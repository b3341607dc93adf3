"""Metadata of the distribution: the README with absolute links, as a package index shows it without other files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class Readme(MetadataHookInterface):
    """Add the field `readme`."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add the text of README.md with its links changed."""
        root = Path(self.root)
        sys.path.insert(0, str(root))  # the build runs in an environment of its own
        try:
            from website.links import absolute
        finally:
            sys.path.remove(str(root))
        text = absolute((root / "README.md").read_text("utf-8"))
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
