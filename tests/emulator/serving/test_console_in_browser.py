"""The console in a headless Chromium: what a person sees and does, by mouse and by keyboard."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from rekog import Credentials, RekognitionClient
from rekog.emulator import Emulator, ManualClock
from tests.emulator.serving.console_screenshots import DESKTOP, NARROW, analyse, group_image, show
from tests.kit.browser import Browser, browser
from tests.kit.wire import ASTRONAUT, HOPPER

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

START = 1_780_000_000
KEY = Credentials("AKID", "secret")


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.fixture
def watched() -> Iterator[Emulator]:
    with Emulator(clock=ManualClock(START), verify_signatures={"AKID": "secret"}) as emulator:
        yield emulator


@pytest.fixture
def page(watched: Emulator, chromium: Browser) -> Iterator[Browser]:
    """Return the browser with the console of the emulator; check that no script failed and the CSP blocked nothing."""
    chromium.look(DESKTOP)
    chromium.events.clear()
    with watched.serve() as url:
        chromium.go(f"{url}/_rekog/console")
        chromium.wait("document.getElementById('server').className == 'up'")
        yield chromium
        expected = "the server responded with a status of 400"  # the browser logs each error of the service
        assert [problem for problem in chromium.problems() if expected not in problem] == []
        chromium.go("about:blank")  # without it, its next poll would be an error of the following test


def texts(page: Browser, selector: str) -> list[str]:
    found: list[str] = page.evaluate(f"[...document.querySelectorAll({selector!r})].map((each) => each.textContent)")
    return found


def click(page: Browser, selector: str) -> None:
    page.evaluate(f"document.querySelector({selector!r}).click()")


def put(page: Browser, selector: str, value: str) -> None:
    """Set the value of a field, as typing it does."""
    page.evaluate(
        f"{{ const field = document.querySelector({selector!r}); field.value = {value!r};"
        " for (const name of ['input', 'change']) field.dispatchEvent(new Event(name, { bubbles: true })); 1 }"
    )


def focused(page: Browser) -> str:
    found: str = page.evaluate("document.activeElement.id || document.activeElement.textContent")
    return found


def test_images_are_indexed_into_the_collection_that_was_open(page: Browser, watched: Emulator) -> None:
    with RekognitionClient.local(watched, credentials=KEY) as client:
        for name in ("first", "second"):
            client.create_collection(name)
        watched.faults.add("IndexFaces", calls=[1], latency=2)
        show(page, "collections", "document.getElementById('collection-name').textContent == 'first'")
        page.choose("#index-file", HOPPER, ASTRONAUT)
        click(page, "#collections li:nth-child(2) button")
        page.wait("document.getElementById('collection-note').textContent.startsWith('Indexed 2 faces')")
        assert [client.describe_collection(name).face_count for name in ("first", "second")] == [2, 0]


def test_an_image_gets_boxes_where_its_content_is(page: Browser, tmp_path: Path) -> None:
    analyse(page, group_image(tmp_path))
    rows = ".map((each) => each.textContent)"
    faces = page.evaluate(f"[...document.querySelectorAll('#results .faces li .row span:first-child')]{rows}")
    assert faces == ["Face 1", "Face 2"]
    assert texts(page, "#results .text li .row span:first-child") == ["WELCOME ABOARD"]
    assert texts(page, "#results .moderation li") == ["nothing found"]
    boxes = page.evaluate(
        "[...document.querySelectorAll('#overlay .faces .shape')].map((each) => {"
        " const box = each.getBoundingClientRect(), image = document.getElementById('image').getBoundingClientRect();"
        " return [(box.left - image.left) / image.width, (box.right - image.left) / image.width] })"
    )
    (left, right), (left_2, right_2) = boxes
    assert 0.15 < left < right < 0.45  # Grace Hopper's head in the left half of the image
    assert 0.6 < left_2 < right_2 < 0.8
    click(page, "#results .faces button")
    assert page.evaluate("document.querySelectorAll('#overlay .active').length") == 1
    assert page.evaluate("document.querySelector('#results .faces button').ariaPressed") == "true"


def test_declared_content_and_refusals_are_shown(page: Browser, watched: Emulator) -> None:
    watched.declare(ASTRONAUT, moderation=[("Weapons", 91.5)], labels=["Rocket"], text=[])
    watched.faults.add("DetectText", error="ThrottlingException", status=400)
    analyse(page, ASTRONAUT)
    assert texts(page, "#results .labels .row span") == ["Rocket", "100.0\u00a0%"]
    assert texts(page, "#results .moderation .row span") == ["Weapons", "91.5\u00a0%", "Violence", "91.5\u00a0%"]
    assert texts(page, "#results .moderation .facts") == ["in Violence"]
    assert sorted(texts(page, "#chips .chip")) == ["Rocket", "Violence", "Weapons"]
    (failure,) = texts(page, "#results .text .failed")
    assert failure.startswith("ThrottlingException: ")


def test_an_image_is_dropped(page: Browser) -> None:
    page.evaluate(
        "(async () => { const canvas = new OffscreenCanvas(200, 100); canvas.getContext('2d').fillRect(0, 0, 9, 9);"
        " const blob = await canvas.convertToBlob({ type: 'image/webp' }); const dataTransfer = new DataTransfer();"
        " dataTransfer.items.add(new File([blob], 'a.webp', { type: 'image/webp' }));"
        " const drop = new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true });"
        " document.body.dispatchEvent(drop) })()"
    )
    note = "document.getElementById('image-note').textContent"
    page.wait(f"{note}.includes('faces: ')")
    assert page.evaluate(note).startswith("a.webp, 200 × 100 pixels, sent as a JPEG: faces: 0, ")


def test_a_file_that_is_no_image_is_an_error_that_names_it(page: Browser, tmp_path: Path) -> None:
    (tmp_path / "notes.png").write_text("a note")
    page.choose("#image-file", tmp_path / "notes.png")
    page.wait("!document.getElementById('error').hidden")
    assert texts(page, "#error") == ["The browser can't read notes.png as an image."]


def test_a_collection_is_created_filled_searched_and_deleted(page: Browser, watched: Emulator, tmp_path: Path) -> None:
    show(page, "collections", "document.querySelector('#collections .empty') && 1")
    put(page, "#collection-id", "staff")
    click(page, "#new-collection button")
    page.wait("document.getElementById('collection-name').textContent == 'staff'")
    odd = tmp_path / "<b>grace & co</b>.jpg".replace("/", "_")
    shutil.copy(HOPPER, odd)
    page.choose("#index-file", odd, ASTRONAUT)
    page.wait("document.querySelectorAll('#faces canvas').length == 2")
    assert texts(page, "#collection-note") == ["Indexed 2 faces."]
    assert texts(page, "#faces strong") == ["_b_grace___co__b_.jpg", "astronaut.jpg"]
    page.choose("#search-file", HOPPER)
    page.wait("document.querySelectorAll('#faces .match').length")
    assert texts(page, "#faces .match strong") == ["_b_grace___co__b_.jpg"]
    click(page, "#faces .match button")
    page.wait("document.querySelectorAll('#faces li').length == 1")
    click(page, "#collection-delete")
    assert page.evaluate("document.getElementById('confirm').open")
    click(page, "#confirm [value=no]")
    click(page, "#collection-delete")
    click(page, "#confirm [value=yes]")
    page.wait("document.querySelector('#collections .empty') && 1")
    assert [call.operation for call in watched.calls] == [
        *["CreateCollection", "IndexFaces", "IndexFaces", "SearchFacesByImage", "DeleteFaces", "DeleteCollection"]
    ]


def test_calls_appear_as_they_come_and_are_filtered(page: Browser, watched: Emulator) -> None:
    show(page, "calls", "document.querySelector('#calls .empty') && 1")
    with RekognitionClient.local(watched, credentials=KEY) as client:
        client.create_collection("people")
        with pytest.raises(client.exceptions.ResourceNotFoundException):
            client.describe_collection("nobody")
    page.wait("document.querySelectorAll('#calls tr').length == 2")
    assert texts(page, "#calls button") == ["DescribeCollection", "CreateCollection"]
    click(page, "#only-errors")
    assert texts(page, "#calls td:nth-child(4)") == ["ResourceNotFoundException"]
    click(page, "#calls button")
    assert page.evaluate("JSON.parse(document.getElementById('call-request').textContent)") == {
        "CollectionId": "nobody"
    }
    page.press("Escape")
    page.wait("!document.getElementById('call').open")
    click(page, "#only-errors")
    put(page, "#call-filter", "create")
    assert texts(page, "#calls button") == ["CreateCollection"]
    click(page, "#clear-calls")
    page.wait("document.querySelector('#calls .empty') && 1")
    assert len(watched.calls) == 0


def test_faults_are_set_and_cleared_and_the_clock_moves(page: Browser, watched: Emulator) -> None:
    show(page, "faults", "document.querySelector('#faults .empty') && 1")
    put(page, "#fault-operation", "DetectFaces")
    put(page, "#fault-effect", "latency")
    put(page, "#fault-latency", "0.5")
    put(page, "#fault-calls", "calls")
    put(page, "#fault-calls-calls", "1, 3")
    click(page, "#new-fault button")
    page.wait("!document.querySelector('#faults .empty')")
    assert texts(page, "#faults li") == ["DetectFaces: latency of 0.5 s for calls 1, 3"]
    (fault,) = watched.faults.listed
    assert (fault.operation, fault.calls, fault.latency) == ("DetectFaces", (1, 3), 0.5)
    put(page, "#fault-operation", "DetectNothing")
    click(page, "#new-fault button")
    page.wait("!document.getElementById('error').hidden")
    assert texts(page, "#error")[0].startswith("operation must be one of the service's")
    click(page, "#clear-faults")
    page.wait("document.querySelector('#faults .empty') && 1")
    assert len(watched.faults) == 0
    put(page, "#seconds", "2")
    put(page, "#unit", "3600")
    click(page, "#advance button")
    page.wait("document.getElementById('now').textContent == '2026-05-28 22:26:40 UTC'")
    assert watched.clock() == START + 7200


def test_the_keyboard_reaches_everything(page: Browser) -> None:
    page.evaluate("document.getElementById('tab-image').focus()")
    for key, tab in [
        ("ArrowRight", "collections"),
        ("End", "faults"),
        ("ArrowRight", "image"),
        ("ArrowLeft", "faults"),
    ]:
        page.press(key)
        assert focused(page) == f"tab-{tab}"
        assert page.evaluate(f"document.getElementById('panel-{tab}').hidden") is False
    page.press("Home")
    page.press("Tab")
    assert focused(page) == "image-file"
    page.press("Tab", shift=True)
    assert focused(page) == "tab-image"
    show(page, "collections", "document.querySelector('#collections .empty') && 1")
    page.evaluate("document.getElementById('collection-id').focus()")
    page.type("people")
    page.press("Enter")
    page.wait("document.getElementById('collection-name').textContent == 'people'")


@pytest.mark.parametrize("tab", ["image", "collections", "calls", "faults"])
def test_every_control_has_a_name(page: Browser, watched: Emulator, tab: str) -> None:
    with RekognitionClient.local(watched, credentials=KEY) as client:
        client.create_collection("people")
    show(page, tab, f"!document.getElementById('panel-{tab}').hidden")
    controls = {"button", "checkbox", "combobox", "textbox", "searchbox", "spinbutton", "tab", "listbox", "dialog"}
    nodes = [node for node in page.send("Accessibility.getFullAXTree")["nodes"] if not node["ignored"]]
    found = [node for node in nodes if node["role"]["value"].lower() in controls]
    assert len(found) > 5
    assert [node for node in found if not node["name"]["value"].strip()] == []


@pytest.mark.parametrize("tab", ["image", "collections", "calls", "faults"])
def test_a_narrow_screen_needs_no_sideways_scrolling(page: Browser, watched: Emulator, tab: str) -> None:
    watched.add_faces("a-collection-with-a-rather-long-name-" + "x" * 60, ASTRONAUT.parent)
    page.look(NARROW)
    show(page, tab, f"!document.getElementById('panel-{tab}').hidden")
    if tab == "collections":
        page.wait("document.querySelectorAll('#faces li').length > 1")
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width == 0


def test_colours_follow_the_system(page: Browser) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    page.look(DESKTOP, dark=True)
    assert (light, page.evaluate(background)) == ("rgb(246, 247, 249)", "rgb(20, 23, 28)")


def test_the_page_reports_a_lost_server_and_recovers_by_itself(chromium: Browser) -> None:
    with Emulator() as emulator:
        with emulator.serve() as url:
            chromium.go(f"{url}/_rekog/console#calls")
            chromium.wait("document.getElementById('server').className == 'up'")
        chromium.wait("document.getElementById('server').className == 'down'")
        assert texts(chromium, "#server") == ["The emulator did not respond."]
        with emulator.serve(port=int(url.rpartition(":")[2])):
            chromium.wait("document.getElementById('server').className == 'up'")
    chromium.go("about:blank")


def test_a_page_of_another_origin_reads_nothing(page: Browser, watched: Emulator) -> None:
    url = page.evaluate("location.origin")
    with Emulator() as other, other.serve() as attacker:
        page.go(f"{attacker}/_rekog/console")  # another port is another origin
        for options in ("{}", "{headers: {'X-Rekog-Console': '1'}}", "{method: 'POST', mode: 'no-cors', body: '{}'}"):
            path = "reset" if "POST" in options else "calls"
            result = page.evaluate(
                f"fetch('{url}/_rekog/{path}', {options}).then((response) => response.type, () => 'blocked')"
            )
            assert result in ("blocked", "opaque")
        page.events.clear()  # the browser logs what it has blocked
        page.go(url + "/_rekog/console")
    assert len(watched.calls) == 0
