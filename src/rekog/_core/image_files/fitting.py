"""Conversion of images into the form that the service reads, by Pillow.

A JPEG or PNG file that fits keeps its pixels as they are stored: only its metadata is removed. Any other image is
decoded, turned upright by its EXIF orientation, converted to sRGB, and encoded as a JPEG of the highest quality that
fits; if even the lowest quality is too large, it is scaled down.
"""

from __future__ import annotations

import io
import math
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal

from ..._values.errors import ConfigError, ParamValidationError
from ..._values.fitted_image import FittedImage
from .header import JPEG, PNG, is_complete, other_format, size_of, without_metadata

if TYPE_CHECKING:
    from PIL import Image

MAX_SIDE = 10_000
"""Maximum width and height of an image, in pixels, by the service's documentation."""
_QUALITIES = (95, 92, 88, 84, 80, 75, 70)
_SMALLER = 0.85
_ORIENTATION = 0x0112  # the tag of EXIF
_DEPTH = 257  # 65535 / 255


def fit_bytes(data: bytes, max_bytes: int, max_side: int | None) -> FittedImage:
    """Return the image of a file."""
    side = min(max_side or MAX_SIDE, MAX_SIDE)
    kept = _as_it_is(data, max_bytes, side)
    if kept is not None:
        return kept
    return fit_image(_decoded(data), max_bytes, max_side)


def open_upright(source: bytes | Image.Image) -> Image.Image:
    """Return the image of a file, or an image of Pillow, turned by its EXIF orientation."""
    return _upright(_decoded(source) if isinstance(source, bytes) else source)


def open_rgb(source: bytes | Image.Image) -> Image.Image:
    """Return an image as `open_upright` does, with its colours as RGB."""
    return _in_srgb(open_upright(source)).convert("RGB")


def new_image(array: Any) -> Image.Image:
    """Return an array of bytes as an image."""
    image: Image.Image = _pillow().fromarray(array)
    return image


def _decoded(data: bytes) -> Image.Image:
    pil = _pillow()
    try:
        image: Image.Image = pil.open(io.BytesIO(data))
        image.load()
    except pil.UnidentifiedImageError as error:
        raise _refused(f"is {_kind(data)} that Pillow cannot read{_hint(data)}") from error
    except (OSError, SyntaxError, ValueError, pil.DecompressionBombError, pil.DecompressionBombWarning) as error:
        raise _refused(f"is {_kind(data)} that Pillow cannot read{_hint(data)} ({error})") from error
    return image


def _kind(data: bytes) -> str:
    """Return what the first bytes of a file say that it is."""
    name = "a JPEG" if data.startswith(JPEG) else "a PNG" if data.startswith(PNG) else other_format(data)
    return f"{name} file" if name else "a file of a format"


def _hint(data: bytes) -> str:
    is_missing = other_format(data) == "a HEIC" and not find_spec("pillow_heif")
    return ": pip install '.[heic]' in a clone of rekog" if is_missing else ""


def fit_image(image: Image.Image, max_bytes: int, max_side: int | None) -> FittedImage:
    """Return an image of Pillow, encoded."""
    side = min(max_side or MAX_SIDE, MAX_SIDE)
    upright = _in_srgb(_upright(image))
    scale = min(1.0, side / max(upright.size))
    while True:
        width, height = (max(1, math.floor(length * scale)) for length in upright.size)
        pixels = upright if scale == 1.0 else upright.resize((width, height), _pillow().Resampling.LANCZOS)
        lowest = len(_encoded(pixels, _QUALITIES[-1]))
        if lowest <= max_bytes:
            data = next(data for quality in _QUALITIES if len(data := _encoded(pixels, quality)) <= max_bytes)
            return FittedImage(data=data, width=width, height=height, media_type="image/jpeg")
        if max(width, height) == 1:
            raise _refused(f"does not fit into {max_bytes} bytes at any size")
        scale *= min(_SMALLER, math.sqrt(max_bytes / lowest))


def _as_it_is(data: bytes, max_bytes: int, side: int) -> FittedImage | None:
    """Return a file that needs no other change than the removal of its metadata."""
    if not data.startswith((JPEG, PNG)):
        return None
    size = size_of(data)
    if size is None or max(size) > side or not is_complete(data) or _is_turned(data):
        return None
    plain = without_metadata(data)
    if plain is None or len(plain) > max_bytes:
        return None
    kind: Literal["image/jpeg", "image/png"] = "image/png" if plain.startswith(PNG) else "image/jpeg"
    return FittedImage(data=plain, width=size.width, height=size.height, media_type=kind)


def _is_turned(data: bytes) -> bool:
    """Tell whether a file has an EXIF orientation, for which its pixels must be turned."""
    if b"Exif\0\0" not in data and b"eXIf" not in data:
        return False
    with _pillow().open(io.BytesIO(data)) as image:
        return bool(image.getexif().get(_ORIENTATION, 1) != 1)


def _upright(image: Image.Image) -> Image.Image:
    from PIL import ImageOps

    return ImageOps.exif_transpose(image)


def _in_srgb(image: Image.Image) -> Image.Image:
    """Return the colours as RGB or grey; transparent pixels become white."""
    pil = _pillow()
    profile = image.info.get("icc_profile")
    if image.mode == "F" or image.mode.startswith("I"):  # more than 8 bits of grey, which Pillow would cut off at 255
        deep = image.convert("I")
        extrema: Any = deep.getextrema()  # Pillow's type has those of images with several bands too
        image = (deep.point(lambda value: value * (1 / _DEPTH)) if extrema[1] > 255 else deep).convert("L")
    if image.mode == "La":
        image = image.convert("LA")  # the only mode that Pillow converts it to
    if image.mode in ("LA", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        layered = image.convert("RGBA")
        white = pil.new("RGBA", layered.size, "white")
        image = pil.alpha_composite(white, layered)
    if profile and image.mode in ("RGB", "CMYK", "L"):
        image = _by_profile(image, profile)
    return image if image.mode in ("L", "RGB") else image.convert("L" if image.mode == "1" else "RGB")


def _by_profile(image: Image.Image, profile: bytes) -> Image.Image:
    cms: Any = import_module("PIL.ImageCms")  # its types are incomplete
    try:
        source = cms.ImageCmsProfile(io.BytesIO(profile))
        converted: Image.Image = cms.profileToProfile(image, source, cms.createProfile("sRGB"), outputMode="RGB")
    except (cms.PyCMSError, OSError):  # a profile of another kind, or a damaged one
        return image
    return converted


def _encoded(image: Image.Image, quality: int) -> bytes:
    file = io.BytesIO()
    # without chroma subsampling at the highest qualities, so that red letters stay sharp
    image.save(file, "JPEG", quality=quality, subsampling=0 if quality >= 92 else 2)
    return file.getvalue()


def _refused(problem: str) -> ParamValidationError:
    text = f"source: {problem}"
    return ParamValidationError(f"rekog.images: {text}", problems=[text])


def _pillow() -> Any:
    try:
        from PIL import Image
    except ModuleNotFoundError as error:
        raise ConfigError("rekog.images needs Pillow: pip install '.[images]' in a clone of rekog") from error
    with suppress(ModuleNotFoundError):  # the extra `heic`
        import_module("pillow_heif").register_heif_opener()
    return Image
