"""Indexing of the images that a folder contains: `Emulator.add_faces`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .... import models
from ...._values.frozen import Frozen
from ...refusals import RefusalError
from ...texts import check_texts
from .collections import create_collection
from .faces import index_faces

if TYPE_CHECKING:
    import os

    from ...context import Context

_COLLECTION_ID = re.compile(r"[a-zA-Z0-9_.-]{1,255}")
_NOT_IN_EXTERNAL_ID = re.compile(r"[^a-zA-Z0-9_.:-]")
_MAX_EXTERNAL_ID = 255
"""The constraints of the service's API model."""


class AddedFaces(Frozen, public="rekog.emulator"):
    """What `add_faces` indexed: the ids of the `faces` of each file, and the reasons for `rejected` files, by path."""

    faces: Mapping[str, Sequence[str]]
    rejected: Mapping[str, str]


def add_folder(context: Context, collection_id: str, folder: str | os.PathLike[str]) -> AddedFaces:
    """Index the images of a folder and its subfolders, each in a transaction of its own."""
    check_texts(collection_id=collection_id)
    if not _COLLECTION_ID.fullmatch(collection_id):
        raise ValueError(f"collection_id must be 1 to 255 letters, digits, '_', '-' and '.', not {collection_id!r}")
    root = Path(folder)
    files = _files(root)  # before the collection is created: the folder may not exist
    try:
        create_collection(context, models.CreateCollectionRequest(collection_id=collection_id))
    except RefusalError as error:
        if error.code != "ResourceAlreadyExistsException":
            raise ValueError(error.message) from error
    faces: dict[str, Sequence[str]] = {}
    rejected: dict[str, str] = {}
    for file in files:
        context.worker.raise_if_closed()
        path = file.relative_to(root).as_posix()
        try:
            faces[path] = _index(context, collection_id, file, _external_id(path))
        except RefusalError as error:
            rejected[path] = error.message
        except (ValueError, OSError) as error:
            rejected[path] = str(error)
    return AddedFaces(faces, rejected)


def _index(context: Context, collection_id: str, file: Path, external_id: str) -> Sequence[str]:
    """Return the ids of the indexed faces of a file; raise an error if there are none."""
    image = models.Image(bytes=file.read_bytes())
    request = models.IndexFacesRequest(collection_id=collection_id, image=image, external_image_id=external_id)
    response = index_faces(context, request)
    ids = [record.face.face_id for record in response.face_records]
    if not ids:
        low = "its faces are of low quality, or too small" if response.unindexed_faces else "no face is detected"
        raise ValueError(f"nothing is indexed: {low}")
    return ids


def _files(folder: Path) -> list[Path]:
    """Return the files of a folder and its subfolders in order, without hidden ones."""
    files: list[Path] = []
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("."):
            continue
        files += _files(entry) if entry.is_dir() else [entry]
    return files


def _external_id(path: str) -> str:
    """Return the external image id of a file: its path, with the characters that the service allows.

    >>> _external_id("ann/first day.jpg")
    'ann:first_day.jpg'
    """
    text = _NOT_IN_EXTERNAL_ID.sub("_", path.replace("/", ":"))
    if len(text) > _MAX_EXTERNAL_ID:
        raise ValueError(f"the path must have at most {_MAX_EXTERNAL_ID} characters, not {len(text)}")
    return text
