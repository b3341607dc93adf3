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
from tests.hostile.emulator.state import (
    clocks,
    data_folders,
    dropped_emulators,
    forks,
    full_disk,
    kills,
    large_collections,
    large_datasets,
    many_collections,
    program_ends,
    races,
    soak,
)

ATTACKS: tuple[Attack, ...] = (
    Attack("http_front", 138, http_front.attack),
    Attack("slow_clients", 1_800, slow_clients.attack),
    Attack("control_api", 32_000, control_api.attack, minimum=240, seconds=1_200),
    Attack("operations", 60_000, operations.attack, minimum=300),
    Attack("signatures", 2_338, signatures.attack, minimum=100),
    Attack("odd_json", 11_776, odd_json.attack, minimum=200),
    Attack("patterns", 5_760, patterns.attack, minimum=100),
    Attack("object_paths", 2_406, object_paths.attack, minimum=100),
    Attack("mutated_images", 11_100, mutated_images.attack, seconds=1_200, minimum=50),
    Attack("decoder", 160_000, decoder.attack),
    Attack("image_bombs", 20, image_bombs.attack),
    Attack("mutated_videos", 2_000, mutated_videos.attack, minimum=34),
    Attack("kills", 10_002, kills.attack, minimum=60),
    Attack("races", 1_920, races.attack, minimum=60),
    Attack("full_disk", 20, full_disk.attack, minimum=4),
    Attack("data_folders", 46, data_folders.attack, minimum=15),
    Attack("clocks", 1_500, clocks.attack, minimum=150),
    Attack("soak", 115_200, soak.attack),
    Attack("large_collections", 1_000_000, large_collections.attack, seconds=1_200),
    Attack("many_collections", 10_000, many_collections.attack, seconds=1_200, minimum=20),
    Attack("large_datasets", 100, large_datasets.attack),
    Attack("dropped_emulators", 960, dropped_emulators.attack, minimum=30),
    Attack("forks", 30, forks.attack, minimum=2),
    Attack("program_ends", 18, program_ends.attack),
)
