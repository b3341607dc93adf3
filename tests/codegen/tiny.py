"""A service model with one example of each feature that the generator knows, small enough to read."""

from __future__ import annotations

from typing import Any, TypeAlias

from codegen.known import LISTED
from codegen.load import Service, build
from rekog._generated.errors import MODELLED

Files: TypeAlias = dict[str, Any]
NUMBERS = ("Integer", "Long", "Float", "Double")


def _operation(name: str, *errors: str) -> dict[str, Any]:
    return {
        "name": name,
        "http": {"method": "POST", "requestUri": "/"},
        "input": {"shape": f"{name}Request"},
        "output": {"shape": f"{name}Response"},
        "errors": [{"shape": error} for error in errors],
        "documentation": "<p>Text of the service, which must not be copied.</p>",
    }


def _structure(members: dict[str, str | dict[str, Any]], *required: str, **more: object) -> dict[str, Any]:
    references = {wire: {"shape": member} if isinstance(member, str) else member for wire, member in members.items()}
    return {"type": "structure", "members": references, **({"required": list(required)} if required else {}), **more}


def _shapes() -> dict[str, Any]:
    paged = {"NextToken": "String", "MaxResults": "PageSize"}
    return {
        "String": {"type": "string"},
        "Secret": {"type": "string", "sensitive": True},
        "Name": {"type": "string", "min": 1, "max": 64, "pattern": "[a-z]+"},
        "TagKey": {"type": "string", "pattern": r"\p{L}+"},
        "Token": {"type": "string", "min": 1},
        "Boolean": {"type": "boolean"},
        "Timestamp": {"type": "timestamp"},
        "Bytes": {"type": "blob", "min": 1, "max": 100},
        "PageSize": {"type": "integer", "min": 1, "max": 10},
        "Percent": {"type": "float", "min": 0, "max": 100},
        **{number: {"type": number.lower()} for number in NUMBERS},
        "Colour": {"type": "string", "enum": ["DARK_RED", "PaleBlue"]},
        "Colours": {"type": "list", "member": {"shape": "Colour"}, "min": 1},
        "Names": {"type": "list", "member": {"shape": "Name"}, "max": 5},
        "Versions": {"type": "list", "member": {"shape": "String"}},
        "Tags": {"type": "map", "key": {"shape": "TagKey"}, "value": {"shape": "String"}, "max": 3},
        "Things": {"type": "list", "member": {"shape": "Thing"}},
        "Thing": _structure(
            {
                "ThingId": "Name",
                "Colour": "Colour",
                "Colours": "Colours",
                "Made": "Timestamp",
                "Image": "Bytes",
                "IsNew": "Boolean",
                "Tags": "Tags",
                "Parts": "Things",  # recursive: a thing contains things
                **{number: number for number in NUMBERS},
            },
            "ThingId",
        ),
        "S3Object": _structure({"Bucket": "String", "Name": "String"}),
        "Image": _structure({"Bytes": "Bytes", "S3Object": "S3Object"}),
        "Video": _structure({"S3Object": "S3Object"}),
        "MakeThingRequest": _structure(
            {
                "Thing": "Thing",
                "Image": "Image",
                "Video": "Video",
                "Secret": "Secret",
                "Note": {"shape": "String", "jsonvalue": True},
                "ClientRequestToken": {"shape": "Token", "idempotencyToken": True},
            },
            "Image",
        ),
        "MakeThingResponse": _structure({"Thing": "Thing", "Status": "Colour", "Similarity": "Percent"}),
        "ListThingsRequest": _structure({**paged, "Colours": "Colours", "Names": "Names"}, "Names"),
        "ListThingsResponse": _structure({"Things": "Things", "NextToken": "String", "StatusMessage": "String"}),
        "ListCollectionsRequest": _structure({**paged}),
        "ListCollectionsResponse": _structure(
            {"CollectionIds": "Names", "FaceModelVersions": "Versions", "NextToken": "String"}
        ),
        "ListOldThingsRequest": _structure({**paged}),
        "ListOldThingsResponse": _structure({"Things": "Things", "NextToken": "String"}),
        **{name: _structure({}, exception=True) for name in MODELLED},
        "ThrottlingException": _structure({}, exception=True, fault=True),
        "HumanLoopQuotaExceededException": _structure({"QuotaCode": "String"}, exception=True),
    }


def _model() -> dict[str, Any]:
    return {
        "version": "2.0",
        "metadata": {
            "apiVersion": "2016-06-27",
            "endpointPrefix": "rekognition",
            "jsonVersion": "1.1",
            "protocol": "json",
            "serviceFullName": "Things",
            "signatureVersion": "v4",
            "targetPrefix": "RekognitionService",
        },
        "operations": {
            "MakeThing": _operation("MakeThing", "ThrottlingException", "ResourceNotFoundException"),
            "ListThings": _operation("ListThings", "ResourceNotFoundException"),
            "ListCollections": _operation("ListCollections", "ThrottlingException"),
            "ListOldThings": {**_operation("ListOldThings", "ThrottlingException"), "idempotent": True},
        },
        "shapes": _shapes(),
        "documentation": "<p>Text of the service.</p>",
    }


