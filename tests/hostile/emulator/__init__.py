"""Attacks on the emulator. Modules define a function; `ATTACKS` lists them with their counts."""

from __future__ import annotations

from tests.hostile.attack import Attack
from tests.hostile.emulator.media import decoder, image_bombs, mutated_images, mutated_videos
from tests.hostile.emulator.requests import (
    control_api,
    http_front,
    object_paths,
    odd_json,
    operations,
    patterns,
    signatures,
    slow_clients,
)

ATTACKS: tuple[Attack, ...] = (
    Attack("http_front", 138, http_front.attack),
    Attack("slow_clients", 1_800, slow_clients.attack),
    Attack("control_api", 32_000, control_api.attack, minimum=240),
    Attack("operations", 60_000, operations.attack, minimum=300),
    Attack("signatures", 2_338, signatures.attack, minimum=100),
    Attack("odd_json", 11_776, odd_json.attack, minimum=400),
    Attack("patterns", 5_760, patterns.attack, minimum=100),
    Attack("object_paths", 2_406, object_paths.attack, minimum=100),
    Attack("mutated_images", 11_100, mutated_images.attack, seconds=1_200, minimum=50),
    Attack("decoder", 160_000, decoder.attack),
    Attack("image_bombs", 20, image_bombs.attack),
    Attack("mutated_videos", 2_000, mutated_videos.attack, minimum=34),
)
