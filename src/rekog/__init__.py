"""A typed SDK for Amazon Rekognition, sync and async, with an emulator behind the same transport interface.

Names are loaded on first use: `import rekog` by itself loads no model, no HTTP client and no botocore.
"""

from importlib import import_module

TYPE_CHECKING = False  # true for type checkers; importing `typing` would take nearly all of the time of this import
if TYPE_CHECKING:
    from . import errors, models
    from ._core.wire import from_wire, to_wire
    from ._generated.async_client import AsyncRekognitionClient
    from ._generated.client import RekognitionClient
    from ._values.model import Model, Response, ResponseMetadata, WireResponse
    from .config import CallOptions, RetryPolicy, Timeout
    from .conversion import converter
    from .credentials import Credentials
    from .errors import RekogError, ServiceError
    from .models import Image, S3Object, Video

__version__ = "0.1.0"
__all__ = [
    "AsyncRekognitionClient", "CallOptions", "Credentials", "Image", "Model", "RekogError", "RekognitionClient",
    "Response", "ResponseMetadata", "RetryPolicy", "S3Object", "ServiceError", "Timeout", "Video", "WireResponse",
    "converter", "errors", "from_wire", "models", "to_wire",
]  # fmt: skip
_MODULES = {  # module to the names that it defines
    "_core.wire": ("from_wire", "to_wire"),
    "_generated.async_client": ("AsyncRekognitionClient",),
    "_generated.client": ("RekognitionClient",),
    "_settings.values": ("CallOptions", "Credentials", "RetryPolicy", "Timeout"),
    "_values.errors": ("RekogError", "ServiceError"),
    "_values.model": ("Model", "Response", "ResponseMetadata", "WireResponse"),
    "conversion": ("converter",),
    "models": ("Image", "S3Object", "Video"),
}

if not TYPE_CHECKING:  # a type checker that saw it would accept any misspelt name

    def __getattr__(name: str) -> object:
        if name in ("errors", "models"):
            return import_module(f"{__name__}.{name}")
        module = next((module for module, names in _MODULES.items() if name in names), None)
        if module is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value: object = getattr(import_module(f"{__name__}.{module}"), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted([*__all__, "__version__"])
