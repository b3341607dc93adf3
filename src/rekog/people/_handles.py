"""The people of a collection, for threads and for tasks. The steps are Flows of the modules beside this one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Generic, TypeVar

from .._generated.paging import LIST_USERS
from .._values.errors import ParamValidationError
from .._values.lazy import LazyModule
from .._values.public import publish
from ._enrolling import enroll, listed
from ._identifying import identify
from ._inventory import Inventory, InventoryFace, take_inventory
from ._rebuilding import rebuild
from ._removing import remove
from ._results import Enrollment, IdentifiedFace, Rebuild  # noqa: TC001 (for tools that evaluate annotations)

if TYPE_CHECKING:
    from .. import images as media
    from .. import models, paging
    from .._core.call import Caller
    from .._drivers.aio import AsyncDriver  # noqa: F401 (in quotes below)
    from .._drivers.sync import SyncDriver  # noqa: F401 (as above)
else:  # for tools that evaluate annotations
    media, models, paging = (LazyModule(f"rekog.{name}") for name in ("images", "models", "paging"))

Driver = TypeVar("Driver")


class _People(Generic[Driver]):
    """The people of a collection: the driver and the calls of a client, and the collection's id."""

    def __init__(self, driver: Driver, caller: Caller, collection_id: str) -> None:
        _check(collection_id)
        self._driver = driver
        self._caller = caller
        self.collection_id = collection_id

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.collection_id}>"


def _check(collection_id: object) -> None:
    if not isinstance(collection_id, str) or not collection_id:
        text = f"collection_id: must be the id of a collection, not {collection_id!r}"
        raise ParamValidationError(f"people: {text}", problems=[text])


class People(_People["SyncDriver"]):
    """The people of a collection; `client.people(collection_id)` returns it without I/O."""

    def enroll(
        self,
        user_id: str,
        images: Iterable[media.ImageInput],
        *,
        quality_filter: models.QualityFilterValue | None = None,
        timeout: float | None = 60.0,
    ) -> Enrollment:
        """Enroll a person: create the user unless it exists, index the images, and associate their faces with it.

        One face of each image is indexed: the largest of those with the best quality. `quality_filter` is that of
        IndexFaces, whose default is AUTO. `timeout` limits the wait until the user is ACTIVE and can be found, in
        seconds; None leaves it at 60 polls. An image that cannot be used, and a face that the service rejects, are in
        `rejected` and stop nothing. Another error after the first call is an `UnfinishedError` with the faces so far.
        Enrolling the same images again is safe: the service indexes an image once.
        """
        flow = enroll(self._caller, self.collection_id, user_id, listed(images), quality_filter, timeout)
        return self._driver.run(flow)

    def identify(
        self, image: media.ImageInput, *, user_match_threshold: float | None = None, max_faces: int = 15
    ) -> list[IdentifiedFace]:
        """Return each face of a local image, the largest first and at most `max_faces`, with the user that it matches.

        It takes one call for the faces and one or two for each of them, and Pillow (the extra `images`) if there are
        several. `user_match_threshold` is the least similarity in percent; the service's default is 80.
        """
        flow = identify(self._caller, self.collection_id, image, user_match_threshold, max_faces)
        return self._driver.run(flow)

    def users(self) -> paging.Pager[models.User, models.ListUsersResponse]:
        """Return a pager over the users of the collection."""
        return paging.Pager(
            self._driver, self._caller, LIST_USERS, None, None, None, None, collection_id=self.collection_id
        )

    def remove(self, user_id: str, *, delete_faces: bool = False) -> None:
        """Delete a user; its faces stay in the collection without a user unless `delete_faces` is true.

        Raise `UnfinishedError`, with the faces that are left, when the user is deleted and a face is not.
        """
        self._driver.run(remove(self._caller, self.collection_id, user_id, delete_faces))

    def rebuild(
        self,
        inventory: Inventory,
        images: Mapping[str, media.ImageInput] | Callable[[InventoryFace], media.ImageInput | None],
        *,
        quality_filter: models.QualityFilterValue | None = None,
        timeout: float | None = 60.0,
    ) -> Rebuild:
        """Restore the users and faces of an inventory in this collection, which should be a new one, from the images.

        `images` is a mapping from face ids, image ids or external image ids to images, or a function that returns the
        image of a face, or None; it is called in a thread. An external id counts if one image of the inventory has it.
        Users and external image ids stay the same; face ids are new. Faces without an image are in `missing`, those
        that the service does not find or accept in `rejected`. `quality_filter` is that of IndexFaces, whose default is
        AUTO. `timeout` limits the wait for each user, in seconds. An error after the first call is an `UnfinishedError`
        with the `rebuild` so far. A repeat with the same arguments finishes it and adds nothing twice.
        """
        flow = rebuild(self._caller, self.collection_id, inventory, images, quality_filter, timeout)
        return self._driver.run(flow)

    def inventory(self) -> Inventory:
        """Return the users and faces of the collection as a value. Face vectors are not in it: the API has none."""
        return self._driver.run(take_inventory(self._caller, self.collection_id))


