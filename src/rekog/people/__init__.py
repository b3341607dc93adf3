"""People of a face collection: enroll them from images, identify each face of an image, list and compare.

`client.people(collection_id)` returns the people of one collection, without I/O. A person is a user of the collection,
which has one face or more. The object owns nothing; it may be shared by threads or tasks, as its client.

>>> from rekog import RekognitionClient
>>> from rekog.emulator import Emulator
>>> with Emulator() as emulator, RekognitionClient.local(emulator) as client:
...     photograph = "examples/images/astronaut.jpg"
...     emulator.declare(photograph, faces=[{"Identity": "ann", "BoundingBox": [0.35, 0.1, 0.2, 0.2]}])
...     created = client.create_collection("staff")
...     staff = client.people("staff")
...     enrollment = staff.enroll("ann", [photograph])
...     [(len(enrollment.faces), face.user_id) for face in staff.identify(photograph)]
[(1, 'ann')]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._values.lazy import lazy_names

if TYPE_CHECKING:
    from ._handles import AsyncPeople, People
    from ._inventory import Inventory, InventoryDifference, InventoryFace, InventoryUser
    from ._results import Enrollment, IdentifiedFace, Rebuild, RebuiltFace, RejectedFace, UnfinishedError

__all__ = [
    "AsyncPeople", "Enrollment", "IdentifiedFace", "Inventory", "InventoryDifference", "InventoryFace",
    "InventoryUser", "People", "Rebuild", "RebuiltFace", "RejectedFace", "UnfinishedError",
]  # fmt: skip

if not TYPE_CHECKING:  # a type checker that saw it would accept any misspelt name
    __getattr__ = lazy_names(
        __name__,
        {
            "._handles": ("AsyncPeople", "People"),
            "._inventory": ("Inventory", "InventoryDifference", "InventoryFace", "InventoryUser"),
            "._results": ("Enrollment", "IdentifiedFace", "Rebuild", "RebuiltFace", "RejectedFace", "UnfinishedError"),
        },
    )


def __dir__() -> list[str]:
    return sorted(__all__)
