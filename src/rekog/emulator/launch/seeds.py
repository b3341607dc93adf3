"""Content of a server at its start: objects, declarations, celebrities, and faces of collections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..services.objects import check_object_name, read_content

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..emulator import Emulator
    from .options import ServerOptions


def seed(emulator: Emulator, options: ServerOptions, report: Callable[[str], object]) -> None:
    """Store the content that the options name; `report` receives a line for each image that can't be used.

    A second start with the same data folder changes nothing: an equal object gets no further version, and faces that
    are indexed already are not added again.
    """
    for put in options.put:
        check_object_name(bucket=put.bucket, key=put.key)
        objects = emulator._objects  # pyright: ignore[reportPrivateUsage]  # `put_object` always adds a version
        objects.put_once(put.bucket, put.key, read_content(put.file))
    for path in options.declare:
        emulator.declare_file(path)
    for folder in options.celebrities:
        for file, reason in emulator.add_celebrities(folder).rejected.items():
            report(f"{folder}: {file}: {reason}")
    for collection_id, folder in options.collection:
        for file, reason in emulator.add_faces(collection_id, folder).rejected.items():
            report(f"{folder}: {file}: {reason}")
