"""Attacks on the SDK. Modules define a function; `ATTACKS` lists them with their counts."""

from __future__ import annotations

from tests.hostile.attack import Attack
from tests.hostile.sdk import (
    cancellation,
    client_memory,
    closing,
    connecting,
    credentials,
    cross_talk,
    endless_responses,
    forks,
    injection,
    interrupted_runs,
    interrupts,
    killed_runs,
    killed_workers,
    mutated_responses,
    no_proxy,
    secrets,
    tls,
)

ATTACKS = (
    Attack("mutated_responses", 21_000, mutated_responses.attack, minimum=400),
    Attack("endless_responses", 130, endless_responses.attack, minimum=52),
    Attack("connecting", 80, connecting.attack, minimum=32),
    Attack("cross_talk", 9_600, cross_talk.attack, minimum=240),
    Attack("cancellation", 2_560, cancellation.attack, minimum=96),
    Attack("interrupts", 12_000, interrupts.attack, minimum=500),
    Attack("interrupted_runs", 1_000, interrupted_runs.attack, minimum=40),
    Attack("killed_runs", 20_000, killed_runs.attack, seconds=900.0, minimum=2_000),
    Attack("killed_workers", 20_000, killed_workers.attack, seconds=900.0, minimum=1_000),
    Attack("forks", 6_150, forks.attack, minimum=600),
    Attack("closing", 14_400, closing.attack, minimum=1_920),
    Attack("injection", 2_642, injection.attack, minimum=260),
    Attack("no_proxy", 252, no_proxy.attack, minimum=252),
    Attack("tls", 104, tls.attack),
    Attack("client_memory", 90_000, client_memory.attack, minimum=2_000),
    Attack("credentials", 22_640, credentials.attack, minimum=1_000),
    Attack("secrets", 180, secrets.attack, minimum=72),
)
