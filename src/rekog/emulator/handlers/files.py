"""Files that operations write into a bucket of the user."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..context import Context


def write_file(context: Context, bucket: str, prefix: str | None, name: str, data: bytes) -> dict[str, str]:
    """Write a file under a prefix, with one slash between both, and return the wire form of its S3Object."""
    folder = (prefix or "").rstrip("/")
    key = f"{folder}/{name}" if folder else name
    context.objects.write(bucket, key, data)
    return {"Bucket": bucket, "Name": key}
