"""The operations on users and on their faces, from the modules of this family."""

from __future__ import annotations

from .faces import associate_faces, disassociate_faces
from .searches import search_users, search_users_by_image
from .users import create_user, delete_user, list_users

__all__ = [
    "associate_faces",
    "create_user",
    "delete_user",
    "disassociate_faces",
    "list_users",
    "search_users",
    "search_users_by_image",
]
