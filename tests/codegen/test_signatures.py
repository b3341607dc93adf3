"""Stored signatures: the generator refuses a change that breaks a call, and `--accept` accepts it."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegen.__main__ import main, render
from codegen.signatures import SIGNATURES, narrowed, signatures, stored, text
from tests.codegen.tiny import Files, tiny_files, tiny_service

BROKEN = {
    "removed": ("f(a, *, b=None)", "f(a)", "f: `b` is removed"),
    "removed positional": ("f(a, b)", "f(a)", "f: `b` is removed"),
    "renamed": ("f(*, a=None)", "f(*, b=None)", "f: `a` is removed"),
    "required": ("f(*, a=None)", "f(*, a)", "f: `a` becomes required"),
    "positional required": ("f(a=None)", "f(a)", "f: `a` becomes required"),
    "new and required": ("f()", "f(*, a)", "f: `a` becomes required"),
    "keyword-only": ("f(a, b)", "f(a, *, b)", "f: `b` loses its position"),
    "other order": ("f(a, b)", "f(b, a)", "f: `a` loses its position"),
    "pushed back": ("f(a)", "f(x=None, a=None)", "f: `a` loses its position"),
}
COMPATIBLE = {
    "equal": ("f(a, *, b=None)", "f(a, *, b=None)"),
    "a new option": ("f(a)", "f(a, *, b=None)"),
    "a new last position": ("f(a)", "f(a, b=None)"),
    "optional": ("f(a, *, b)", "f(a=None, *, b=None)"),
    "a position for a keyword": ("f(a, *, b)", "f(a, b)"),
    "another default": ("f(*, a=1)", "f(*, a=2)"),
    "another order of keywords": ("f(*, a, b)", "f(*, b, a)"),
}


@pytest.mark.parametrize(("before", "after", "change"), BROKEN.values(), ids=BROKEN)
def test_a_change_that_breaks_calls_is_reported(before: str, after: str, change: str) -> None:
    assert change in narrowed({"f": before}, {"f": after})


@pytest.mark.parametrize(("before", "after"), COMPATIBLE.values(), ids=COMPATIBLE)
def test_a_compatible_change_is_not_reported(before: str, after: str) -> None:
    assert narrowed({"f": before}, {"f": after}) == []


def test_a_method_that_is_gone_is_reported() -> None:
    assert narrowed({"f": "f()", "g": "g()"}, {"f": "f()"}) == ["g: removed"]


def test_signatures_cover_methods_pagers_waiters_and_constructors_without_types() -> None:
    listed = signatures(render(tiny_service()))

    assert (
        listed["list_things"] == "list_things(names, *, next_token=None, max_results=None, colours=None, options=None)"
    )
    assert listed["wait_until_thing_made"].startswith("wait_until_thing_made(names, colours, thing_id, *, delay=None")
    assert listed["S3Object"] == "S3Object(*, bucket=None, name=None)"
    assert [name for name in listed if name.startswith("_")] == []


def test_the_stored_text_is_read_back(tmp_path: Path) -> None:
    listed = signatures(render(tiny_service()))
    (tmp_path / "signatures.txt").write_text(text(listed))

    assert stored(tmp_path / "signatures.txt") == listed


def _tiny_signatures(files: Files) -> dict[str, str]:
    return signatures(render(tiny_service(files)))


def test_a_new_member_that_the_service_requires_narrows_its_constructor() -> None:
    files = tiny_files()
    before = _tiny_signatures(files)
    files["model"]["shapes"]["Thing"]["members"]["Weight"] = {"shape": "Integer"}
    files["model"]["shapes"]["Thing"]["required"].append("Weight")

    assert narrowed(before, _tiny_signatures(files)) == ["Thing: `weight` becomes required"]


def test_a_new_member_that_decisions_list_as_later_has_a_default() -> None:
    files = tiny_files()
    before = _tiny_signatures(files)
    for shape in ("Thing", "MakeThingRequest", "MakeThingResponse"):
        files["model"]["shapes"][shape]["members"]["Weight"] = {"shape": "Integer"}
        files["model"]["shapes"][shape].setdefault("required", []).append("Weight")
        files["decisions"]["later"][shape] = ["Weight"]

    after = _tiny_signatures(files)

    assert narrowed(before, after) == []
    assert "weight=None" in after["make_thing"]
    assert [
        name for name in ("Thing", "MakeThingRequest", "MakeThingResponse") if "weight=None" not in after[name]
    ] == []


def _narrower(path: Path) -> Path:
    """Write the real signatures with one more parameter of `detect_text`, as if the generator had lost it."""
    before = SIGNATURES.read_text("utf-8")
    path.write_text(before.replace("detect_text(image, *, ", "detect_text(image, *, lost=None, "), "utf-8")
    return path


@pytest.mark.slow
@pytest.mark.usefixtures("rendered_once")
@pytest.mark.parametrize("arguments", [["--check"], []])
def test_a_narrower_signature_stops_the_generator_before_it_writes(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = _narrower(tmp_path / "signatures.txt")
    before = listed.read_bytes()

    status = main(arguments, tmp_path / "package", listed)

    change = "detect_text: `lost` is removed, which breaks calls"
    assert (status, capsys.readouterr().err) == (1, f"codegen: {change}; `python -m codegen --accept` accepts it\n")
    assert (list(tmp_path.iterdir()), listed.read_bytes()) == ([listed], before)


@pytest.mark.usefixtures("rendered_once")
def test_accept_writes_the_files_and_stores_the_narrower_signature(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = _narrower(tmp_path / "signatures.txt")

    status = main(["--accept"], tmp_path / "package", listed)

    assert (status, "wrote signatures.txt\n" in capsys.readouterr().out) == (0, True)
    assert listed.read_bytes() == SIGNATURES.read_bytes()
    assert (tmp_path / "package/_generated/client.py").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("rendered_once")
def test_the_check_reports_stored_signatures_that_lack_a_new_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed, package = tmp_path / "signatures.txt", tmp_path / "package"
    main(["--accept"], package, listed)
    lines = listed.read_text("utf-8").splitlines(keepends=True)
    listed.write_text("".join(line for line in lines if not line.startswith("detect_text(")), "utf-8")
    capsys.readouterr()

    assert main(["--check"], package, listed) == 1
    assert capsys.readouterr().err == (
        "codegen: signatures.txt differs from the generator's output; run `python -m codegen`\n"
    )
    assert main([], package, listed) == 0
    assert listed.read_bytes() == SIGNATURES.read_bytes()
