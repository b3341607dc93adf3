"""Reader of PyTorch checkpoints in the format before 1.6, without PyTorch.

Such a file is five pickles (a magic number, a version, properties of the machine, the dict of tensors, the keys of the
storages), and then the storages: a 64-bit count and the numbers. Only the classes that a dict of tensors needs can be
loaded: a pickle could otherwise run any code.
"""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.lib.stride_tricks import as_strided

from .onnx_file import Array

STORAGES: dict[str, np.dtype[np.generic]] = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


@dataclass(frozen=True, slots=True)
class _Tensor:
    """A view of a storage."""

    storage: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def _rebuild(storage: str, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: object) -> _Tensor:
    return _Tensor(storage, offset, shape, strides)


class _Unpickler(pickle.Unpickler):
    """Loads dicts of tensors, and refuses all other classes."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self.storages: dict[str, np.dtype[np.generic]] = {}

    def find_class(self, module_name: str, global_name: str, /) -> Callable[..., object] | str:
        match module_name, global_name:
            case "collections", "OrderedDict":
                return OrderedDict
            case "torch._utils", "_rebuild_tensor_v2":
                return _rebuild
            case "torch", name if name in STORAGES:
                return name
            case _:
                raise pickle.UnpicklingError(f"{module_name}.{global_name} is no part of a dict of tensors")

    def persistent_load(self, pid: tuple[str, str, str, str, int, object]) -> str:
        _, kind, key, *_ = pid
        self.storages[key] = STORAGES[kind]
        return key


def read(data: bytes) -> dict[str, Array]:
    """Return the tensors of a checkpoint by name."""
    file = io.BytesIO(data)
    for _ in range(3):  # magic number, version, properties of the machine
        _Unpickler(file).load()
    unpickler = _Unpickler(file)
    tensors = cast("dict[str, _Tensor]", unpickler.load())
    keys = cast("list[str]", _Unpickler(file).load())
    storages: dict[str, Array] = {}
    for key in keys:
        count = int.from_bytes(file.read(8), "little")
        dtype = unpickler.storages[key]
        storages[key] = np.frombuffer(file.read(count * dtype.itemsize), dtype)
    return {name: _view(tensor, storages[tensor.storage]) for name, tensor in tensors.items()}


def _view(tensor: _Tensor, storage: Array) -> Array:
    strides = tuple(step * storage.itemsize for step in tensor.strides)
    return as_strided(storage[tensor.offset :], tensor.shape, strides).copy()
