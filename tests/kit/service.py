"""What the contract is checked against: an emulator behind a socket, or the real service."""

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
    """The service through one client. `called` has the operations that answered."""

    def __init__(self, driver: Client, url: str | None) -> None:
        self.client = driver
        self.url = url
        self.called: set[str] = set()

    def __call__(self, operation: str, **members: object) -> Json:
        """Call an operation, which must succeed."""
        response = self.client.call(operation, members)
        self.called.add(operation)
        return response

    def refusal(self, operation: str, **members: object) -> RefusedError:
        """Call an operation, which must fail."""
        try:
            response = self.client.call(operation, members)
        except RefusedError as refusal:
            return refusal
        raise AssertionError(f"{operation} answered {response}")

    def error_code(self, operation: str, **members: object) -> str:
        """Return the code of the error that a call fails with."""
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
        """Let go of the connection."""
        self._http.close()

    def request(self, method: str, path: str, body: object = None) -> Json:
        """Send JSON to a route, and return its JSON."""
        return cast("Json", self._send(method, path, json=body).json())  # cast: every route answers an object

    def declare(self, of: str | bytes, **capabilities: object) -> None:
        """Say what a picture or an object contains."""
        name = of if isinstance(of, str) else f"sha256:{_digest(of)}"
        self.request("POST", "/declare", {"of": name, **capabilities})

    def put_object(self, bucket: str, key: str, data: bytes | str) -> Json:
        """Make an S3 object, and return how a request names it."""
        self._send("PUT", f"/objects/{bucket}/{key}", content=data)
        return {"S3Object": {"Bucket": bucket, "Name": key}}

    def put_object_version(self, bucket: str, key: str, data: bytes) -> str:
        """Make an S3 object, and return the id of this version of it."""
        return str(self._send("PUT", f"/objects/{bucket}/{key}", content=data).json()["version_id"])

    def get_object(self, location: Mapping[str, str]) -> bytes:
        """Return the bytes of an S3 object."""
        return self._send("GET", f"/objects/{location['Bucket']}/{location['Name']}").content

    def advance_clock(self, seconds: float) -> None:
        """Let time pass."""
        self.request("POST", "/clock", {"advance": seconds})

    def set_durations(self, declared: float | Mapping[str, float]) -> None:
        """Set how long asynchronous steps take."""
        self.request("PUT", "/durations", declared)

    def notifications(self) -> list[Json]:
        """Return what went to SNS topics."""
        return cast("list[Json]", self.request("GET", "/notifications")["notifications"])  # cast: a list of objects

    def reset(self) -> None:
        """Forget everything, and let steps take no time."""
        self.request("POST", "/reset", {})
        self.set_durations(0)

    def image_of_people(self, *who: str) -> Json:
        """Return a picture, like no other, of people side by side, the first the largest."""
        data = blank_png(next(_SHADES))
        boxes = [[0.05 + 0.1 * location, 0.1, 0.3 * 0.8**location, 0.3 * 0.8**location] for location in range(len(who))]
        faces = [{"Identity": name, "BoundingBox": box} for name, box in zip(who, boxes, strict=True)]
        self.declare(data, faces=faces)
        return {"Bytes": data}

    def declared_image(self, **capabilities: object) -> Json:
        """Return a picture, like no other, that shows what is said."""
        data = blank_png(next(_SHADES))
        self.declare(data, **capabilities)
        return {"Bytes": data}

    def _send(self, method: str, path: str, **content: Any) -> httpx.Response:
        response = self._http.request(method, path, **content)
        assert response.status_code == 200, response.text
        return response


@contextmanager
def open_accounts(*numbers: str) -> Generator[list[Rekognition]]:
    """Yield the service as accounts see it whose resources are in one place: an emulator for each, with one state."""
    with ExitStack() as opened:
        folder = opened.enter_context(TemporaryDirectory())
        result: list[Rekognition] = []
        for number in numbers:
            url = opened.enter_context(opened.enter_context(Emulator(data=folder, account=number)).serve())
            result.append(Rekognition(opened.enter_context(closing(Boto3("us-east-1", url))), url))
        yield result


def blank_png(shade: int = 0, *, width: int = 200, height: int = 100) -> bytes:
    """Return a picture of nothing."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), (shade % 256, shade // 256, 90)).save(file, "PNG")
    return file.getvalue()


def base64_text(data: bytes) -> str:
    """Return bytes as base64 text."""
    return base64.b64encode(data).decode()


def _digest(data: bytes) -> str:
    from hashlib import sha256

    return sha256(data).hexdigest()
