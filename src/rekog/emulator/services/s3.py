"""Client of an S3 server: path-style URLs (the bucket is the first segment), signed if there are credentials.

S3 signs the path exactly as sent; other services normalize and encode it again before they sign it. So the canonical
request is made here, and the signature by the shared functions of `_core.signing`.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO, cast
from urllib.parse import quote

from ..._core.signing import ALGORITHM, canonical_headers, canonical_query, signature_of, timestamp
from ..._settings.urls import split_url
from ..._values.clocks import real_time
from .time_limit import limited

if TYPE_CHECKING:
    import httpx

    from ..._core.signing import Pairs
    from ..._settings.values import Credentials

_REGION = "us-east-1"
"""AWS Region in signatures; local servers ignore it."""
_IN_MEMORY = 16 * 1024 * 1024
_MAX_BYTES = 10 * 1024**3 + 1
"""Maximum number of bytes to read of an object: the service's limit for videos, and one byte more."""
_SILENCE_SECONDS = 10.0
_HEAD_SECONDS = 60.0
"""Maximum time until the head of a response is complete."""
_BODY_SECONDS = 60.0
_BYTES_PER_SECOND = 1024 * 1024
"""Minimum rate of a body that takes longer than `_BODY_SECONDS`."""


class S3Endpoint:
    """An S3 server. Every failure of a request to it is raised as an `OSError`."""

    def __init__(
        self, url: str, credentials: Credentials | None = None, clock: Callable[[], float] = real_time
    ) -> None:
        parts = split_url(url)
        if parts is None:
            raise ValueError(f"s3_endpoint must be an http or https URL, not {url!r}")
        scheme, self._host, path = parts
        self._origin = f"{scheme}://{self._host}"
        self._path = path.rstrip("/")
        self._credentials = credentials
        self._clock = clock

    def open(self, bucket: str, key: str, version: str | None = None, limit: int | None = None) -> BinaryIO:
        """Return a copy of an object, or of its first `limit` bytes, as a seekable file."""
        query = (("versionId", version),) if version else ()
        # cast: a spooled file has all methods of a BinaryIO
        copy = cast("BinaryIO", tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY))  # noqa: SIM115 (the caller closes it)
        try:
            self._copy(self._request("GET", bucket, key, query), copy, _MAX_BYTES if limit is None else limit)
        except BaseException:
            copy.close()
            raise
        copy.seek(0)
        return copy

    def put(self, bucket: str, key: str, data: bytes) -> None:
        """Write an object."""
        import io

        self._copy(self._request("PUT", bucket, key, (), data), io.BytesIO(), _IN_MEMORY)

    def _copy(self, request: httpx.Request, target: BinaryIO, limit: int) -> None:
        import httpx

        left = limit
        try:
            # loading the certificates takes 40 ms, so skip it where TLS is not used
            transport = httpx.HTTPTransport(verify=self._origin.startswith("https:"))
            with httpx.Client(transport=transport, timeout=_SILENCE_SECONDS) as client:
                with limited(request, _HEAD_SECONDS):
                    response = client.send(request, stream=True)
                if response.status_code != 200:
                    raise FileNotFoundError(f"{self._origin} responded with status {response.status_code}")
                started = time.monotonic()
                for chunk in response.iter_bytes():
                    left -= target.write(chunk[:left])
                    if not left:
                        break
                    if time.monotonic() - started > _BODY_SECONDS + (limit - left) / _BYTES_PER_SECOND:
                        raise TimeoutError(f"{self._origin} sent {limit - left} bytes, too slowly to wait for more")
                response.close()
        except httpx.HTTPError as error:
            raise ConnectionError(f"request to {self._origin} failed: {error!r}") from error

    def _request(self, method: str, bucket: str, key: str, query: Pairs, data: bytes = b"") -> httpx.Request:
        import httpx

        try:
            path = f"{self._path}/{quote(bucket, safe='-._~')}/{quote(key, safe='-._~/')}"
        except UnicodeEncodeError as error:
            raise FileNotFoundError("no object has half a surrogate pair in its name") from error
        canonical = canonical_query(query)
        url = httpx.URL(f"{self._origin}{path}" + (f"?{canonical}" if canonical else ""))
        headers = self._headers(method, path, canonical, sha256(data).hexdigest())
        return httpx.Request(method, url, headers=headers, content=data if method == "PUT" else None)

    def _headers(self, method: str, path: str, query: str, content_hash: str) -> dict[str, str]:
        """Return the headers of a request, signed if there are credentials."""
        if self._credentials is None:
            return {}
        stamp = timestamp(self._clock())
        headers = {"host": self._host, "x-amz-content-sha256": content_hash, "x-amz-date": stamp}
        if self._credentials.session_token is not None:
            headers["x-amz-security-token"] = self._credentials.session_token
        block, names = canonical_headers(headers.items())
        scope = f"{stamp[:8]}/{_REGION}/s3/aws4_request"
        canonical = f"{method}\n{path}\n{query}\n{block}\n{names}\n{content_hash}"
        signature = signature_of(self._credentials.secret_access_key, stamp, scope, canonical)
        credential = f"Credential={self._credentials.access_key_id}/{scope}"
        headers["authorization"] = f"{ALGORITHM} {credential}, SignedHeaders={names}, Signature={signature}"
        return headers
