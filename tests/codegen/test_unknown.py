"""One unknown feature at a time: each must stop the generator by name, none may be guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from codegen.known import UnknownFeatureError
from tests.codegen.tiny import Files, modelled_waiter, tiny_files, tiny_service

ABSENT = object()


def _changed(files: Files, path: str, value: object) -> Files:
    """Set the value at a path of keys separated by slashes, or remove it."""
    *parents, last = path.split("/")
    parent: Any = files
    for key in parents:
        parent = parent[_index(key)]
    if value is ABSENT:
        del parent[last]
    else:
        parent[_index(last)] = value
    return files


def _index(key: str) -> str | int:
    return int(key) if key.isdecimal() else key


def _error(path: str, value: object) -> str:
    with pytest.raises(UnknownFeatureError) as caught:
        tiny_service(_changed(tiny_files(), path, value))
    return str(caught.value)


SHAPE = "model/shapes"
MAKE = "model/operations/MakeThing"
WAITER = "decisions/waiters/ThingsRed"
PAGES = {"input_token": "NextToken", "output_token": "NextToken", "limit_key": "MaxResults", "result_key": "Things"}
WAITS: Mapping[str, Any] = modelled_waiter()

MODEL: dict[str, tuple[str, object, str]] = {
    "a key of the model": ("model/examples", {}, "the service model .*examples"),
    "a key of the metadata": ("model/metadata/awsQueryCompatible", {}, "metadata .*awsQueryCompatible"),
    "the query protocol": ("model/metadata/protocol", "query", "protocol is query, not json"),
    "another JSON version": ("model/metadata/jsonVersion", "1.0", "jsonVersion is 1.0, not 1.1"),
    "another signature": ("model/metadata/signatureVersion", "v4a", "signatureVersion is v4a"),
    "another target prefix": ("model/metadata/targetPrefix", "Other", "targetPrefix is Other"),
    "an operation key": (f"{MAKE}/httpChecksum", {}, "MakeThing .*httpChecksum"),
    "GET": (f"{MAKE}/http", {"method": "GET", "requestUri": "/"}, "MakeThing is not POST /: .*GET"),
    "another path": (f"{MAKE}/http/requestUri", "/things", "MakeThing is not POST /: .*/things"),
    "an operation without input": (f"{MAKE}/input", ABSENT, "MakeThing's input is not a plain MakeThingRequest: None"),
    "an operation without output": (f"{MAKE}/output", ABSENT, "MakeThing's output"),
    "an input of another name": (f"{MAKE}/input", {"shape": "Thing"}, "MakeThing's input"),
    "an output with a wrapper": (f"{MAKE}/output/resultWrapper", "R", "MakeThing's output .*resultWrapper"),
    "an unknown type": (f"{SHAPE}/String/type", "bigInteger", "String has the type bigInteger"),
    "a type that is a key of the model": (f"{SHAPE}/String/type", "member", "String has the type member"),
    "a structure trait": (f"{SHAPE}/Thing/union", True, "Thing .*union"),
    "a document type": (f"{SHAPE}/Thing/document", True, "Thing .*document"),
    "a structure's payload": (f"{SHAPE}/Thing/payload", "Image", "Thing .*payload"),
    "an event stream": (f"{SHAPE}/Thing/eventstream", True, "Thing .*eventstream"),
    "a list trait": (f"{SHAPE}/Names/flattened", True, "Names .*flattened"),
    "a map trait": (f"{SHAPE}/Tags/locationName", "t", "Tags .*locationName"),
    "a string trait": (f"{SHAPE}/String/box", True, "String .*box"),
    "a number trait": (f"{SHAPE}/Integer/box", True, "Integer .*box"),
    "a streaming blob": (f"{SHAPE}/Bytes/streaming", True, "Bytes .*streaming"),
    "a timestamp format": (f"{SHAPE}/Timestamp/timestampFormat", "iso8601", "Timestamp .*timestampFormat"),
    "a boolean trait": (f"{SHAPE}/Boolean/box", True, "Boolean .*box"),
    "an error code of its own": (f"{SHAPE}/ThrottlingException/error", {"code": "T"}, "ThrottlingException .*error"),
    "a member trait": (f"{SHAPE}/Thing/members/Colour/location", "header", r"Thing\.Colour .*location"),
    "a member's other name": (f"{SHAPE}/Thing/members/Colour/locationName", "c", r"Thing\.Colour .*locationName"),
    "a list of timestamps": (f"{SHAPE}/Names/member/shape", "Timestamp", "Names is a list of Timestamp, a timestamp"),
    "a list of blobs": (f"{SHAPE}/Names/member/shape", "Bytes", "Names is a list of Bytes"),
    "a list of lists": (f"{SHAPE}/Versions/member/shape", "Versions", "Versions is a list of Versions, a list"),
    "a list of maps": (f"{SHAPE}/Names/member/shape", "Tags", "Names is a list of Tags"),
    "a map to structures": (f"{SHAPE}/Tags/value/shape", "Thing", "Tags is a map"),
    "a map from numbers": (f"{SHAPE}/Tags/key/shape", "Integer", "Tags is a map"),
    "a member that Python cannot name": (f"{SHAPE}/Thing/members/Class", {"shape": "String"}, "Thing .*class"),
    "two members of one name": (f"{SHAPE}/Thing/members/isNew", {"shape": "Boolean"}, "Thing .*is_new"),
    "a member that hides an argument": (f"{SHAPE}/Thing/members/Options", {"shape": "String"}, "Thing .*options"),
    "a value that Python cannot name": (f"{SHAPE}/Colour/enum/0", "dark-red", "Colour .*dark-red"),
    "a token in a nested structure": (f"{SHAPE}/Thing/members/ThingId/idempotencyToken", True, "Thing has 1 idem"),
    "two tokens": (f"{SHAPE}/MakeThingRequest/members/Secret/idempotencyToken", True, "MakeThingRequest has 2 idem"),
    "a token that is not a string": (f"{SHAPE}/Thing/members/Made/idempotencyToken", True, r"Thing\.Made must be a s"),
    "JSON that is not in a string": (f"{SHAPE}/Thing/members/Made/jsonvalue", True, r"Thing\.Made must be a string"),
    "an error member that is not a string": (
        f"{SHAPE}/HumanLoopQuotaExceededException/members/QuotaCode/shape",
        "Integer",
        r"HumanLoopQuotaExceededException\.QuotaCode must be a string, not integer",
    ),
    "a pattern that Python cannot compile": (f"{SHAPE}/Name/pattern", r"\p{L}", r"Name has a pattern .*patterns"),
    "a paginator key": ("paginators/ListThings/more_results", "More", "ListThings .*more_results"),
    "a paginator with other tokens": ("paginators/ListThings/input_token", "Marker", "ListThings .*Marker"),
    "a paginator without a page size": ("paginators/ListThings/limit_key", ABSENT, "ListThings .*None"),
    "a paginator of another pair": ("paginators/ListThings/result_key", ["Things", "Names"], "ListThings .*Things, N"),
    "a paginator of no list": ("paginators/ListThings/result_key", "StatusMessage", "ListThings .*StatusMessage"),
    "a paginator of no paged operation": ("paginators/MakeThing", PAGES, "paginators .*MakeThing"),
    "a paged operation without MaxResults": (
        f"{SHAPE}/ListThingsRequest/members/MaxResults", ABSENT, "paging of ListThings .*MaxResults"
    ),
    "a structure with the name of ours": (
        f"{SHAPE}/ListedCollection", {"type": "structure", "members": {}}, "has a ListedCollection of its own"
    ),
    "a waiter key": ("waiters/W", {**WAITS, "jitter": 1}, "waiter W .*jitter"),
    "an acceptor key": ("waiters/W", {**WAITS, "acceptors": [{"path": "a"}]}, "waiter W .*path"),
    "a matcher": (
        "waiters/W",
        {**WAITS, "acceptors": [{"state": "success", "matcher": "status", "expected": 200}]},
        "waiter W's acceptor .*status",
    ),
    "a waiter state": (
        "waiters/W",
        {**WAITS, "acceptors": [{"state": "retry", "matcher": "error", "expected": "ThrottlingException"}]},
        "waiter W's acceptor .*retry",
    ),
    "a waiter of no operation": ("waiters/W", {**WAITS, "operation": "LoseThing"}, "waiter W's operation .*LoseThing"),
    "a waiter without a message beside": ("waiters/W", WAITS, "waiter W .*Thing .*StatusMessage"),
}  # fmt: skip

DECISIONS: dict[str, tuple[str, object, str]] = {
    "a table": ("decisions/renames", {}, r"decisions\.toml .*renames"),
    "a table that is missing": ("decisions/always", ABSENT, r"decisions\.toml lacks always"),
    "an operation without a family": ("decisions/families/things", ["MakeThing"], "families.* lacks ListThings"),
    "a family of no operation": ("decisions/families/more", ["LoseThing"], "families.*LoseThing"),
    "an always of no structure": ("decisions/always/Thin", ["ThingId"], "always.*Thin"),
    "an always of no member": ("decisions/always/Thing", ["Weight"], "always.*Thing.*Weight"),
    "a later of no structure": ("decisions/later/Thin", ["ThingId"], "later.*Thin"),
    "a later of no member": ("decisions/later/Thing", ["Weight"], "later.*Thing.*Weight"),
    "an operation without positions": ("decisions/positional/MakeThing", ABSENT, "positional.* lacks MakeThing"),
    "positions of no operation": ("decisions/positional/LoseThing", [], "positional.*LoseThing"),
    "positions without a required member": ("decisions/positional/ListOldThings", [], "positional.*ListOldThings"),
    "a position of an optional member": ("decisions/positional/MakeThing", ["Thing"], "positional.*MakeThing.*Thing"),
    "three positions": ("decisions/positional/MakeThing", ["Image"] * 3, "positional.*MakeThing has more than 2"),
    "a pattern of no type": ("decisions/patterns/Keys", ".*", "patterns.*Keys"),
    "a pattern that does not compile": ("decisions/patterns/TagKey", "(", "TagKey has a pattern"),
    "a pager of no operation": ("decisions/paging/LoseThing", "Things", "paging.*LoseThing"),
    "a pager of no list": ("decisions/paging/ListOldThings", "Thin", "paging of ListOldThings.*Thin"),
    "a paged operation without a pager": ("decisions/paging", {}, "paging.* lacks ListOldThings"),
    "a deprecation of no operation": ("decisions/deprecated/LoseThing", "gone", "deprecated.*LoseThing"),
    "a waiter of no operation": (f"{WAITER}/operation", "LoseThing", "waiter ThingsRed.*LoseThing"),
    "a waiter with a key": (f"{WAITER}/jitter", 1, "waiter ThingsRed.*jitter"),
    "a waiter without a summary": (f"{WAITER}/summary", ABSENT, "waiter ThingsRed lacks summary"),
    "a waiter's argument": (f"{WAITER}/arguments", ["Weight"], "waiter ThingsRed .*Weight"),
    "a waiter without a needed argument": (f"{WAITER}/arguments", [], "waiter ThingsRed for .*Request lacks Names"),
    "a waiter's fixed argument": (f"{WAITER}/fixed/Weight", 1, "waiter ThingsRed .*Weight"),
    "a waiter's required argument": (f"{WAITER}/required", ["Colours"], "waiter ThingsRed's required .*Colours"),
    "a waiter's message": (f"{WAITER}/message", "Reason", "waiter ThingsRed reads Reason, but .* has no Reason"),
    "a waiter's where": ("decisions/waiters/ThingMade/where", "UserId", r"waiter ThingMade reads Things\[\].UserId"),
    "a waiter's path": (f"{WAITER}/acceptors/0/2", "Things[].Weight", "waiter ThingsRed .*Thing .*Weight"),
    "a waiter's path into no list": (f"{WAITER}/acceptors/0/2", "NextToken[]", "waiter ThingsRed .*is no list"),
    "a waiter's expected value": (f"{WAITER}/acceptors/0/3", "GREEN", "waiter ThingsRed .*GREEN"),
    "a waiter's matcher": (f"{WAITER}/acceptors/0/1", "pathNone", "waiter ThingsRed's acceptor .*pathNone"),
    "a waiter's state": (f"{WAITER}/acceptors/0/0", "retry", "waiter ThingsRed's acceptor .*retry"),
    "a waiter's error": (
        "decisions/waiter_kinds/gone/acceptors/1/2", "LostException", "waiter ThingGone's acceptor .*LostException"
    ),
    "a waiter's kind": ("decisions/waiters/ThingGone/kind", "went", "waiter_kinds.*gone"),
    "a kind of no waiter": ("decisions/waiter_kinds/idle", {}, "waiter_kinds.*idle"),
}  # fmt: skip

PROSE: dict[str, tuple[str, object, str]] = {
    "a table": ("prose/enums", {}, r"prose\.toml .*enums"),
    "an operation that is not described": ("prose/operations/MakeThing", ABSENT, r"\[operations\] lacks MakeThing"),
    "a description of no operation": ("prose/operations/LoseThing", {}, r"\[operations\] .*LoseThing"),
    "an operation without a summary": ("prose/operations/MakeThing/summary", ABSENT, "MakeThing.* lacks summary"),
    "an operation without its errors": ("prose/operations/MakeThing/catch", ABSENT, "MakeThing.* lacks catch"),
    "an operation without an example": ("prose/operations/MakeThing/example", ABSENT, "MakeThing.* lacks example"),
    "an example that calls nothing": ("prose/operations/MakeThing/example", "make_thing()", r"make_thing\(\)"),
    "an example that ends a docstring": (
        "prose/operations/MakeThing/example", 'client.make_thing("""red""")', r"docstring: client\.make_thing"
    ),
    "an operation's key": ("prose/operations/MakeThing/notes", "", "MakeThing.*notes"),
    "an error that an operation lacks": (
        "prose/operations/ListThings/catch", ["ConflictException"], "ListThings.* catch .*ConflictException"
    ),
    "a structure that is not described": ("prose/structures/Thing", ABSENT, r"\[structures\] lacks Thing"),
    "a description of no structure": ("prose/structures/Thin", "Thin.", r"\[structures\] .*Thin"),
    "a description of a request": ("prose/structures/MakeThingRequest", "M.", r"\[structures\] .*MakeThingRequest"),
    "an error that is not described": (
        "prose/errors/ConflictException", ABSENT, r"\[errors\] lacks ConflictException"
    ),
    "a description of no error": ("prose/errors/LostException", "Lost.", r"\[errors\] .*LostException"),
    "an error's member that is not described": (
        "prose/fields/HumanLoopQuotaExceededException.QuotaCode", ABSENT, r"fields.* lacks Human\w+\.QuotaCode"
    ),
    "a description of no field": ("prose/fields/Thing.Weight", "Heavy.", r"\[fields\] .*Thing\.Weight"),
    "a description of no member": ("prose/members/Weight", "Heavy.", r"\[members\] .*Weight"),
    "a quotation mark": ("prose/members/Colour", 'A "colour".', 'does not fit into a docstring: A "colour"'),
    "a backslash": ("prose/operations/MakeThing/details", r"In C:\things.", "does not fit into a docstring: In C:"),
}  # fmt: skip


def _assert_matches(message: str, pattern: str) -> None:
    assert re.search(pattern, message), message


def test_the_tiny_model_itself_is_accepted() -> None:
    assert set(tiny_service().operations) == {"ListCollections", "ListOldThings", "ListThings", "MakeThing"}


@pytest.mark.parametrize(("path", "value", "pattern"), MODEL.values(), ids=MODEL)
def test_an_unknown_feature_of_the_model_stops_the_generator(path: str, value: object, pattern: str) -> None:
    _assert_matches(_error(path, value), pattern)


@pytest.mark.parametrize(("path", "value", "pattern"), DECISIONS.values(), ids=DECISIONS)
def test_a_decision_that_does_not_fit_the_model_stops_the_generator(path: str, value: object, pattern: str) -> None:
    _assert_matches(_error(path, value), pattern)


@pytest.mark.parametrize(("path", "value", "pattern"), PROSE.values(), ids=PROSE)
def test_missing_prose_and_prose_of_unknown_names_stop_the_generator(path: str, value: object, pattern: str) -> None:
    _assert_matches(_error(path, value), pattern)
