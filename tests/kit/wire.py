"""A client of an emulator in the same process, photographs, and conversions of images."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
from PIL import Image

if TYPE_CHECKING:
    from rekog.emulator import Emulator

IMAGE_FOLDER = Path(__file__).resolve().parents[2] / "examples" / "images"
ASTRONAUT = IMAGE_FOLDER / "astronaut.jpg"
HOPPER = IMAGE_FOLDER / "grace_hopper.jpg"
CONTENT_TYPE = "application/x-amz-json-1.1"


class WireResponse(NamedTuple):
    """A response of an emulator."""

    status: int
    headers: httpx.Headers
    body: dict[str, Any]

    @property
    def refusal(self) -> tuple[str, str]:
        """Code and text of the error."""
        assert self.status >= 400, self.body
        return self.body["__type"], self.body.get("Message") or self.body["message"]


class WireClient:
    """A client that sends the JSON protocol through the transport of an emulator, unsigned or signed for a Region."""

    def __init__(self, emulator: Emulator, region: str | None = None) -> None:
        self._transport = emulator.transport()
        scope = f"AWS4-HMAC-SHA256 Credential=AKID/20260101/{region}/rekognition/aws4_request, Signature=0"
        self._headers = {"Authorization": scope} if region else {}

    def __call__(self, operation: str, **members: Any) -> WireResponse:
        return self.send(
            httpx.Request("POST", "http://rekog/", headers=self.headers(operation), json=json_ready(members))
        )

    def headers(self, operation: str) -> dict[str, str]:
        """Return the headers of a request."""
        return {**self._headers, "X-Amz-Target": f"RekognitionService.{operation}", "Content-Type": CONTENT_TYPE}

    def send(self, request: httpx.Request) -> WireResponse:
        """Send a request of httpx."""
        response = self._transport.handle_request(request)
        return WireResponse(response.status_code, response.headers, response.json())

    def faces(self, image: bytes, *attributes: str) -> list[dict[str, Any]]:
        """Return the faces that DetectFaces returns for an image, with attributes."""
        response = self("DetectFaces", Image={"Bytes": image}, Attributes=[*attributes])
        assert response.status == 200, response.body
        result: list[dict[str, Any]] = response.body["FaceDetails"]
        return result


def json_ready(value: Any) -> Any:
    """Return a wire value with bytes as base64 text, ready for JSON."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {key: json_ready(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]  # JSON
    return value


def image_file(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    """Return an image as the bytes of a file."""
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def plain_image(width: int = 100, height: int = 100) -> Image.Image:
    """Return an image of one colour."""
    return Image.new("RGB", (width, height), (90, 110, 130))


def exif_orientation(orientation: int) -> Image.Exif:
    """Return EXIF data with an orientation tag."""
    data = Image.Exif()
    data[0x0112] = orientation
    return data


def box_in_pixels(face: dict[str, Any], image: Image.Image) -> tuple[float, float, float, float]:
    """Return a face's box in pixels: left, top, width, height."""
    box = face["BoundingBox"]
    return (
        box["Left"] * image.width,
        box["Top"] * image.height,
        box["Width"] * image.width,
        box["Height"] * image.height,
    )
