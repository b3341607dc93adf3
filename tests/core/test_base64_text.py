"""Base64 by pybase64 and by the standard library: the same bytes, the same texts, the same refusals."""

from __future__ import annotations

import base64
import binascii
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rekog._core import base64_text
from rekog._core.base64_text import decoded, encoded

NEAR = st.text("ABCDwxyz0189+/=-_ \n\té", max_size=24)
"""Texts that are often base64 and often nearly so."""


@pytest.fixture(autouse=True)
def not_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base64_text, "_chosen", [])


@pytest.fixture(params=["pybase64", "binascii"])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "pybase64":
        pytest.importorskip("pybase64", reason="rekog[speed] installs pybase64")
    else:
        monkeypatch.setattr(base64_text, "import_module", missing)


def missing(name: str) -> object:
    raise ModuleNotFoundError(name)


@pytest.mark.usefixtures("library")
@given(st.binary(max_size=200), st.sampled_from([bytes, bytearray, memoryview]))
def test_bytes_of_any_kind_are_encoded_as_the_standard_library_does(data: bytes, kind: type) -> None:
    assert encoded(kind(data)) == base64.b64encode(data)
    assert decoded(encoded(data).decode()) == data


@pytest.mark.usefixtures("library")
@given(NEAR)
def test_a_text_is_decoded_or_refused_as_the_standard_library_does(text: str) -> None:
    try:
        expected = binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        with pytest.raises(ValueError):  # noqa: PT011 (a subclass of either library)
            decoded(text)
    else:
        assert decoded(text) == expected


def test_an_interrupted_import_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    imported: list[str] = []

    def interrupt(name: str) -> object:
        imported.append(name)
        raise KeyboardInterrupt

    monkeypatch.setattr(base64_text, "import_module", interrupt)
    with pytest.raises(KeyboardInterrupt):
        encoded(b"")
    assert encoded(b"\0\1\2") == b"AAEC"
    assert imported == ["pybase64"]


def test_the_library_is_imported_once(monkeypatch: pytest.MonkeyPatch) -> None:
    imported: list[str] = []

    def record(name: str) -> object:
        imported.append(name)
        return import_module(name)

    pytest.importorskip("pybase64", reason="rekog[speed] installs pybase64")
    monkeypatch.setattr(base64_text, "import_module", record)
    assert [decoded("AAEC"), decoded("")] == [b"\0\1\2", b""]
    assert imported == ["pybase64"]
