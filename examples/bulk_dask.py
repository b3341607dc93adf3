"""Label a folder of images with two worker processes of Dask.

    python examples/bulk_dask.py

No credentials and no network: the program serves an emulator over HTTP, because the workers are other processes. For
Amazon Rekognition use `RekognitionClient()`, and for a cluster of many machines `Client("tcp://scheduler:8786")`.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from distributed import Client, LocalCluster
from PIL import Image

from rekog import Credentials, RateLimit, RekognitionClient, bulk
from rekog.emulator import Emulator

COUNT = 40
IMAGES = Path(__file__).resolve().parent / "images"


def main() -> None:
    with (
        TemporaryDirectory() as folder,
        Emulator() as emulator,
        emulator.serve() as url,
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as dask,
        RekognitionClient(
            "eu-west-1",
            endpoint_url=url,
            credentials=Credentials("AKIDEXAMPLE", "secret"),
            rate_limit=RateLimit(50),  # calls per second of all workers together
        ) as client,
    ):
        make_images(Path(folder, "photos"))
        photos = bulk.folder(Path(folder, "photos"))
        with client.bulk.detect_faces(photos, checkpoint=Path(folder, "faces.jsonl"), cluster=dask) as run:
            faces = sum(len(outcome.answer.face_details) for outcome in run)
        print(f"{run.progress.done} images, {run.progress.failed} failed, {faces} faces")
        print(f"{len(emulator.calls)} calls of {len(cluster.workers)} workers")


def make_images(folder: Path) -> None:
    """Write photographs of different sizes."""
    folder.mkdir()
    photograph = Image.open(IMAGES / "grace_hopper.jpg")
    for number in range(COUNT):
        photograph.resize((200 + number, 240 + number)).save(folder / f"{number:02}.jpg")


if __name__ == "__main__":
    main()
