"""Virtual environment of the peers: aiobotocore pins another botocore than the one measured with boto3."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent
HOME = ROOT / ".venv-peers"
PACKAGES = ("aiobotocore", "capo-rekognition")
CLIENTS = frozenset({"aiobotocore", "capo", "capo async"})


def interpreter(client: str) -> str:
    """Return the path of the Python in which a client is installed."""
    return str(_python()) if client in CLIENTS else sys.executable


def is_installed() -> bool:
    """Return True when the environment is complete."""
    return (HOME / "complete").exists()


def install() -> None:
    """Create the environment, or update the peers in it."""
    if not _python().exists():
        venv.create(HOME, with_pip=True)
    subprocess.run([str(_python()), "-m", "pip", "install", "--quiet", "--upgrade", *PACKAGES], check=True)
    (HOME / "complete").touch()


def versions() -> dict[str, str]:
    """Return the versions of the peers and of their HTTP libraries."""
    names = (*PACKAGES, "aiohttp", "zapros")
    code = f"from importlib.metadata import version; print(*map(version, {names!r}), version('botocore'))"
    printed = subprocess.run([str(_python()), "-c", code], check=True, capture_output=True, text=True).stdout.split()
    return dict(zip((*names, "botocore of aiobotocore"), printed, strict=True))


def _python() -> Path:
    return HOME / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
