"""Files of the objects of a folder: the path of a bucket, a key and a version below the folder.

A key is any text, but only some keys name a file. On Windows a name has more meanings than elsewhere: `C:` is a drive,
`\\` begins a new segment, `a:b` is a stream of the file `a`, `NUL.jpg` is a device, and `a.` is the file `a`.
"""

from __future__ import annotations

import os
import re

_INVALID_SEGMENTS = ("", ".", "..")
_VERSIONS = ".versions"
_RESERVED_ON_WINDOWS = re.compile(
    r"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9\u00b9\u00b2\u00b3]) *(\.|$)", re.IGNORECASE
)
"""Names of devices, with any extension (Microsoft, "Naming Files, Paths, and Namespaces")."""
_FORBIDDEN_ON_WINDOWS = re.compile(r'[\x00-\x1f<>:"/\\|?*]|[. ]$')


def file_parts(bucket: str, key: str, version: str | None, *, windows: bool = os.name == "nt") -> list[str] | None:
    """Return the names that lead from the folder to the file of an object, or None if it can have no file.

    >>> file_parts("photos", "2026/cat.jpg", None)
    ['photos', '2026', 'cat.jpg']
    >>> file_parts("photos", "2026/cat.jpg", "v1")
    ['photos', '.versions', '2026', 'cat.jpg', 'v1']
    >>> file_parts("photos", "C:/cat.jpg", None, windows=True)
    """
    segments = key.split("/")
    first = segments[0].lower() if windows else segments[0]  # Windows ignores the case of a name
    parts = [bucket, *([_VERSIONS] if version else []), *segments, *([version] if version else [])]
    if first == _VERSIONS or not all(_is_name(part, windows=windows) for part in parts):
        return None
    return parts


def is_in_bucket(bucket: str, key: str) -> bool:
    """Tell whether the URL of an object stays within its bucket: clients and servers shorten `.` and `..`."""
    return bucket != "" and "/" not in bucket and not {".", ".."} & {bucket, *key.split("/")}


def _is_name(part: str, *, windows: bool) -> bool:
    """Tell whether a text is the name of one file or folder."""
    if part in _INVALID_SEGMENTS or "/" in part:
        return False
    return not windows or not (_FORBIDDEN_ON_WINDOWS.search(part) or _RESERVED_ON_WINDOWS.match(part))
