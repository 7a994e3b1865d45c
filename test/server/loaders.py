"""What loaders of model weights do, with Python alone: `make DIRECTORY` and `check DIRECTORY DROP_BITS`."""
import io
import json
import math
import pickle
import pickletools
import random
import struct
import sys
import tarfile
import types
import zipfile
from pathlib import Path

# Element types: code of struct, bytes, bits of the mantissa that may be rounded away, torch's storage class.
TYPES = {
    "F64": ("d", 8, 52, "DoubleStorage"),
    "F32": ("f", 4, 23, "FloatStorage"),
    "F16": ("e", 2, 10, "HalfStorage"),
    "BF16": (None, 2, 7, "BFloat16Storage"),
    "I64": ("q", 8, None, "LongStorage"),
    "I8": ("b", 1, None, "CharStorage"),
}
SHAPES = {"F64": (5, 31), "F32": (40, 50), "F16": (64, 33), "BF16": (61, 30), "I64": (17,), "I8": (3, 100)}


def torch_stand_in():
    """The names that checkpoints of torch refer to."""
    torch = types.ModuleType("torch")
    torch._utils = types.ModuleType("torch._utils")
    for _, _, _, name in TYPES.values():
        setattr(torch, name, type(name, (), {"__module__": "torch"}))

    def _rebuild_tensor_v2(storage, offset, size, stride, *rest):
        return {"storage": storage, "offset": offset, "size": size, "stride": stride}

    _rebuild_tensor_v2.__module__ = "torch._utils"
    _rebuild_tensor_v2.__qualname__ = "_rebuild_tensor_v2"
    torch._utils._rebuild_tensor_v2 = _rebuild_tensor_v2
    sys.modules["torch"] = torch
    sys.modules["torch._utils"] = torch._utils
    return torch


torch = torch_stand_in()


class Tensor:
    def __init__(self, key, kind):
        self.key, self.kind, self.shape = key, kind, SHAPES[kind]
        self.bytes = elements_of(kind)

    @property
    def count(self):
        return len(self.bytes) // TYPES[self.kind][1]


class StorageRef:
    def __init__(self, tensor):
        self.tensor = tensor


class TensorRef:
    def __init__(self, tensor):
        self.tensor = tensor

    def __reduce__(self):
        args = (StorageRef(self.tensor), 0, self.tensor.shape, tuple(1 for _ in self.tensor.shape), False, {})
        return torch._utils._rebuild_tensor_v2, args


def elements_of(kind):
    code, width, _, _ = TYPES[kind]
    count = math.prod(SHAPES[kind])
    source = random.Random(kind)
    if kind[0] == "I":
        return b"".join(source.getrandbits(8 * width).to_bytes(width, "little") for _ in range(count))
    values = [source.gauss(0, 0.04) for _ in range(count)]
    if code:
        packed = bytearray(struct.pack(f"<{count}{code}", *values))
    else:
        packed = bytearray(b"".join(struct.pack("<f", value)[2:] for value in values))
    # Infinity, a NaN with a payload, the largest number, a small denormal and a negative zero.
    _, _, mantissa, _ = TYPES[kind]
    sign = 1 << (8 * width - 1)
    infinity = sign - (1 << mantissa)
    for at, word in enumerate([infinity, infinity | 5 | sign, infinity - 1, 3, sign]):
        packed[at * width : (at + 1) * width] = word.to_bytes(width, "little")
    return bytes(packed)


def rounded(kind, data, drop):
    """What elements become: to the nearest, ties to even, never to infinity."""
    _, width, mantissa, _ = TYPES[kind]
    if mantissa is None or drop == 0:
        return data
    infinity = (1 << (8 * width - 1)) - (1 << mantissa)
    out = bytearray()
    for at in range(0, len(data), width):
        word = int.from_bytes(data[at : at + width], "little")
        sign, magnitude = word >> (8 * width - 1), word & ((1 << (8 * width - 1)) - 1)
        if magnitude < infinity:
            quotient, rest = divmod(magnitude, 1 << drop)
            half = 1 << (drop - 1)
            nearest = (quotient + (rest > half or (rest == half and quotient % 2 == 1))) << drop
            magnitude = nearest if nearest < infinity else quotient << drop
        out += (sign << (8 * width - 1) | magnitude).to_bytes(width, "little")
    return bytes(out)


TENSORS = [Tensor(str(i), kind) for i, kind in enumerate(TYPES)]


def pickled(with_view):
    class Pickler(pickle.Pickler):
        def persistent_id(self, value):
            if not isinstance(value, StorageRef):
                return None
            tensor = value.tensor
            ids = ("storage", getattr(torch, TYPES[tensor.kind][3]), tensor.key, "cpu", tensor.count)
            return ids + (None,) if with_view else ids

    out = io.BytesIO()
    Pickler(out, protocol=2).dump({"epoch": 3, "model": {tensor.kind: TensorRef(tensor) for tensor in TENSORS}})
    return out.getvalue()


def dumped(value):
    return pickle.dumps(value, protocol=2)


