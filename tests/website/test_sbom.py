"""The list of parts of the package."""

from __future__ import annotations

from typing import Any

from website import sbom


def test_it_has_the_dependencies_and_theirs_with_versions_and_licences() -> None:
    bill: Any = sbom.bill()
    parts = {part["name"].lower(): part for part in bill["components"]}
    assert {"attrs", "botocore", "cattrs", "httpx", "tenacity", "urllib3", "certifi"} <= parts.keys()
    assert not {"pillow", "pytest", "numpy"} & parts.keys()
    assert [name for name, part in parts.items() if not part["version"] or not part.get("licenses")] == []
    assert bill["metadata"]["component"]["name"] == "rekog"


def test_its_graph_names_known_parts_only() -> None:
    bill: Any = sbom.bill()
    known = {part["bom-ref"] for part in [*bill["components"], bill["metadata"]["component"]]}
    graph = {entry["ref"]: set(entry["dependsOn"]) for entry in bill["dependencies"]}
    assert graph.keys() == known
    assert set().union(*graph.values()) <= known
    assert len(graph[bill["metadata"]["component"]["bom-ref"]]) == 5
