"""A typed SDK for Amazon Rekognition, sync and async, with an emulator behind the same seam.

Names are loaded when they are first used: `import rekog` by itself loads no model, no HTTP client and no botocore.
"""

from importlib import import_module

TYPE_CHECKING = False  # for type checkers it is true; `typing` would be nearly all that this import costs
if TYPE_CHECKING:
    from . import errors as errors
    from . import models as models
    from ._core.wire import from_wire as from_wire
    from ._core.wire import to_wire as to_wire
    from ._generated.async_client import AsyncRekognitionClient as AsyncRekognitionClient
    from ._generated.client import RekognitionClient as RekognitionClient
    from .config import CallOptions as CallOptions
    from .config import RetryPolicy as RetryPolicy
    from .config import Timeout as Timeout
    from .conversion import converter as converter
    from .credentials import Credentials as Credentials
    from .errors import RekogError as RekogError
    from .errors import ServiceError as ServiceError
    from .models import Image as Image
    from .models import S3Object as S3Object
    from .models import Video as Video

__version__ = "0.1.0"

_HOME = {
    "AsyncRekognitionClient": "_generated.async_client",
    "CallOptions": "config",
    "Credentials": "credentials",
    "Image": "models",
    "RekogError": "errors",
    "RekognitionClient": "_generated.client",
    "RetryPolicy": "config",
    "S3Object": "models",
    "ServiceError": "errors",
    "Timeout": "config",
    "Video": "models",
    "converter": "conversion",
    "from_wire": "_core.wire",
    "to_wire": "_core.wire",
}
__all__ = [
    "AsyncRekognitionClient", "CallOptions", "Credentials", "Image", "RekogError", "RekognitionClient", "RetryPolicy",
    "S3Object", "ServiceError", "Timeout", "Video", "converter", "errors", "from_wire", "models", "to_wire",
]  # fmt: skip


if not TYPE_CHECKING:  # a checker that saw it would take any misspelt name for an object

    def __getattr__(name: str) -> object:
        if name in ("errors", "models"):
            return import_module(f"{__name__}.{name}")
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found: object = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
        globals()[name] = found
        return found

    def __dir__() -> list[str]:
        return sorted([*__all__, "__version__"])
