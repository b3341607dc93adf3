"""`python -m tests.record` in the folder `weights/` writes the numbers of ONNX Runtime that the tests compare with."""

from __future__ import annotations

import json

import numpy as np

import rekog_weights
from convert.references import session

from .test_networks import NAMES, RECORDED, image, sample


def main() -> None:
    """Run all networks in ONNX Runtime."""
    recorded: dict[str, dict[str, dict[str, list[float]]]] = {}
    for name in NAMES:
        keys = list(rekog_weights.manifest()["networks"][name]["outputs"])
        results = session(rekog_weights.path(name).read_bytes()).run(keys, {"image": image(name)})
        recorded[name] = {
            key: {
                "shape": list(result.shape),
                "largest": [float(np.abs(result).max())],
                "numbers": [float(f"{number:.7g}") for number in sample(result)],
            }
            for key, result in zip(keys, results, strict=True)
        }
    RECORDED.write_text(json.dumps(recorded, separators=(",", ":")).replace('},"', '},\n"') + "\n")


if __name__ == "__main__":
    main()