def _paginators() -> dict[str, Any]:
    tokens = {"input_token": "NextToken", "output_token": "NextToken", "limit_key": "MaxResults"}
    return {
        "ListThings": {**tokens, "result_key": "Things", "non_aggregate_keys": ["StatusMessage"]},
        "ListCollections": {**tokens, "result_key": ["CollectionIds", "FaceModelVersions"]},
    }


def modelled_waiter() -> dict[str, Any]:
    """Return a waiter in botocore's form, with each of its matchers that the generator knows."""
    acceptors = [
        {"state": "success", "matcher": "pathAll", "argument": "Things[].Colour", "expected": "DARK_RED"},
        {"state": "failure", "matcher": "pathAny", "argument": "Things[].Colour", "expected": "PaleBlue"},
        {"state": "failure", "matcher": "error", "expected": "ThrottlingException"},
    ]
    return {
        "description": "Wait.",
        "operation": "ListThings",
        "delay": 3,
        "maxAttempts": 7,
        "acceptors": acceptors,
    }


def _decisions() -> dict[str, Any]:
    return {
        "families": {"things": ["MakeThing", "ListThings"], "old": ["ListOldThings", "ListCollections"]},
        "positional": {"MakeThing": ["Image"], "ListThings": ["Names"]},
        "always": {"MakeThingResponse": ["Status"]},
        "later": {},
        "patterns": {"TagKey": r"\w+"},
        "paging": {"ListOldThings": "Things"},
        "deprecated": {"ListOldThings": "old things are gone"},
        "waiters": {
            "ThingsRed": {
                "summary": "Wait until all things are red.",
                "operation": "ListThings",
                "arguments": ["Names"],
                "fixed": {"MaxResults": 10},
                "delay": 2,
                "max_attempts": 5,
                "message": "StatusMessage",
                "acceptors": [
                    ["success", "pathAll", "Things[].Colour", "DARK_RED"],
                    ["failure", "pathAny", "Things[].Colour", "PaleBlue"],
                ],
            },
            "ThingMade": {
                "summary": "Wait until one thing is red.",
                "operation": "ListThings",
                "arguments": ["Names", "Colours"],
                "required": ["Colours"],
                "where": "ThingId",
                "delay": 1,
                "max_attempts": 5,
                "acceptors": [["success", "pathAll", "Things[].Colour", "DARK_RED"]],
            },
            "ThingGone": {"operation": "ListThings", "kind": "gone"},
            "MessageThere": {
                "summary": "Wait for a message.",
                "operation": "ListThings",
                "arguments": ["Names"],
                "delay": 1,
                "max_attempts": 5,
                "acceptors": [["success", "path", "StatusMessage", "done"]],
            },
        },
        "waiter_kinds": {
            "gone": {
                "summary": "Wait until all things are deleted.",
                "arguments": ["Names"],
                "delay": 1,
                "max_attempts": 5,
                "acceptors": [
                    ["success", "empty", "Things", ""],
                    ["success", "error", "ResourceNotFoundException", ""],
                ],
            }
        },
    }


def _listing(things: str, error: str) -> dict[str, Any]:
    example = f"client.list_{things.replace(' ', '_')}()"
    return {"summary": f"List {things}.", "catch": [error], "example": example}


def _prose() -> dict[str, Any]:
    return {
        "operations": {
            "MakeThing": {
                "summary": "Make a thing.",
                "details": "It is new.",
                "catch": ["ThrottlingException", "ResourceNotFoundException"],
                "example": 'thing = models.Thing()\nclient.make_thing(thing, "red")',
            },
            "ListThings": _listing("things", "ResourceNotFoundException"),
            "ListCollections": _listing("collections", "ThrottlingException"),
            "ListOldThings": _listing("old things", "ThrottlingException"),
        },
        "errors": dict.fromkeys(MODELLED, "Something is wrong."),
        "structures": {
            "Thing": "A thing.",
            "S3Object": "An object.",
            "Image": "An image.",
            "Video": "A video.",
            LISTED: "A row.",
        },
        "members": {"Colour": "The colour it has."},
        "fields": {"Thing.Made": "When it was made.", "HumanLoopQuotaExceededException.QuotaCode": "The quota's code."},
    }


def tiny_files() -> Files:
    """Return the arguments of `build` by name; a test may change them before building."""
    return {
        "model": _model(),
        "paginators": _paginators(),
        "waiters": {},
        "decisions": _decisions(),
        "prose": _prose(),
        "version": "0.0",
    }


def tiny_service(files: Files | None = None) -> Service:
    """Return the service built from the tiny files."""
    return build(**(files or tiny_files()))
