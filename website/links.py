"""Links between files of the repository, as links of the site or of a package index."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping

REPOSITORY = "https://github.com/rekog/rekog"

_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(\]\()([^)\s]+)(\))")
_IMAGE = re.compile(r"(!\[[^\]]*\]\()(?![a-z]+:)([^)\s]+)(\))")
_ABSOLUTE = re.compile(r"[a-z][a-z+.-]*:")


def rewritten(text: str, change: Callable[[str], str]) -> str:
    """Return Markdown text with each relative link changed; links in code blocks stay as they are."""
    parts: list[str] = []
    end = 0
    for fence in _FENCE.finditer(text):
        parts += [_changed(text[end : fence.start()], change), fence.group()]
        end = fence.end()
    return "".join([*parts, _changed(text[end:], change)])


def absolute(text: str) -> str:
    """Return the text of README.md with links that lead to the repository from any place, images included."""
    images = _IMAGE.sub(rf"\1{REPOSITORY}/raw/main/\2\3", text)
    return rewritten(images, lambda link: f"{REPOSITORY}/blob/main/{link}")


def _changed(prose: str, change: Callable[[str], str]) -> str:
    def replace(match: re.Match[str]) -> str:
        before, link, after = match.groups()
        return before + (link if _ABSOLUTE.match(link) or link.startswith("#") else change(link)) + after

    return _LINK.sub(replace, prose)


def site_link(link: str, source: str, places: Mapping[str, str], folders: frozenset[str]) -> str:
    """Return a link of a file of the repository as one of the site.

    `source` is the path of the file in the repository, `places` maps the paths of the files of the site to their places
    there. A link to any other file leads to the repository, and so does one to a folder (`folders`).
    """
    target, anchor = link.partition("#")[::2]
    path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
    end = f"#{anchor}" if anchor else ""
    if path in places:
        return posixpath.relpath(places[path], posixpath.dirname(places[source]) or ".") + end
    return f"{REPOSITORY}/{'tree' if path in folders else 'blob'}/main/{path}{end}"
