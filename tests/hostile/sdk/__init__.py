"""Attacks on the SDK. Modules define a function; `ATTACKS` lists them with their counts."""

from __future__ import annotations

from tests.hostile.attack import Attack
from tests.hostile.sdk import cancellation, connecting, cross_talk, endless_responses, mutated_responses

ATTACKS = (
    Attack("mutated_responses", 21_000, mutated_responses.attack, minimum=400),
    Attack("endless_responses", 130, endless_responses.attack),
    Attack("connecting", 80, connecting.attack),
    Attack("cross_talk", 9_600, cross_talk.attack, minimum=480),
    Attack("cancellation", 2_560, cancellation.attack, minimum=96),
)
