"""Functions that serve the operations: a module or folder per family, with one function per operation.

The package's docstring (`emulator/__init__.py`) explains the marks "assumed" and "our wording".
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from ..._generated.service import HANDLERS

if TYPE_CHECKING:
    from ..._core.handler_result import HandlerResult
    from ..._core.operation import Operation
    from ..._generated import service
    from ..._values.model import Model, Response
    from ..context import Context
    from ..state.schedule import Step

_ON_IMAGES = frozenset(
    {
        "CompareFaces",
        "DetectCustomLabels",
        "DetectFaces",
        "DetectLabels",
        "DetectModerationLabels",
        "DetectProtectiveEquipment",
        "DetectText",
        "IndexFaces",
        "RecognizeCelebrities",
        "SearchFacesByImage",
        "SearchUsersByImage",
    }
)
"""Operations that decode an image; `Vision.admission` limits how many run at once."""


def call(operation: Operation[Model, Response], context: Context, request: Model) -> HandlerResult[Response]:
    """Call the function of an operation, and return its result."""
    function = HANDLERS[operation.name](_FAMILIES)
    with context.vision.admission if operation.name in _ON_IMAGES else nullcontext():
        return function(context, request)


def perform(context: Context, step: Step) -> None:
    """Do an asynchronous step with the function of its kind."""
    from .steps import STEPS

    STEPS[step.kind](context, step)


class Families:
    """The families of handlers: each is imported at its first use, and type-checked against its Protocol.

    The `__init__` of a family imports none of its modules. If it did, a request and an asynchronous step that are the
    first of a family, in two threads, could wait for one another in Python's import system, which then hands out a
    module that is half loaded.
    """

    @property
    def images(self) -> service.ImagesHandlers[Context]:
        from .images import operations

        return operations

    @property
    def collections(self) -> service.CollectionsHandlers[Context]:
        from .collections import operations

        return operations

    @property
    def users(self) -> service.UsersHandlers[Context]:
        from .users import operations

        return operations

    @property
    def celebrities(self) -> service.CelebritiesHandlers[Context]:
        from .celebrities import recognition

        return recognition

    @property
    def videos(self) -> service.VideosHandlers[Context]:
        from .videos import operations

        return operations

    @property
    def custom_labels(self) -> service.CustomLabelsHandlers[Context]:
        from .custom_labels import operations

        return operations

    @property
    def streams(self) -> service.StreamsHandlers[Context]:
        from .streams import processors

        return processors

    @property
    def liveness(self) -> service.LivenessHandlers[Context]:
        from . import liveness

        return liveness

    @property
    def media_analysis(self) -> service.MediaAnalysisHandlers[Context]:
        from . import media_analysis

        return media_analysis

    @property
    def tags(self) -> service.TagsHandlers[Context]:
        from . import tags

        return tags


_FAMILIES = Families()
