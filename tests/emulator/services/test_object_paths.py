"""Files of objects: which names a key may lead to, on POSIX and, by `PureWindowsPath` and `ntpath`, on Windows."""

from __future__ import annotations

import ntpath
from collections.abc import Callable
from pathlib import PureWindowsPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rekog.emulator.services.object_paths import file_parts, is_in_bucket

ROOT = PureWindowsPath("E:/root")
PIECES = ["..", ".", "/", "\\", ":", "C:", "C:\\", "\\\\server\\share", "\\\\?\\", "a", "NUL", "con.txt", " ", "~", "*"]
NAMES = st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join) | st.text(max_size=20)


def is_reserved(part: str) -> bool:
    """Tell whether Windows reserves a name; Python 3.13 has moved the function."""
    function: Callable[[str], bool] | None = getattr(ntpath, "isreserved", None)
    return PureWindowsPath(part).is_reserved() if function is None else function(part)


def windows_parts(bucket: str, key: str, version: str | None = None) -> list[str] | None:
    return file_parts(bucket, key, version, windows=True)


@pytest.mark.slow
@given(NAMES, NAMES, st.none() | NAMES)
@example("D:\\", "secret.txt", None)
@example("photos", "C:secret.txt", None)
@example("\\\\server\\share", "secret.txt", None)
@example("photos", "..\\..\\secret.txt", None)
@example("photos", "one", "..\\..\\..\\secret.txt")
def test_no_name_leaves_its_bucket_on_windows(bucket: str, key: str, version: str | None) -> None:
    parts = windows_parts(bucket, key, version)
    if parts is None:
        return
    path = ROOT.joinpath(*parts)
    assert path.parts == (*ROOT.parts, *parts)  # each part is one name, without a drive
    assert ntpath.normpath(str(path)) == str(path)
    assert path.is_relative_to(ROOT / bucket)
    assert not any(is_reserved(part) for part in parts)


@pytest.mark.parametrize(
    "key",
    [
        "a\\b",
        "a:b",
        "one.jpg:stream",
        "one.jpg::$DATA",
        "C:one",
        "/one",
        "a//b",
        "NUL",
        "2026/nul.jpg",
        "CON",
        "aux.tar.gz",
        "com1",
        "LPT9.txt",
        "COM\u00b9",
        "CONOUT$",
        "prn .txt",
        "one.",
        "one ",
        "...",
        "what?",
        "a*",
        'a"b',
        "a|b",
        "<a>",
        "a\nb",
        ".VERSIONS/one/v1",
    ],
)
def test_a_key_that_is_no_file_name_on_windows_has_no_file_there(key: str) -> None:
    assert windows_parts("photos", key) is None


@pytest.mark.parametrize("key", ["a\\b", "a:b", "NUL", "one.", "one ", "what?", ".VERSIONS/one", "a\nb"])
def test_such_a_key_may_have_a_file_elsewhere(key: str) -> None:
    assert file_parts("photos", key, None, windows=False) == ["photos", *key.split("/")]


@pytest.mark.parametrize("key", ["one.jpg", "2026/a b.jpg", "console", "null", "com10", "COM", ".one", "é+&=#%~.jpg"])
@pytest.mark.parametrize("windows", [False, True])
def test_a_usual_key_has_a_file_on_each_system(key: str, *, windows: bool) -> None:
    assert file_parts("photos", key, None, windows=windows) == ["photos", *key.split("/")]


@pytest.mark.parametrize("windows", [False, True])
@pytest.mark.parametrize(
    ("bucket", "key", "version"),
    [
        ("..", "one", None),
        ("photos", "../one", None),
        ("photos", "one", ".."),
        ("photos", "one", "../v1"),
        ("photos", "", None),
        ("", "one", None),
        ("photos", "a//b", None),
        ("photos", ".versions/one/v1", None),
        ("photos/..", "one", None),
    ],
)
def test_a_name_that_leaves_its_bucket_has_no_file(
    bucket: str, key: str, version: str | None, *, windows: bool
) -> None:
    assert file_parts(bucket, key, version, windows=windows) is None


@pytest.mark.parametrize(
    ("bucket", "key", "expected"),
    [
        ("photos", "a//b", True),
        ("photos", "/", True),
        ("photos", "..a/b..", True),
        ("a", "b/..", False),
        ("", "a", False),
    ],
)
def test_the_url_of_a_key_stays_in_its_bucket(bucket: str, key: str, *, expected: bool) -> None:
    assert is_in_bucket(bucket, key) is expected
