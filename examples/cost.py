"""Count the cost of calls, and stop before a budget is passed, also when threads call at once.

    python examples/cost.py

No credentials and no network: `RekognitionClient.local()` answers in this process. Replace it by `RekognitionClient()`
and the rest of the script uses Amazon Rekognition, which costs money: less than a cent.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rekog import RekognitionClient, errors
from rekog.cost import Budget, Meter

PHOTOGRAPH = Path(__file__).resolve().parent / "images" / "grace_hopper.jpg"


def main() -> None:
    month = Meter(earlier={"image-group-1": 1_000_000})  # used by other programs: the second tier begins
    budget = Budget("0.005")

    with RekognitionClient.local(meter=month) as client:
        client.create_collection("staff")
        client.index_faces("staff", PHOTOGRAPH)

        careful = client.with_options(meter=budget)  # counted in both

        def detect(_: int) -> str:
            try:
                return f"{len(careful.detect_faces(PHOTOGRAPH).face_details)} face"
            except errors.BudgetExceededError as error:
                return f"not sent, {error.left:.4f} left"

        with ThreadPoolExecutor(4) as threads:
            print(*threads.map(detect, range(8)), sep="\n")

    month.add("custom-labels-inference", 1.5)  # hours that no call shows
    for row in month.rows():
        print(f"{row.group}: {row.quantity} x {row.unit} = {row.cost:.5f} {row.currency}")
    print()
    print(budget)


if __name__ == "__main__":
    main()
