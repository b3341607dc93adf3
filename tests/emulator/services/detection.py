"""Face detection in images of the object store, for tests of objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.kit.wire import WireClient

MISSING = (
    "InvalidS3ObjectException",
    "Unable to get object metadata from S3. Check object key, region and/or access permissions.",
)
"""Code and message of the error for an object that can't be read."""


def detect(wire: WireClient, **s3: str) -> tuple[str, str] | int:
    """Return the number of faces in an image, or the code and message of the error."""
    response = wire("DetectFaces", Image={"S3Object": s3})
    return len(response.body["FaceDetails"]) if response.status == 200 else response.refusal
