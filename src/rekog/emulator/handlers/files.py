"""Files that the service writes into somebody's bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..context import Context


def write_file(context: Context, bucket: str, prefix: str | None, name: str, data: bytes) -> dict[str, str]:
    """Write a file below a prefix, and return the wire form of the S3Object that it is."""
    key = f"{prefix.rstrip('/')}/{name}" if prefix else name
    context.objects.write(bucket, key, data)
    return {"Bucket": bucket, "Name": key}
