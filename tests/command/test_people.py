"""`rekog people`: enroll, identify, list, remove."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from rekog.emulator import Emulator
from tests.kit.backends import Scripted, error_reply, json_reply
from tests.kit.people import face_declaration
from tests.kit.wire import image_file, plain_image

if TYPE_CHECKING:
    from pathlib import Path

    from tests.command.conftest import Done, Run

Service = Callable[..., Scripted]


@pytest.fixture
def staff(tmp_path: Path, run: Run) -> Callable[..., Done]:
    """Return the function that runs a command of `people` on a collection of an emulator with declared faces."""
    folder = tmp_path / "state"
    with Emulator(data=folder) as emulator:
        for shade, name in enumerate(("ann-1", "ann-2"), 1):
            data = image_file(plain_image(200 + shade, 100))
            (tmp_path / f"{name}.png").write_bytes(data)
            emulator.declare(data, faces=[face_declaration("ann", 0)])
        nobody = image_file(plain_image(300, 100))
        (tmp_path / "nobody.png").write_bytes(nobody)
        emulator.declare(nobody, faces=[])
    assert run("create-collection", "staff", "--data", folder).status == 0

    def run_on_staff(command: str, *words: object) -> Done:
        return run("people", command, "staff", *words, "--data", folder)

    return run_on_staff


def test_a_person_is_enrolled_identified_and_removed(staff: Callable[..., Done], tmp_path: Path) -> None:
    ann = tmp_path / "ann-1.png"
    enrolled = json.loads(staff("enroll", "ann", ann, "--json").out)
    assert (enrolled["UserId"], len(enrolled["Faces"]), enrolled["Rejected"]) == ("ann", 1, [])
    header, row = staff("identify", ann, "--format", "csv").out.splitlines()
    assert header == "user_id,similarity,searched,left,top,width,height,confidence"
    assert row.startswith("ann,100.0,true,")
    [found] = json.loads(staff("identify", ann, "--user-match-threshold", 90, "--json").out)["Faces"]
    assert (found["UserId"], found["Searched"]) == ("ann", True)
    assert staff("users").out == "user_id\tuser_status\nann\tACTIVE\n"
    assert staff("remove", "ann", "--delete-faces") == (0, "", "")
    assert staff("users", "--format", "csv").out == "user_id,user_status\n"


def test_rejected_images_are_named_with_their_reasons(staff: Callable[..., Done], tmp_path: Path) -> None:
    done = staff("enroll", "ann", tmp_path / "ann-1.png", tmp_path / "nobody.png", "--quality-filter", "none")
    assert done.status == 0
    assert done.err == f"rejected: {tmp_path / 'nobody.png'}: NO_FACE\n"
    done = staff("enroll", "bob", tmp_path / "nobody.png", "--json")
    assert done.status == 1
    assert json.loads(done.out)["Rejected"] == [{"Source": str(tmp_path / "nobody.png"), "Reasons": ["NO_FACE"]}]
    assert done.err.endswith("error: no face was enrolled for 'bob'\n")


def test_images_are_patterns_or_the_standard_input(
    staff: Callable[..., Done], tmp_path: Path, piped: Callable[[bytes], None]
) -> None:
    piped((tmp_path / "ann-2.png").read_bytes())
    done = staff("enroll", "pair", tmp_path / "ann-1*.png", "-", "--format", "csv")
    assert (done.status, len(done.out.splitlines())) == (0, 3), done.err
    piped((tmp_path / "nobody.png").read_bytes())
    done = staff("enroll", "pair", tmp_path / "none*.png", "-")
    assert done.err.startswith(f"rejected: {tmp_path / 'none*.png'}: ")
    assert "rejected: -: NO_FACE" in done.err


def test_the_inventory_has_faces_and_people_without_faces(staff: Callable[..., Done], run: Run, tmp_path: Path) -> None:
    staff("enroll", "ann", tmp_path / "ann-1.png")
    run("create-user", "staff", "zoe", "--data", tmp_path / "state")
    header, ann, zoe = staff("inventory", "--format", "csv").out.splitlines()
    assert header == "user_id,user_status,face_id,image_id,external_image_id"
    assert ann.startswith("ann,ACTIVE,")
    assert zoe.startswith("zoe,")
    assert zoe.endswith(",,,")
    assert json.loads(staff("inventory", "--json").out)["collection_id"] == "staff"


def test_an_enrollment_that_fails_in_the_middle_names_the_faces_so_far(run: Run, service: Service) -> None:
    service(json_reply({}), error_reply("ThrottlingException", "Slow down."))
    done = run("people", "enroll", "staff", "ann", "examples/images/astronaut.jpg", "--max-attempts", 1)
    assert done.status == 1
    assert "Slow down." in done.err
    assert done.err.endswith("; faces without a user: none\n")


def test_the_help_of_a_command_without_an_example_ends_with_its_options(run: Run) -> None:
    assert run("people", "users", "--help").out.endswith("Show this message and exit.\n")
