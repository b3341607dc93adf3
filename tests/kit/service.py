"""The service that the contract tests call, an emulator or the real one, and the control API of an emulator."""

from __future__ import annotations

import base64
import io
from contextlib import ExitStack, closing, contextmanager
from itertools import count
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, cast

import httpx
from PIL import Image

from rekog.emulator import Emulator
from tests.kit.clients import Boto3, Client, Json, RefusedError
from tests.kit.process import RESPONSE_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

_SHADES = count(1)


class Rekognition:
    """The service through one client. `called` contains the operations that succeeded."""

    def __init__(self, driver: Client, url: str | None) -> None:
        self.client = driver
        self.url = url
        self.called: set[str] = set()

    def __call__(self, operation: str, **members: object) -> Json:
        """Call an operation; it must succeed."""
        response = self.client.call(operation, members)
        self.called.add(operation)
        return response

    def refusal(self, operation: str, **members: object) -> RefusedError:
        """Call an operation; it must fail. Return its error."""
        try:
            response = self.client.call(operation, members)
        except RefusedError as refusal:
            return refusal
        raise AssertionError(f"{operation} succeeded with {response}")

    def error_code(self, operation: str, **members: object) -> str:
        """Call an operation; it must fail. Return the code of its error."""
        return self.refusal(operation, **members).code

    def pages(self, operation: str, items: str, **members: object) -> list[list[Any]]:
        """Return the items of all pages of a listing."""
        result: list[list[Any]] = []
        token: dict[str, object] = {}
        while True:
            response = self(operation, **members, **token)
            result.append(response[items])
            if "NextToken" not in response:
                return result
            token = {"NextToken": response["NextToken"]}


class ControlApi:
    """The emulator's control API."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(base_url=f"{url}/_rekog", trust_env=False, timeout=RESPONSE_TIMEOUT)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def request(self, method: str, path: str, body: object = None) -> Json:
        """Send JSON to a route, and return the JSON of its response."""
        return cast("Json", self._send(method, path, json=body).json())  # cast: every route returns an object

    def declare(self, of: str | bytes, **capabilities: object) -> None:
        """Declare the content of an image or an object."""
        name = of if isinstance(of, str) else f"sha256:{_digest(of)}"
        self.request("POST", "/declare", {"of": name, **capabilities})

    def put_object(self, bucket: str, key: str, data: bytes | str) -> Json:
        """Store an S3 object, and return the structure that names it."""
        self._send("PUT", f"/objects/{bucket}/{key}", content=data)
        return {"S3Object": {"Bucket": bucket, "Name": key}}

    def put_object_version(self, bucket: str, key: str, data: bytes) -> str:
        """Store an S3 object, and return the id of its version."""
        return str(self._send("PUT", f"/objects/{bucket}/{key}", content=data).json()["version_id"])

    def get_object(self, location: Mapping[str, str]) -> bytes:
        """Return the bytes of an S3 object."""
        return self._send("GET", f"/objects/{location['Bucket']}/{location['Name']}").content

    def advance_clock(self, seconds: float) -> None:
        """Advance the manual clock."""
        self.request("POST", "/clock", {"advance": seconds})

    def set_durations(self, durations: float | Mapping[str, float]) -> None:
        """Set the durations of asynchronous steps."""
        self.request("PUT", "/durations", durations)

    def notifications(self) -> list[Json]:
        """Return the messages to SNS topics."""
        return cast("list[Json]", self.request("GET", "/notifications")["notifications"])  # cast: a list of objects

    def reset(self) -> None:
        """Delete all state, and set the durations of steps to 0."""
        self.request("POST", "/reset", {})
        self.set_durations(0)

    def image_of_people(self, *names: str) -> Json:
        """Return a new image with declared faces side by side; the first face is the largest."""
        data = blank_png(next(_SHADES))
        boxes = [[0.05 + 0.1 * index, 0.1, 0.3 * 0.8**index, 0.3 * 0.8**index] for index in range(len(names))]
        faces = [{"Identity": name, "BoundingBox": box} for name, box in zip(names, boxes, strict=True)]
        self.declare(data, faces=faces)
        return {"Bytes": data}

    def declared_image(self, **capabilities: object) -> Json:
        """Return a new image with declared content."""
        data = blank_png(next(_SHADES))
        self.declare(data, **capabilities)
        return {"Bytes": data}

    def _send(self, method: str, path: str, **content: Any) -> httpx.Response:
        response = self._http.request(method, path, **content)
        assert response.status_code == 200, response.text
        return response


@contextmanager
def open_accounts(*numbers: str) -> Generator[list[Rekognition]]:
    """Yield the service for several accounts: an emulator for each account, over one data folder."""
    with ExitStack() as opened:
        folder = opened.enter_context(TemporaryDirectory())
        result: list[Rekognition] = []
        for number in numbers:
            url = opened.enter_context(opened.enter_context(Emulator(data=folder, account=number)).serve())
            result.append(Rekognition(opened.enter_context(closing(Boto3("us-east-1", url))), url))
        yield result


def blank_png(shade: int = 0, *, width: int = 200, height: int = 100) -> bytes:
    """Return a PNG file without content."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), (shade % 256, shade // 256, 90)).save(file, "PNG")
    return file.getvalue()


def base64_text(data: bytes) -> str:
    """Return bytes as base64 text."""
    return base64.b64encode(data).decode()


def _digest(data: bytes) -> str:
    from hashlib import sha256

    return sha256(data).hexdigest()
