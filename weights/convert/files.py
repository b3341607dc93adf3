"""The files of the package `rekog_weights`: networks, characters and manifest, as bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from . import onnx_file, sources
from .onnx_file import Graph, Value
from .passes import simplify
from .recipes import convert
from .recipes.pp_ocr import CHARACTERS, characters
from .sources import Network
from .storage import store

PACKAGE = Path(__file__).parents[1] / "src" / "rekog_weights"
MANIFEST = "manifest.json"
CHANGED = "Changed by the rekog developers in 2026; not an official release."


def build(cache: Path) -> dict[str, bytes]:
    """Fetch the sources, convert all networks, and return each file of the package by name."""
    files: dict[str, bytes] = {}
    entries: dict[str, object] = {}
    for name, network in sources.networks().items():
        graph = float_graph(name, network, cache)
        rendered = render(name, network, graph)
        files |= rendered
        entries[name] = entry(network, graph, rendered)
    text = json.dumps({"networks": entries}, indent=2, ensure_ascii=False) + "\n"
    return {**files, MANIFEST: text.encode()}


def float_graph(name: str, network: Network, cache: Path) -> Graph:
    """Return the simplified graph of a network with float32 weights."""
    archive = sources.fetch(network.source, cache)
    return simplify(convert(name, sources.read_files(network, archive)))


def render(name: str, network: Network, graph: Graph) -> dict[str, bytes]:
    """Return the ONNX file of a network, and the file of its characters if it has any."""
    files: dict[str, bytes] = {}
    stored = store(graph, network.storage)
    if CHARACTERS in graph.metadata:
        files[f"{name}.txt"] = "".join(f"{line}\n" for line in characters(graph.metadata)).encode()
    stored.metadata = metadata(network)
    description = f"{network.title}. {network.task} {CHANGED} {network.changes}"
    return {f"{name}.onnx": onnx_file.write_file(stored, name=name, description=description), **files}


def metadata(network: Network) -> dict[str, str]:
    """Return the metadata inside the ONNX file: origin, licence and changes."""
    source = network.source
    return {
        "license": network.license,
        "copyright": "; ".join(network.holders),
        "origin": network.origin,
        "source_package": f"{source.registry}: {source.package} {source.version}",
        "source_files": "; ".join(f"{path} SHA-256 {sha256}" for path, sha256 in network.files.items()),
        "changes": f"{CHANGED} {network.changes}",
    }


def entry(network: Network, graph: Graph, files: Mapping[str, bytes]) -> dict[str, object]:
    """Return the entry of a network in the manifest."""
    source = network.source
    return {
        "title": network.title,
        "task": network.task,
        "face_attributes": network.face_attributes,
        "license": network.license,
        "copyright": network.holders,
        "origin": network.origin,
        "source": {
            "registry": source.registry,
            "package": source.package,
            "version": source.version,
            "archive": source.archive,
            "archive_sha256": source.sha256,
            "files": network.files,
        },
        "storage": network.storage,
        "changes": f"{CHANGED} {network.changes}",
        "training_data": network.training_data,
        "range": network.range,
        "inputs": _values(graph.inputs, network.inputs),
        "outputs": _values(graph.outputs, network.outputs),
        "files": {
            name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in files.items()
        },
    }


def _values(values: list[Value], meanings: Mapping[str, str]) -> dict[str, object]:
    return {value.name: {"shape": value.shape, "content": meanings[value.name]} for value in values}


def differences(files: Mapping[str, bytes], package: Path = PACKAGE) -> list[str]:
    """Return the names of files that are absent, differ by a byte, or belong to no network."""
    kinds = {".onnx", ".txt", ".json"}
    present = {path.name for path in package.iterdir() if path.suffix in kinds} if package.is_dir() else set[str]()
    wrong = {name for name, data in files.items() if name not in present or (package / name).read_bytes() != data}
    return sorted(wrong | (present - set(files)))
