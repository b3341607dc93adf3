"""The group `rekog people`: the people of a face collection."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from typing import Any

import click

from ..._generated.shapes import SHAPES
from ...people import Enrollment, UnfinishedError
from .. import output
from ..failures import FAILED, Failure, note
from ..help import Command, Group, SectionedOption
from ..operations import write_listing
from ..progress import Progress
from ..session import client_of
from ..settings import Call, shared, shared_options
from ..values import STDIN, Media, Member, read_standard_input

_COLLECTION = "collection_id"


def command() -> click.Group:
    """Return the group."""
    group = Group("people", help="Enroll, identify, list and remove the people of a face collection.")
    for make in (_enroll, _identify, _users, _remove, _inventory):
        group.add_command(make())
    return group


def _argument(name: str, **settings: Any) -> click.Argument:
    return click.Argument([name], **settings)


def _enroll() -> click.Command:
    qualities = Member(SHAPES["QualityFilter"].enum)
    positive = click.FloatRange(0, min_open=True)
    params = [
        _argument(_COLLECTION),
        _argument("user_id"),
        _argument("images", nargs=-1, required=True, type=Media("image"), metavar="IMAGE..."),
        SectionedOption(["--quality-filter"], type=qualities, help="Least quality of a face; AUTO when not given."),
        SectionedOption(["--max-wait"], type=positive, default=60.0, metavar="SECONDS",
                        help="Maximum wait until the person can be found; 60 when not given."),
        *shared_options(),
    ]  # fmt: skip
    text = "Enroll a person from images. One face of each image is indexed, and belongs to the user afterwards."
    example = "rekog people enroll staff ann ann-1.jpg ann-2.jpg"
    return Command("enroll", callback=shared(_run_enroll), params=params, help=text, example=example)


def _run_enroll(call: Call) -> None:
    values = call.values
    images = [_loaded(image) for image in _expanded(values["images"])]
    with client_of(call.settings) as client, Progress(f"enroll {values['user_id']}: {len(images)} images"):
        try:
            enrollment = client.people(values[_COLLECTION]).enroll(
                values["user_id"], images, quality_filter=values["quality_filter"], timeout=values["max_wait"]
            )
        except UnfinishedError as error:
            ids = ", ".join(face.face_id for face in error.faces)
            raise Failure(f"{error}; faces without a user: {ids or 'none'}", FAILED) from error
    output.write_rows(call.settings.output, _rows_of(enrollment), _document_of(enrollment))
    for each in enrollment.rejected:
        note(f"rejected: {_name_of(each.source)}: {', '.join(each.reasons)}")
    if not enrollment.faces:
        raise Failure(f"no face was enrolled for {values['user_id']!r}", FAILED)


def _rows_of(enrollment: Enrollment) -> list[output.Row]:
    names = ("face_id", "image_id", "external_image_id", "confidence")
    return [
        {"user_id": enrollment.user_id, **{name: getattr(face, name) for name in names}} for face in enrollment.faces
    ]


def _document_of(enrollment: Enrollment) -> dict[str, object]:
    rejected = [
        {"Source": _name_of(each.source), "Reasons": each.reasons, **({"FaceId": each.face_id} if each.face_id else {})}
        for each in enrollment.rejected
    ]
    faces = [face.to_dict(names="wire") for face in enrollment.faces]
    return {"UserId": enrollment.user_id, "Faces": faces, "Rejected": rejected}


def _name_of(source: object) -> str:
    return STDIN if isinstance(source, bytes) else str(source)


def _expanded(images: Sequence[Any]) -> list[Any]:
    """Return images with patterns such as `*.jpg` replaced by the matching files: shells of Windows leave them."""
    found: list[Any] = []
    for image in images:
        is_pattern = isinstance(image, str) and glob.has_magic(image) and not os.path.exists(image)
        found += sorted(glob.glob(image)) or [image] if is_pattern and "://" not in image else [image]
    return found


def _loaded(image: Any) -> Any:
    return read_standard_input("the image") if image == STDIN else image


def _identify() -> click.Command:
    params = [
        _argument(_COLLECTION),
        _argument("image", type=Media("image"), metavar="IMAGE"),
        SectionedOption(["--user-match-threshold"], type=click.FLOAT, metavar="PERCENT",
                        help="Least similarity; 80 when not given."),
        SectionedOption(["--max-faces"], type=click.IntRange(1), default=15, metavar="NUMBER",
                        help="Faces to identify, the largest first; 15 when not given."),
        *shared_options(),
    ]  # fmt: skip
    text = "Identify each face of a local image, the largest first. Several faces need Pillow, the extra images."
    example = "rekog people identify staff group.jpg"
    return Command("identify", callback=shared(_run_identify), params=params, help=text, example=example)


def _run_identify(call: Call) -> None:
    values = call.values
    image = _loaded(values["image"])
    with client_of(call.settings) as client, Progress("identify"):
        faces = client.people(values[_COLLECTION]).identify(
            image, user_match_threshold=values["user_match_threshold"], max_faces=values["max_faces"]
        )
    rows: list[output.Row] = []
    document: list[object] = []
    for face in faces:
        box = face.bounding_box
        sides = {side: getattr(box, side) for side in ("left", "top", "width", "height")}
        known = {"user_id": face.user_id, "similarity": face.similarity}
        rows.append({**known, "searched": face.searched, **sides, "confidence": face.face_detail.confidence})
        document.append({
            "UserId": face.user_id, "Similarity": face.similarity, "Searched": face.searched,
            "FaceDetail": face.face_detail.to_dict(names="wire"),
        })  # fmt: skip
    columns = ["user_id", "similarity", "searched", "left", "top", "width", "height", "confidence"]
    output.write_rows(call.settings.output, rows, {"Faces": document}, columns)


def _users() -> click.Command:
    params = [_argument(_COLLECTION), *shared_options()]
    return Command("users", callback=shared(_run_users), params=params, help="List the people of a collection.")


def _run_users(call: Call) -> None:
    with client_of(call.settings) as client:
        write_listing(call, client.people(call.values[_COLLECTION]).users(), "list_users")


def _remove() -> click.Command:
    params = [
        _argument(_COLLECTION),
        _argument("user_id"),
        SectionedOption(["--delete-faces"], is_flag=True, default=False, help="Delete the faces of the person too."),
        *shared_options(),
    ]
    text = "Remove a person. The faces stay in the collection without a user, unless --delete-faces is given."
    return Command("remove", callback=shared(_run_remove), params=params, help=text)


def _run_remove(call: Call) -> None:
    values = call.values
    with client_of(call.settings) as client, Progress(f"remove {values['user_id']}"):
        client.people(values[_COLLECTION]).remove(values["user_id"], delete_faces=values["delete_faces"])


def _inventory() -> click.Command:
    params = [_argument(_COLLECTION), *shared_options()]
    text = "List the faces of a collection with their users. The JSON form can be compared with a later one."
    return Command("inventory", callback=shared(_run_inventory), params=params, help=text)


def _run_inventory(call: Call) -> None:
    with client_of(call.settings) as client, Progress("inventory"):
        inventory = client.people(call.values[_COLLECTION]).inventory()
    if call.settings.output == "json":
        print(inventory.to_json())
        return
    names = ["user_id", "user_status", "face_id", "image_id", "external_image_id"]
    states = {user.user_id: user.user_status for user in inventory.users}
    rows = [
        {"user_id": face.user_id, "user_status": states.get(face.user_id or ""), "face_id": face.face_id,
         "image_id": face.image_id, "external_image_id": face.external_image_id}
        for face in inventory.faces
    ]  # fmt: skip
    without = states.keys() - {face.user_id for face in inventory.faces}
    rows += [
        {**dict.fromkeys(names), "user_id": user_id, "user_status": states[user_id]} for user_id in sorted(without)
    ]
    output.write_rows(call.settings.output, rows, None, names)
