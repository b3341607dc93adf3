"""Files in a bucket of the user: one slash is between the prefix and the name."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from rekog.emulator.handlers.files import write_file


@given(st.none() | st.text("a/X.", max_size=5))
@settings(max_examples=60, derandomize=True, deadline=None)
def test_a_name_follows_its_prefix_after_one_slash(prefix: str | None) -> None:
    written: list[tuple[str, str, bytes]] = []

    def write(bucket: str, key: str, data: bytes) -> None:
        written.append((bucket, key, data))

    context: Any = SimpleNamespace(objects=SimpleNamespace(write=write))
    location = write_file(context, "results", prefix, "a/b.json", b"data")
    given_prefix = prefix or ""
    while given_prefix.endswith("/"):
        given_prefix = given_prefix[:-1]
    key = f"{given_prefix}/a/b.json" if given_prefix else "a/b.json"
    assert location == {"Bucket": "results", "Name": key}
    assert written == [("results", key, b"data")]