def make(directory):
    with zipfile.ZipFile(directory / "model.pt", "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("model/data.pkl", pickled(False))
        archive.writestr("model/byteorder", "little")
        for tensor in TENSORS:
            archive.writestr(f"model/data/{tensor.key}", tensor.bytes)
        archive.writestr("model/version", "3\n")
    legacy = [dumped(0x1950A86A20F9469CFC6C), dumped(1001), dumped({"little_endian": True}), pickled(True)]
    legacy.append(dumped([tensor.key for tensor in TENSORS]))
    legacy += [struct.pack("<q", tensor.count) + tensor.bytes for tensor in TENSORS]
    (directory / "legacy.pth").write_bytes(b"".join(legacy))
    storages = [dumped(len(TENSORS))]
    for tensor in TENSORS:
        storages.append(dumped((tensor.key, "cpu", getattr(torch, TYPES[tensor.kind][3]))))
        storages.append(struct.pack("<q", tensor.count) + tensor.bytes)
    with tarfile.open(directory / "oldest.pth", "w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in [("sys_info", dumped({})), ("pickle", dumped([])), ("storages", b"".join(storages))]:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    header, at = {"__metadata__": {"format": "pt"}}, 0
    for tensor in TENSORS:
        end = at + len(tensor.bytes)
        header[tensor.kind] = {"dtype": tensor.kind, "shape": tensor.shape, "data_offsets": [at, end]}
        at = end
    text = json.dumps(header).encode()
    parts = [struct.pack("<Q", len(text)), text, *(tensor.bytes for tensor in TENSORS)]
    (directory / "model.safetensors").write_bytes(b"".join(parts))


def unpickled(stream, storages):
    """The tensors' storages by name, as `storages` gives them for a persistent id."""

    class Unpickler(pickle.Unpickler):
        def persistent_load(self, ids):
            assert ids[0] == "storage", ids
            return storages(ids)

    return Unpickler(stream).load()


def load_zip(path):
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None, archive.testzip()
        pickletools.dis(archive.read("model/data.pkl"), out=io.StringIO())
        assert archive.read("model/byteorder") == b"little"
        stream = io.BytesIO(archive.read("model/data.pkl"))
        loaded = unpickled(stream, lambda ids: (ids[1], ids[4], archive.read(f"model/data/{ids[2]}")))
    return from_tensors(loaded)


def load_legacy(path):
    stream = io.BytesIO(path.read_bytes())
    assert pickle.load(stream) == 0x1950A86A20F9469CFC6C
    assert pickle.load(stream) == 1001
    assert pickle.load(stream) == {"little_endian": True}
    held = {}

    def storage(ids):
        held[ids[2]] = [ids[1], ids[4], None]
        return held[ids[2]]

    loaded = unpickled(stream, storage)
    for key in pickle.load(stream):
        (count,) = struct.unpack("<q", stream.read(8))
        kind = next(kind for kind in TYPES if TYPES[kind][3] == held[key][0].__name__)
        held[key][2] = stream.read(count * TYPES[kind][1])
    assert stream.read() == b""
    return from_tensors(loaded)


def load_oldest(path):
    with tarfile.open(path) as archive:
        stream = archive.extractfile("storages")
        found = {}
        for _ in range(pickle.load(stream)):
            _, _, cls = pickle.load(stream)
            kind = next(kind for kind in TYPES if TYPES[kind][3] == cls.__name__)
            (count,) = struct.unpack("<q", stream.read(8))
            found[kind] = (SHAPES[kind], stream.read(count * TYPES[kind][1]))
        assert stream.read() == b""
    return found


def load_safetensors(path):
    data = path.read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    assert header.pop("__metadata__") == {"format": "pt"}
    found, reached = {}, 0
    for name, tensor in header.items():
        begin, end = tensor["data_offsets"]
        assert begin == reached and name == tensor["dtype"]
        reached = end
        found[name] = (tuple(tensor["shape"]), data[8 + length + begin : 8 + length + end])
    assert 8 + length + reached == len(data)
    return found


def from_tensors(loaded):
    assert loaded["epoch"] == 3
    found = {}
    for kind, tensor in loaded["model"].items():
        cls, count, data = tensor["storage"]
        assert cls.__name__ == TYPES[kind][3] and len(data) == count * TYPES[kind][1]
        found[kind] = (tuple(tensor["size"]), data)
    return found


LOADERS = {
    "model.pt": load_zip,
    "legacy.pth": load_legacy,
    "oldest.pth": load_oldest,
    "model.safetensors": load_safetensors,
}


def check(directory, drop):
    for name, load in LOADERS.items():
        found = load(directory / name)
        assert set(found) == set(TYPES), (name, set(found))
        for tensor in TENSORS:
            shape, data = found[tensor.kind]
            assert shape == tensor.shape, (name, tensor.kind, shape)
            assert data == rounded(tensor.kind, tensor.bytes, drop), (name, tensor.kind, drop)
        print(f"{name}: {len(found)} tensors")


if sys.argv[1] == "make":
    make(Path(sys.argv[2]))
else:
    check(Path(sys.argv[2]), int(sys.argv[3]))
