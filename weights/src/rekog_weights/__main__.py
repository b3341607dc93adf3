"""`python -m rekog_weights` compares the installed files with the SHA-256 of the manifest."""

from __future__ import annotations

import hashlib
import sys

from . import manifest, path


def changed() -> list[str]:
    """Return the names of the files that differ from the manifest or are absent."""
    wrong: list[str] = []
    for network, entry in manifest()["networks"].items():
        for name, file in entry["files"].items():
            location = path(network).with_name(name)
            if not location.exists() or hashlib.sha256(location.read_bytes()).hexdigest() != file["sha256"]:
                wrong.append(name)
    return wrong


def main() -> int:
    """Print the names of changed files; return 1 if there are any."""
    wrong = changed()
    print(f"differs from the manifest: {', '.join(wrong)}" if wrong else "all files are those of the manifest")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
