"""A typed SDK for Amazon Rekognition, sync and async, with an emulator behind the same seam.

Names are loaded when they are first used: `import rekog` by itself loads no model, no HTTP client and no botocore.
"""

from importlib import import_module

TYPE_CHECKING = False  # for type checkers it is true; `typing` would be nearly all that this import costs
if TYPE_CHECKING:
    from . import errors, models
    from ._core.wire import from_wire, to_wire
    from ._generated.async_client import AsyncRekognitionClient
    from ._generated.client import RekognitionClient
    from ._values.model import Model, Response, ResponseMetadata
    from .config import CallOptions, RetryPolicy, Timeout
    from .conversion import converter
    from .credentials import Credentials
    from .errors import RekogError, ServiceError
    from .models import Image, S3Object, Video

__version__ = "0.1.0"
__all__ = [
    "AsyncRekognitionClient", "CallOptions", "Credentials", "Image", "Model", "RekogError", "RekognitionClient",
    "Response", "ResponseMetadata", "RetryPolicy", "S3Object", "ServiceError", "Timeout", "Video", "converter",
    "errors", "from_wire", "models", "to_wire",
]  # fmt: skip
_HOMES = {
    "_core.wire": ("from_wire", "to_wire"),
    "_generated.async_client": ("AsyncRekognitionClient",),
    "_generated.client": ("RekognitionClient",),
    "_values.model": ("Model", "Response", "ResponseMetadata"),
    "config": ("CallOptions", "RetryPolicy", "Timeout"),
    "conversion": ("converter",),
    "credentials": ("Credentials",),
    "errors": ("RekogError", "ServiceError"),
    "models": ("Image", "S3Object", "Video"),
}

if not TYPE_CHECKING:  # a checker that saw it would take any misspelt name for an object

    def __getattr__(name: str) -> object:
        if name in ("errors", "models"):
            return import_module(f"{__name__}.{name}")
        home = next((home for home, names in _HOMES.items() if name in names), None)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found: object = getattr(import_module(f"{__name__}.{home}"), name)
        globals()[name] = found
        return found

    def __dir__() -> list[str]:
        return sorted([*__all__, "__version__"])
