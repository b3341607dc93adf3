"""Values that an attack puts in the place of valid ones."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from tests.kit.wire import json_ready

if TYPE_CHECKING:
    from random import Random

    from tests.kit.clients import Json

ABSENT = object()
LEARNED, LONGEST = 500, 300
"""Number of texts of responses that are remembered, and their maximum length."""

TEXTS = (
    *("", " ", "a", "A" * 256, "a" * 5000, "0", "-1", "null", "true", "*", "%", "_", "'", '"', "\\", "/", "..", "../x"),
    *("a/b", "a b", "a\nb", "a\0b", "\x7f", "\u00e9", "\u0661", "\u202e", "\ufeff", "\uffff", "\U0001f600", "\ud800"),
    *(
        "s3://b/k",
        "arn:aws:rekognition:us-east-1:123456789012:collection/people",
        "arn:aws::::",
        "sha256:00",
        "==",
        "{}",
    ),
    *("'; DROP TABLE face; --", "%s%s%n", "${jndi:x}", "a" * 63, "__proto__", "NaN", "1e999", "2026-01-01T00:00:00Z"),
    *("people", "photos", "street.png", "films", "street.mp4", "ann", "gate", "dogs", "copy", "new", "EXIT", "Cat"),
)
NUMBERS: tuple[float, ...] = (
    *(0, 1, -1, 2, 3, 10, 99, 100, 101, 255, 256, 4096, 10_000, 2**31 - 1, 2**31, 2**63 - 1, 2**63, -(2**63), 10**30),
    *(0.0, -0.0, 0.1, 0.5, 1.5, 99.99, 100.01, 1e-300, 1e300, -1e300, 5e-324),
)
NOT_FINITE = (math.nan, math.inf, -math.inf)


def hostile(chance: Random, learned: list[str], depth: int = 0) -> object:
    """Return any JSON value."""
    kind = chance.randrange(12 if depth < 4 else 8)
    if kind < 3:
        return chance.choice(TEXTS)
    if kind < 5:
        return chance.choice(NUMBERS)
    if kind == 5:
        return chance.choice((True, False, None))
    if kind in (6, 7):
        return chance.choice(learned) if learned else "a"
    if kind == 8:
        return bytes(chance.randrange(256) for _ in range(chance.choice((0, 1, 5, 200))))
    if kind == 9:
        return {chance.choice(TEXTS): hostile(chance, learned, depth + 1) for _ in range(chance.randrange(3))}
    return [hostile(chance, learned, depth + 1) for _ in range(chance.choice((0, 1, 2, 2, 101)))]


def altered(value: object, chance: Random, learned: list[str]) -> object:
    """Return a value in which one part, or with a small probability the whole, is another one."""
    if isinstance(value, Mapping) and value and chance.random() < 0.9:
        members = dict(cast("Mapping[str, object]", value))  # cast: of a JSON value
        name = chance.choice(list(members))
        change = altered(members[name], chance, learned)
        if change is ABSENT:
            del members[name]
        else:
            members[name] = change
        return members
    if isinstance(value, list) and value and chance.random() < 0.8:
        items = list(cast("list[object]", value))  # cast: of a JSON value
        at = chance.randrange(len(items))
        change = altered(items[at], chance, learned)
        items[at : at + 1] = [] if change is ABSENT else [change] * chance.choice((1, 1, 1, 2, 101))
        return items
    if isinstance(value, str) and value and chance.random() < 0.3:
        at = chance.randrange(len(value))
        return value[:at] + chance.choice(TEXTS) + value[at + chance.randrange(2) :]
    if not isinstance(value, dict | list) and chance.random() < 0.5:  # a value of the same type is often valid
        return _similar(value, chance, learned)  # pyright: ignore[reportUnknownArgumentType]  # any other value
    return ABSENT if chance.random() < 0.2 else hostile(chance, learned)


def _similar(value: object, chance: Random, learned: list[str]) -> object:
    if isinstance(value, str):
        return chance.choice((*TEXTS, *learned))
    return chance.choice(NUMBERS) if isinstance(value, int | float) else ABSENT


def learn(value: object, learned: list[str], chance: Random) -> None:
    """Remember texts of a response, so that later requests name what exists."""
    if isinstance(value, str):
        if len(value) > LONGEST:
            return
        if len(learned) < LEARNED:
            learned.append(value)
        else:
            learned[chance.randrange(LEARNED)] = value
    elif isinstance(value, Mapping):
        for item in cast("Json", value).values():  # cast: of a JSON value
            learn(item, learned, chance)
    elif isinstance(value, list):
        for item in cast("list[object]", value)[:5]:  # cast: of a JSON value
            learn(item, learned, chance)


def ready(value: object) -> object:
    """Return a value with bytes as base64 text, ready for JSON."""
    if isinstance(value, list):
        return [ready(item) for item in cast("list[object]", value)]  # cast: of a JSON value
    if isinstance(value, dict):
        return {key: ready(item) for key, item in cast("Json", value).items()}  # cast: of a JSON value
    return json_ready(value)
