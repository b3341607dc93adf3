"""The operations on collections and on their faces, from the modules of this family."""

from __future__ import annotations

from .collections import create_collection, delete_collection, describe_collection, list_collections
from .faces import delete_faces, index_faces, list_faces
from .searches import search_faces, search_faces_by_image

__all__ = [
    "create_collection",
    "delete_collection",
    "delete_faces",
    "describe_collection",
    "index_faces",
    "list_collections",
    "list_faces",
    "search_faces",
    "search_faces_by_image",
]
