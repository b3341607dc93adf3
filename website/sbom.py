"""The list of parts of the package in the form of CycloneDX 1.6: `python -m website.sbom [FILE]`.

It has the package and its dependencies without extras, in the versions that are installed, and reads their metadata.
The time and the serial number of a file are left out, so that equal environments give equal files.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT_PACKAGE = "rekog"
Json = dict[str, object]


def bill(package: str = ROOT_PACKAGE) -> Json:
    """Return the list of parts of an installed package."""
    found = {name: distribution(name) for name in sorted(closure(package))}
    root = component(found.pop(normal(package)))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": root},
        "components": [component(each) for each in found.values()],
        "dependencies": [
            {"ref": reference(each), "dependsOn": [reference(distribution(name)) for name in sorted(required(each))]}
            for each in (distribution(package), *found.values())
        ],
    }


def closure(package: str) -> set[str]:
    """Return the names of a package and of everything that it requires."""
    found: set[str] = set()
    waiting = [normal(package)]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += required(distribution(name))
    return found


def required(package: Distribution) -> set[str]:
    """Return the names of the packages that one requires here, without its extras."""
    requirements = map(Requirement, package.requires or ())
    return {normal(each.name) for each in requirements if each.marker is None or each.marker.evaluate({"extra": ""})}


def component(package: Distribution) -> Json:
    """Return the entry of a package."""
    entry: Json = {
        "type": "library",
        "bom-ref": reference(package),
        "name": package.metadata["Name"],
        "version": package.version,
        "purl": reference(package),
    }
    licences = list(licence(package))
    return entry | ({"licenses": licences} if licences else {})


def licence(package: Distribution) -> Iterator[Json]:
    """Yield the licence of a package: its SPDX expression, else the texts of its metadata."""
    fields = package.metadata.json
    if expression := fields.get("license_expression"):
        yield {"expression": expression}
        return
    stated = str(fields.get("license", "")).strip()
    classifiers = [text.split(" :: ")[-1] for text in fields.get("classifier", ()) if text.startswith("License ::")]
    for text in [stated] if stated and "\n" not in stated else classifiers:
        yield {"license": {"name": text}}


def reference(package: Distribution) -> str:
    """Return the package URL of a distribution."""
    return f"pkg:pypi/{normal(package.metadata['Name'])}@{package.version}"


def normal(name: str) -> str:
    """Return a name in the form of a package index."""
    return re.sub(r"[-_.]+", "-", name).lower()


def main() -> int:
    text = json.dumps(bill(), indent=2) + "\n"
    if sys.argv[1:]:
        Path(sys.argv[1]).write_text(text, encoding="utf-8")
    else:
        print(text, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