class AsyncPeople(_People["AsyncDriver"]):
    """The people of a collection, for tasks; `client.people(collection_id)` returns it without I/O."""

    async def enroll(
        self,
        user_id: str,
        images: Iterable[media.ImageInput],
        *,
        quality_filter: models.QualityFilterValue | None = None,
        timeout: float | None = 60.0,  # noqa: ASYNC109 (as for the client's waiters)
    ) -> Enrollment:
        """Enroll a person: create the user unless it exists, index the images, and associate their faces with it.

        One face of each image is indexed: the largest of those with the best quality. `quality_filter` is that of
        IndexFaces, whose default is AUTO. `timeout` limits the wait until the user is ACTIVE and can be found, in
        seconds; None leaves it at 60 polls. An image that cannot be used, and a face that the service rejects, are in
        `rejected` and stop nothing. Another error after the first call is an `UnfinishedError` with the faces so far.
        Enrolling the same images again is safe: the service indexes an image once.
        """
        flow = enroll(self._caller, self.collection_id, user_id, listed(images), quality_filter, timeout)
        return await self._driver.run(flow)

    async def identify(
        self, image: media.ImageInput, *, user_match_threshold: float | None = None, max_faces: int = 15
    ) -> list[IdentifiedFace]:
        """Return each face of a local image, the largest first and at most `max_faces`, with the user that it matches.

        It takes one call for the faces and one or two for each of them, and Pillow (the extra `images`) if there are
        several. `user_match_threshold` is the least similarity in percent; the service's default is 80.
        """
        flow = identify(self._caller, self.collection_id, image, user_match_threshold, max_faces)
        return await self._driver.run(flow)

    def users(self) -> paging.AsyncPager[models.User, models.ListUsersResponse]:
        """Return a pager over the users of the collection."""
        return paging.AsyncPager(
            self._driver, self._caller, LIST_USERS, None, None, None, None, collection_id=self.collection_id
        )

    async def remove(self, user_id: str, *, delete_faces: bool = False) -> None:
        """Delete a user; its faces stay in the collection without a user unless `delete_faces` is true.

        Raise `UnfinishedError`, with the faces that are left, when the user is deleted and a face is not.
        """
        await self._driver.run(remove(self._caller, self.collection_id, user_id, delete_faces))

    async def rebuild(
        self,
        inventory: Inventory,
        images: Mapping[str, media.ImageInput] | Callable[[InventoryFace], media.ImageInput | None],
        *,
        quality_filter: models.QualityFilterValue | None = None,
        timeout: float | None = 60.0,  # noqa: ASYNC109 (as for the client's waiters)
    ) -> Rebuild:
        """Restore the users and faces of an inventory in this collection, which should be a new one, from the images.

        `images` is a mapping from face ids, image ids or external image ids to images, or a function that returns the
        image of a face, or None; it is called in a thread. An external id counts if one image of the inventory has it.
        Users and external image ids stay the same; face ids are new. Faces without an image are in `missing`, those
        that the service does not find or accept in `rejected`. `quality_filter` is that of IndexFaces, whose default is
        AUTO. `timeout` limits the wait for each user, in seconds. An error after the first call is an `UnfinishedError`
        with the `rebuild` so far. A repeat with the same arguments finishes it and adds nothing twice.
        """
        flow = rebuild(self._caller, self.collection_id, inventory, images, quality_filter, timeout)
        return await self._driver.run(flow)

    async def inventory(self) -> Inventory:
        """Return the users and faces of the collection as a value. Face vectors are not in it: the API has none."""
        return await self._driver.run(take_inventory(self._caller, self.collection_id))


publish("rekog.people", People, AsyncPeople)
