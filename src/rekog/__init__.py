"""A typed SDK for Amazon Rekognition, sync and async, with an emulator behind the same transport interface.

Names and modules are loaded on first use: `import rekog` by itself loads no model, no HTTP client and no botocore.
"""

from importlib import import_module

TYPE_CHECKING = False  # true for type checkers; importing `typing` would take nearly all of the time of this import
if TYPE_CHECKING:
    from . import (
        bulk,
        config,
        conversion,
        cost,
        credentials,
        errors,
        images,
        jobs,
        models,
        paging,
        people,
        transports,
        waiting,
    )
    from . import emulator as emulator
    from . import otel as otel
    from . import testing as testing
    from ._core.wire import from_wire, to_wire
    from ._generated.async_client import AsyncRekognitionClient
    from ._generated.client import RekognitionClient
    from ._values.model import Model, Response, ResponseMetadata, WireResponse
    from .config import Attempt, CallOptions, RateLimit, RetryPolicy, Timeout
    from .credentials import Credentials
    from .errors import RekogError, ServiceError
    from .images import ImageInput, VideoInput
    from .models import Image, S3Object, Video
    from .paging import AsyncPager, Pager
    from .transports import AsyncTransport, Transport

__version__ = "0.1.0"
__all__ = [
    "AsyncPager", "AsyncRekognitionClient", "AsyncTransport", "Attempt", "CallOptions", "Credentials", "Image",
    "ImageInput", "Model", "Pager", "RateLimit", "RekogError", "RekognitionClient", "Response", "ResponseMetadata",
    "RetryPolicy", "S3Object", "ServiceError", "Timeout", "Transport", "Video", "VideoInput", "WireResponse", "bulk",
    "config", "conversion", "cost", "credentials", "errors", "from_wire", "images", "jobs", "models", "paging",
    "people", "to_wire", "transports", "waiting",
]  # fmt: skip
_MODULES = {  # module to the names that it defines
    "_core.wire": ("from_wire", "to_wire"),
    "_generated.async_client": ("AsyncRekognitionClient",),
    "_generated.client": ("RekognitionClient",),
    "_settings.attempts": ("Attempt",),
    "_settings.rate_limit": ("RateLimit",),
    "_settings.timeout": ("Timeout",),
    "_settings.values": ("CallOptions", "Credentials", "RetryPolicy"),
    "_values.errors": ("RekogError", "ServiceError"),
    "_values.model": ("Model", "Response", "ResponseMetadata", "WireResponse"),
    "images": ("ImageInput", "VideoInput"),
    "models": ("Image", "S3Object", "Video"),
    "paging": ("AsyncPager", "Pager"),
    "transports": ("AsyncTransport", "Transport"),
}
_SUBMODULES = (  # `import *` leaves out the last three, which load more
    "bulk config conversion cost credentials errors images jobs models paging people transports waiting emulator otel"
    " testing"
).split()

if not TYPE_CHECKING:  # a type checker that saw it would accept any misspelt name

    def __getattr__(name: str) -> object:
        if name in _SUBMODULES:
            return import_module(f"{__name__}.{name}")
        module = next((module for module, names in _MODULES.items() if name in names), None)
        if module is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value: object = getattr(import_module(f"{__name__}.{module}"), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted({*__all__, *_SUBMODULES, "__version__"})
