"""The command of each operation: its options, its request, its result."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from botocore import xform_name  # pyright: ignore[reportUnknownVariableType]  # botocore has no types
from botocore.session import Session

from rekog._generated.operations import METHODS, OPERATIONS
from rekog._generated.paging import PAGED
from rekog._generated.shapes import SHAPES
from rekog.command.examples import example_of
from rekog.command.operations import operation_command, summaries
from rekog.command.parameters import description_of
from tests.kit.backends import PNG, Scripted, error_reply, json_reply
from tests.kit.samples import arguments, sample

if TYPE_CHECKING:
    from tests.command.conftest import Run

Service = Callable[..., Scripted]

ENDED = [name for name in OPERATIONS if name.startswith("Get") and "JobStatus" in SHAPES[f"{name}Response"].members]
"""Operations whose pages can be read once the job has ended."""
MODEL: Any = Session().get_service_model("rekognition")  # pyright: ignore[reportUnknownMemberType]  # no types


def command_name(operation: str) -> str:
    return str(xform_name(operation, "-"))


def words_of(operation: str, wire: dict[str, Any]) -> Iterator[str]:
    """Yield the options of a request, as the AWS CLI names them: each list of scalars by repeated options."""
    for member, value in wire.items():
        shape = SHAPES[SHAPES[f"{operation}Request"].members[member]]
        flag = f"--{xform_name(member, '-')}"
        if shape.kind == "boolean":
            yield flag if value else f"--no-{flag[2:]}"
        elif shape.kind == "map":
            yield from (word for key, item in value.items() for word in (flag, f"{key}={item}"))
        elif shape.kind == "list" and SHAPES[shape.item].kind != "structure":
            yield from (word for item in value for word in (flag, str(item)))
        else:
            yield from (flag, value if isinstance(value, str) else json.dumps(value, default=lambda _: "AAEC"))


def without_pages(operation: str, wire: dict[str, Any]) -> dict[str, Any]:
    hidden = ("NextToken", "MaxResults") if OPERATIONS[operation].method_name in PAGED else ()
    return {name: value for name, value in wire.items() if name not in hidden}


def expected_json(shape: str, value: Any) -> Any:
    """Return a sample with its times in ISO 8601."""
    kind = SHAPES[shape]
    if kind.kind == "structure":
        return {name: expected_json(kind.members[name], item) for name, item in value.items()}
    if kind.kind == "list":
        return [expected_json(kind.item, item) for item in value]
    return "2023-11-14T22:13:20+00:00" if kind.kind == "timestamp" else value


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_options_of_the_aws_cli_make_the_request_and_json_is_the_response(
    run: Run, service: Service, operation: str
) -> None:
    wire = without_pages(operation, arguments(operation))
    response = sample(f"{operation}Response")
    response.pop("NextToken", None)
    if operation in ENDED:
        response["JobStatus"] = "SUCCEEDED"
    scripted = service(json_reply(response))

    done = run(command_name(operation), *words_of(operation, wire), "--json")

    assert done.status == 0, done.err
    assert json.loads(done.out) == expected_json(f"{operation}Response", response)
    sent = without_pages(operation, scripted.sent[0].wire)
    assert sent == json.loads(json.dumps(wire, default=lambda _: "AAEC"))


def test_each_member_of_a_request_has_an_option_or_is_a_token_of_pages() -> None:
    for name in MODEL.operation_names:
        members = set(MODEL.operation_model(name).input_shape.members)
        options = {
            flag for param in operation_command(command_name(name)).params for flag in param.opts if flag[:2] == "--"
        }
        missing = {member for member in members if f"--{xform_name(member, '-')}" not in options}
        assert missing <= {"NextToken", "MaxResults"}, name


def test_each_operation_has_a_summary_in_a_family() -> None:
    listed = [row for rows in summaries().values() for row in rows]
    assert sorted(name for name, _ in listed) == sorted(map(command_name, OPERATIONS))
    assert all(summary.endswith(".") for _, summary in listed)


@pytest.mark.parametrize("method", METHODS)
def test_the_example_of_an_operation_is_a_valid_command_line(method: str) -> None:
    example = example_of(description_of(method).example, method).replace("@FILE", "'{}'")
    program, name, *words = shlex.split(example)
    assert (program, name) == ("rekog", method.replace("_", "-"))
    command = operation_command(name)
    required = [param for param in command.params if param.required]
    context = command.make_context(name, words)
    assert all(context.params[str(param.name)] for param in required)


def test_examples_show_structures_with_the_services_names() -> None:
    code = (
        'output = models.OutputConfig(s3_bucket="b")\nclient.train(arn, output_config=output, tags={"a": "b"}, x=[1])'
    )
    assert example_of(code, "train") == """rekog train ARN --output-config '{"S3Bucket": "b"}' --tags a=b --x 1"""
    assert example_of("client.other()", "train") == ""
    assert example_of('client.put(a=b"x", b=True, c=[{"d": 1}])', "put") == "rekog put --a @FILE --b --c '[{\"d\": 1}]'"


def test_positional_arguments_are_those_of_the_method(run: Run, service: Service) -> None:
    scripted = service(json_reply({}))
    run("delete-faces", "staff", "face-1", "face-2")
    assert scripted.sent[0].wire == {"CollectionId": "staff", "FaceIds": ["face-1", "face-2"]}


def test_an_argument_given_as_an_option_leaves_the_words_to_the_others(run: Run, service: Service) -> None:
    scripted = service(json_reply({}))
    run("index-faces", "--collection-id", "staff", "s3://photos/cat.jpg")
    image = {"S3Object": {"Bucket": "photos", "Name": "cat.jpg"}}
    assert scripted.sent[0].wire == {"CollectionId": "staff", "Image": image}


def test_tags_are_positional_pairs(run: Run, service: Service) -> None:
    scripted = service(json_reply({}))
    run("tag-resource", "arn:aws:rekognition:eu-west-1:1:collection/staff", "team=door", '{"floor": "2"}')
    assert scripted.sent[0].wire["Tags"] == {"team": "door", "floor": "2"}


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["index-faces", "staff"], "missing argument: IMAGE"),
        (["index-faces"], "missing arguments: COLLECTION_ID IMAGE"),
        (["detect-text", "a.png", "b.png"], "unexpected extra argument: b.png"),
        (["detect-labels"], "missing argument: IMAGE"),
        (["start-segment-detection", "s3://films/a.mp4"], "Missing option '--segment-types'"),
        (["compare-faces", "-", "-"], "only one image can be -"),
        (["detect-labels", "a.png", "--max-labels", "x"], "'x' is not a valid integer"),
        (["detect-faces", "a.png", "--attributes", "SMIEL"], "'SMIEL' is not one of"),
    ],
)
def test_a_wrong_command_line_is_a_usage_error(run: Run, words: list[str], error: str) -> None:
    done = run(*words)
    assert done.status == 2
    assert error in done.err
    assert f"Try 'rekog {words[0]} --help'." in done.err


def test_all_pages_are_read_into_one_document(run: Run, service: Service) -> None:
    first = {"CollectionIds": ["a"], "FaceModelVersions": ["7.0"], "NextToken": "t"}
    scripted = service(json_reply(first), json_reply({"CollectionIds": ["b"], "FaceModelVersions": ["6.0"]}))
    done = run("list-collections", "--page-size", 1, "--json")
    assert json.loads(done.out) == {"CollectionIds": ["a", "b"], "FaceModelVersions": ["7.0", "6.0"]}
    assert [sent.wire for sent in scripted.sent] == [{"MaxResults": 1}, {"MaxResults": 1, "NextToken": "t"}]


def test_a_listing_that_ends_early_has_the_token_to_continue(run: Run, service: Service) -> None:
    page = json_reply({"Faces": [sample("Face", 1), sample("Face", 2)], "FaceModelVersion": "7.0"})
    service(page)
    document = json.loads(run("list-faces", "staff", "--max-items", 1, "--json").out)
    done = run("list-faces", "staff", "--max-items", 1, "--format", "csv")
    assert [face["FaceId"] for face in document["Faces"]] == [sample("Face", 1)["FaceId"]]
    assert done.err == f"more results: --starting-token {document['NextToken']}\n"
    rest = run("list-faces", "staff", "--starting-token", document["NextToken"], "--json")
    assert [face["FaceId"] for face in json.loads(rest.out)["Faces"]] == [sample("Face", 2)["FaceId"]]


def test_an_image_may_come_from_the_standard_input(run: Run, service: Service, piped: Callable[[bytes], None]) -> None:
    scripted = service(json_reply({}))
    piped(PNG)
    assert run("detect-text", "-").status == 0
    assert list(scripted.sent[0].wire["Image"]) == ["Bytes"]


def test_an_error_of_the_service_is_one_line(run: Run, service: Service) -> None:
    service(error_reply("ResourceNotFoundException", "No staff\x1b[31m\nhere."))
    done = run("list-faces", "staff")
    assert (done.status, done.out) == (1, "")
    assert done.err == "error: No staff [31m here. (ResourceNotFoundException)\n"


def test_verbose_shows_the_request_id_and_a_line_for_each_request(run: Run, service: Service) -> None:
    service(error_reply("ResourceNotFoundException", "No staff."))
    done = run("-v", "list-faces", "staff")
    assert "DEBUG: ListFaces: attempt 1: HTTP 400" in done.err
    assert "error: No staff. (ResourceNotFoundException, ListFaces, HTTP 400, request request-1)" in done.err


def test_a_warning_of_the_client_is_one_line(run: Run, service: Service) -> None:
    service(json_reply({}))
    done = run("detect-labels", "s3://photos/cat.jpg", "--min-confidence", 0.8)
    assert done.status == 0
    assert done.err.startswith("warning: ")
    assert done.err.count("\n") == 1


def test_a_deprecated_operation_warns(run: Run, service: Service) -> None:
    service(json_reply({"JobId": "1"}))
    done = run("start-person-tracking", "s3://films/street.mp4")
    assert (done.status, done.out) == (0, "job_id\t1\n")
    assert done.err.startswith("warning: ")


def test_the_results_of_a_running_job_are_an_error_that_names_the_wait(run: Run, service: Service) -> None:
    service(json_reply({"JobStatus": "IN_PROGRESS"}))
    done = run("get-label-detection", "1")
    assert (done.status, done.out) == (1, "")
    assert "rekog job wait label-detection" in done.err


def test_a_problem_of_an_argument_names_its_option(run: Run, service: Service) -> None:
    scripted = service()
    done = run("detect-labels", "s3://photos/cat.jpg", "--max-labels", -1)
    assert (done.status, done.err) == (2, "error: max-labels: must be at least 0, not -1\n")
    done = run("create-face-liveness-session", "--settings", '{"OutputConfig": {"S3Bucket": "b"}}')
    assert done.err.startswith("error: settings: output_config.s3_bucket: must have at least")
    assert scripted.sent == []


def test_the_help_has_sections_and_an_example(run: Run) -> None:
    done = run("detect-labels", "-h")
    titles = [line for line in done.out.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert titles == [
        "Arguments, in this order or as options:", "Options:", "Images:", "Service:", "Embedded emulator:", "Output:",
        "Help:", "Example:",
    ]  # fmt: skip
    assert "rekog detect-labels s3://photos/cat.jpg --max-labels 10 --min-confidence 80" in done.out
    text = " ".join(done.out.split())
    assert "Members: GENERAL_LABELS, IMAGE_PROPERTIES. Repeatable." in text
    assert "ImageProperties: {MaxDominantColors: NUMBER}}." in text


@pytest.mark.parametrize("name", ["detect-labels", "copy-project-version", "list-faces"])
@pytest.mark.parametrize("columns", [40, 80, 200])
def test_no_line_of_the_help_is_wider_than_the_terminal(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    help_text = run(name, "--help").out.partition("\nExample:")[0]  # the example stays on one line, to be copied
    assert max(map(len, help_text.splitlines())) <= min(columns, 100)
