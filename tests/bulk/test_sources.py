"""Sources: folders, prefixes in S3, manifests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from rekog.bulk import folder, manifest, s3_prefix
from rekog.errors import ConfigError, ParamValidationError, RekogError
from rekog.models import S3Object
from tests.kit.servers import ScriptedServer, ok

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_folder_has_its_files_sorted_with_subfolders(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("b.jpg", "a.jpg", "sub/c.jpg", "notes.txt"):
        (tmp_path / name).touch()
    sources = folder(tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in sources] == ["a.jpg", "b.jpg", "notes.txt", "sub/c.jpg"]
    assert list(sources) == list(sources)
    assert (len(sources), repr(sources)) == (4, f"<4 sources of folder {str(tmp_path)!r}>")
    assert [path.name for path in folder(str(tmp_path), "*.jpg")] == ["a.jpg", "b.jpg"]


@pytest.mark.parametrize("pattern", ["", "/etc/*"])
def test_a_pattern_must_be_relative(tmp_path: Path, pattern: str) -> None:
    with pytest.raises(ParamValidationError, match=r"pattern: .* is not a relative pattern"):
        folder(tmp_path, pattern)


def test_a_folder_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ParamValidationError, match=r"folder: path: .*none.* is not a folder"):
        folder(tmp_path / "none")


def test_a_manifest_has_a_source_in_each_line(tmp_path: Path) -> None:
    path = tmp_path / "manifest"
    lines = ["a.jpg", "", ' {"source-ref": "s3://b/n.jpg", "class": 1}', r"C:\photos\ü.jpg ", "s3://b/m\u2028.jpg"]
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    sources = manifest(path)
    assert list(sources) == ["a.jpg", "s3://b/n.jpg", r"C:\photos\ü.jpg", "s3://b/m\u2028.jpg"]
    assert len(sources) == 4


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b'a.jpg\n{"source": "text"}', "line 2 has no text 'source-ref'"),
        (b'{"source-ref": ""}', "line 1 has no text 'source-ref'"),
        (b"{a.jpg", "line 1 begins like JSON and is not JSON"),
        (b"\xff\xd8\xff", "cannot be read: it is not UTF-8 text"),
        (None, "cannot be read: No such file or directory"),
    ],
)
def test_a_manifest_with_a_mistake_is_refused(tmp_path: Path, content: bytes | None, problem: str) -> None:
    path = tmp_path / "manifest"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ParamValidationError, match=problem):
        manifest(path)


def page(*names: str, token: str = "") -> Any:
    """Return a page of ListObjectsV2."""
    entries = "".join(f"<Contents><Key>{name}</Key></Contents>" for name in names)
    rest = f"<IsTruncated>true</IsTruncated><NextContinuationToken>{token}</NextContinuationToken>" if token else ""
    body = f"<ListBucketResult><Name>photos</Name>{entries}{rest}</ListBucketResult>"
    return ok(body.encode(), headers={"Content-Type": "application/xml"})


@pytest.fixture
def s3(bare_environment: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let botocore send requests of S3 to a URL."""

    def use(url: str) -> None:
        settings = {
            "AWS_ENDPOINT_URL_S3": url,
            "AWS_ACCESS_KEY_ID": "AKID",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_MAX_ATTEMPTS": "1",
        }
        for name, value in settings.items():
            bare_environment.setenv(name, value)

    return use


def test_a_prefix_is_listed_page_by_page(s3: Callable[[str], None]) -> None:
    pages = page("2026/a.JPG", "2026/notes.txt", token="next"), page("2026/", "2026/b.png")
    with ScriptedServer(*pages) as server:
        s3(server.url)
        sources = iter(s3_prefix("s3://photos/2026/"))
        assert next(sources) == S3Object(bucket="photos", name="2026/a.JPG")
        assert len(server.requests) == 1
        assert list(sources) == [S3Object(bucket="photos", name="2026/b.png")]
        assert "prefix=2026%2F" in server.requests[0].target
        assert "continuation-token=next" in server.requests[1].target


def test_a_prefix_is_listed_asynchronously_too(s3: Callable[[str], None]) -> None:
    async def names() -> list[str | None]:
        sources: Any = s3_prefix("s3://photos", suffixes=["", ".x"])
        return [found.name async for found in sources]

    with ScriptedServer(page("a", "folder/"), page()) as server:
        s3(server.url)
        assert anyio.run(names) == ["a"]


def test_an_error_of_s3_is_raised_with_its_text(s3: Callable[[str], None]) -> None:
    body = b"<Error><Code>AccessDenied</Code><Message>not yours</Message></Error>"
    with ScriptedServer(ok(body, status=403)) as server:
        s3(server.url)
        with pytest.raises(RekogError, match=r"<sources of s3://photos/> cannot be listed: .*not yours"):
            list(s3_prefix("s3://photos/"))


def test_without_credentials_a_prefix_is_an_error_of_the_settings(bare_environment: pytest.MonkeyPatch) -> None:
    bare_environment.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with pytest.raises(ConfigError, match="cannot be listed: Unable to locate credentials"):
        list(s3_prefix("s3://photos/"))


@pytest.mark.parametrize("url", ["photos/", "s3://", "s3:///a", Path("photos")])
def test_a_prefix_must_be_a_url_with_a_bucket(url: Any) -> None:
    with pytest.raises(ParamValidationError, match="url: must be 's3://bucket/prefix'"):
        s3_prefix(url)


def test_suffixes_must_be_a_collection() -> None:
    suffixes: Any = ".jpg"
    with pytest.raises(ParamValidationError, match=r"suffixes: must be a collection of texts, not '.jpg'"):
        s3_prefix("s3://photos/", suffixes=suffixes)
