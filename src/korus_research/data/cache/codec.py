"""Encode values as bytes and decode them without executing anything but the project's own data classes.

The encoding is a JSON tree followed by the memory of the arrays. Every supported type is listed here; functions, and
classes that are not data classes or models of the project, can't be named. Values of other types can't be encoded, and
are computed again instead.
"""

from __future__ import annotations

import enum
import json
import re
import struct
import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from functools import cached_property
from importlib import import_module
from typing import Any, Literal, cast

import numpy as np
import pandas as pd
from pandas.api.internals import create_dataframe_from_blocks  # type: ignore[import-not-found]
from pandas.api.types import pandas_dtype
from pydantic import BaseModel

NAME = "korus_research"

_HEAD = struct.Struct("<Q")
_OURS = re.compile(rf"{NAME}(\.[a-z]\w*)+")
_PLAIN = "biufcmM"  # kinds of numpy numbers, booleans and dates that are stored as raw memory
_ABSENT = {"nan": np.nan, "NA": pd.NA}


class NotEncodable(TypeError):
    """A value of an unsupported type."""


class Damaged(ValueError):
    """Bytes that are not from `encode`, or that name a class that no longer exists."""


def encode(value: Any) -> bytes:
    """Return `value` as bytes.

    Raises
    ------
    NotEncodable
        It contains a value of an unsupported type.
    """
    writer = _Writer()
    tree = json.dumps(writer.node(value), separators=(",", ":")).encode()
    return b"".join([_HEAD.pack(len(tree)), tree, *writer.blobs])


def decode(content: bytes) -> Any:
    """Return the value encoded in `content`, equal to the last bit and of the same types.

    Raises
    ------
    Damaged
        The bytes are not from `encode`.
    """
    try:
        (size,) = _HEAD.unpack_from(content)
        tree = json.loads(content[_HEAD.size : _HEAD.size + size])
        return _Reader(memoryview(content)[_HEAD.size + size :]).value(tree)
    except Damaged:
        raise
    except Exception as error:  # foreign bytes may cause any
        raise Damaged(f"{type(error).__name__}: {error}") from None


class _Writer:
    def __init__(self) -> None:
        self.blobs: list[bytes] = []
        self._size = 0
        self._seen: dict[int, tuple[int, Any]] = {}  # shared values are stored once; kept alive, so ids stay unique
        self._open: set[int] = set()

    def node(self, value: Any) -> Any:
        if value is None or type(value) in (bool, int, float, str):
            return value
        if (known := self._seen.get(id(value))) is not None:
            return ["again", known[0]]
        if id(value) in self._open:
            raise NotEncodable("a value that holds itself")
        self._open.add(id(value))
        try:
            made = self._of(value)
        finally:
            self._open.remove(id(value))
        self._seen[id(value)] = (len(self._seen), value)
        return made

    def _of(self, value: Any) -> list[Any]:
        if (kind := _KIND_OF.get(type(value))) is not None:
            return [kind, *_KINDS[kind][1](self, value)]
        if isinstance(value, np.generic) and value.dtype.kind in _PLAIN:
            return ["scalar", value.dtype.str, *self.blob(value.tobytes())]
        if isinstance(value, pd.MultiIndex):
            levels, codes = [self.node(x) for x in value.levels], [self.node(np.asarray(x)) for x in value.codes]
            return ["multiindex", levels, codes, self.node(tuple(value.names))]
        if isinstance(value, pd.Index):
            return ["index", self.array(value.array), self.node(value.name), _frequency(value)]
        if isinstance(value, np.ndarray):
            return ["array", self.array(value)]
        if isinstance(value, enum.Enum) and _is_ours(type(value)):
            return ["member", _named(type(value)), value.name]
        if isinstance(value, BaseModel) and _is_ours(type(value)):
            set_ = sorted(value.model_fields_set)
            held = {name: getattr(value, name) for name in type(value).model_fields}
            return ["model", _named(type(value)), self.node(held), set_]
        if is_dataclass(value) and _is_ours(type(value)):
            names = [one.name for one in fields(value)]
            held = {name: self.node(getattr(value, name)) for name in names}
            return ["data", _named(type(value)), held, self._made(value, names)]
        if isinstance(value, tuple) and hasattr(value, "_fields") and _is_ours(type(value)):
            return ["named", _named(type(value)), [self.node(one) for one in value]]
        raise NotEncodable(f"a {type(value).__module__}.{type(value).__qualname__}")

    def _made(self, value: Any, names: list[str]) -> dict[str, Any]:
        """Return the values of cached properties; one that can't be encoded is left out and computed again."""
        found: dict[str, Any] = {}
        for name, held in getattr(value, "__dict__", {}).items():
            if name not in names and isinstance(getattr(type(value), name, None), cached_property):
                seen, blobs, size = len(self._seen), len(self.blobs), self._size
                try:
                    found[name] = self.node(held)
                except NotEncodable:
                    while len(self._seen) > seen:
                        self._seen.popitem()
                    del self.blobs[blobs:]
                    self._size = size
        return found

    def blob(self, content: bytes) -> tuple[int, int]:
        start = self._size
        self.blobs.append(content)
        self._size += len(content)
        return start, len(content)

    def array(self, value: Any) -> list[Any]:
        """Return the node of an array of numpy or pandas."""
        if isinstance(value, pd.arrays.NumpyExtensionArray):
            value = value.to_numpy()
        if isinstance(value, np.ndarray):
            if value.dtype.kind in _PLAIN and not value.dtype.hasobject:
                packed = value.copy(order="K")
                order: Literal["C", "F"] = "C" if packed.flags.c_contiguous else "F"
                return ["numbers", value.dtype.str, list(value.shape), order, *self.blob(packed.tobytes(order))]
            if value.dtype == object:
                return ["objects", list(value.shape), [self.node(one) for one in value.ravel()]]
        elif isinstance(value.dtype, pd.StringDtype):
            absent = "NA" if value.dtype.na_value is pd.NA else "nan"
            return ["texts", value.dtype.storage, absent, [None if pd.isna(one) else str(one) for one in value]]
        elif isinstance(value.dtype, pd.PeriodDtype):
            return ["periods", str(value.dtype), self.array(value.asi8)]
        elif isinstance(value.dtype, pd.CategoricalDtype):
            return ["categories", self.array(value.codes), self.node(value.categories), bool(value.ordered)]
        elif isinstance(value, pd.arrays.IntegerArray):
            known = value.to_numpy(dtype=value.dtype.numpy_dtype, na_value=0)
            return ["integers", self.array(known), self.array(value.isna())]
        elif isinstance(value, pd.arrays.DatetimeArray) and value.tz is None:
            return ["dates", self.array(value.to_numpy())]
        raise NotEncodable(f"an array of {value.dtype}")


class _Reader:
    def __init__(self, blobs: memoryview) -> None:
        self._blobs = blobs
        self._seen: list[Any] = []

    def value(self, node: Any) -> Any:
        if not isinstance(node, list):
            if isinstance(node, dict):
                raise Damaged("a mapping outside of a kind")
            return node
        kind, *parts = node
        if kind == "again":
            return self._seen[parts[0]]
        made = self._of(kind, parts)
        self._seen.append(made)
        return made

    def _of(self, kind: str, parts: list[Any]) -> Any:
        if kind in _KINDS:
            return _KINDS[kind][2](self, parts)
        match kind, parts:
            case "scalar", (dtype, start, size):
                return np.frombuffer(self.blob(start, size), dtype=_number(dtype))[0]
            case "multiindex", (levels, codes, names):
                held = [self.value(one) for one in levels], [self.value(one) for one in codes]
                return pd.MultiIndex(*held, names=self.value(names), verify_integrity=False)
            case "index", (array, name, frequency):
                return _index(self.array(array), self.value(name), frequency)
            case "array", (array,):
                return self.array(array)
            case "member", (of, name):
                return _class(of, enum.Enum)[name]
            case "model", (of, held, set_):
                values = self.value(held)
                return _class(of, BaseModel).model_construct(set(set_), **values)
            case "data", (of, held, also):
                return self._data(_class(of, object), held, also)
            case "named", (of, held):
                return _class(of, tuple)._make(self.value(one) for one in held)
        raise Damaged(f"an unknown kind {kind!r}")

    def _data(self, of: type, held: Mapping[str, Any], also: Mapping[str, Any]) -> Any:
        if not is_dataclass(of) or {one.name for one in fields(of)} != set(held):
            raise Damaged(f"{of.__qualname__} has other fields now")
        made = object.__new__(of)
        for name, node in held.items():
            object.__setattr__(made, name, self.value(node))
        for name, node in also.items():
            value = self.value(node)
            if isinstance(getattr(of, name, None), cached_property):
                made.__dict__[name] = value
        if (settle := getattr(made, "__post_init__", None)) is not None:
            settle()
        return made

    def blob(self, start: int, size: int) -> memoryview:
        if not 0 <= start <= start + size <= len(self._blobs):
            raise Damaged("it ends too early")
        return self._blobs[start : start + size]

    def array(self, node: list[Any]) -> Any:
        match node:
            case "numbers", dtype, shape, order, start, size:
                flat = np.frombuffer(bytearray(self.blob(start, size)), dtype=_number(dtype))
                return flat.reshape(shape, order="C" if order == "C" else "F")
            case "objects", shape, held:
                made = np.empty(len(held), dtype=object)
                made[:] = [self.value(one) for one in held]
                return made.reshape(shape)
            case "texts", storage, absent, held:
                return pd.array(held, dtype=pd.StringDtype(storage, na_value=_ABSENT[absent]))  # type: ignore[call-overload]
            case "periods", dtype, held:
                return pd.arrays.PeriodArray(self.array(held), dtype=cast("pd.PeriodDtype", pandas_dtype(dtype)))
            case "categories", codes, categories, ordered:
                return pd.Categorical.from_codes(self.array(codes), self.value(categories), ordered=ordered)
            case "integers", known, absent:
                return pd.arrays.IntegerArray(self.array(known), self.array(absent))
            case "dates", held:
                return pd.arrays.DatetimeArray._from_sequence(self.array(held))  # type: ignore[attr-defined]
        raise Damaged(f"an unknown array {node[0]!r}")


def _frame_parts(writer: _Writer, frame: pd.DataFrame) -> list[Any]:
    # Block by block, in the memory layout: sums depend on it in the last digit.
    blocks = [[block.mgr_locs.as_array.tolist(), writer.array(block.values)] for block in frame._mgr.blocks]
    return [blocks, writer.node(frame.index), writer.node(frame.columns)]


def _frame(reader: _Reader, parts: list[Any]) -> pd.DataFrame:
    blocks = [(reader.array(held), np.asarray(places, dtype=np.intp)) for places, held in parts[0]]
    index, columns = reader.value(parts[1]), reader.value(parts[2])
    made: pd.DataFrame = create_dataframe_from_blocks(blocks, index=index, columns=columns)
    return made


def _series_parts(writer: _Writer, series: pd.Series) -> list[Any]:
    return [writer.node(series.index), writer.node(series.name), writer.array(series.array)]


def _series(reader: _Reader, parts: list[Any]) -> pd.Series:
    index, name, held = parts
    index, name = reader.value(index), reader.value(name)
    array = reader.array(held)
    made: pd.Series = pd.Series(array, index=index, name=name, dtype=array.dtype, copy=False)
    return made


def _index(array: Any, name: Any, frequency: str | None) -> pd.Index:
    if frequency is not None:
        return pd.DatetimeIndex(array, name=name, freq=frequency)
    index: pd.Index = pd.Index(array, name=name, dtype=array.dtype, copy=False)
    return index


def _frequency(index: pd.Index) -> str | None:
    return index.freqstr if isinstance(index, pd.DatetimeIndex) and index.freq is not None else None


def _pairs(writer: _Writer, value: Mapping[Any, Any]) -> list[Any]:
    return [[writer.node(key), writer.node(one)] for key, one in value.items()]


def _mapping(reader: _Reader, parts: list[Any]) -> dict[Any, Any]:
    return {reader.value(key): reader.value(one) for key, one in parts}


def _many(writer: _Writer, value: Any) -> list[Any]:
    return [writer.node(one) for one in value]


# For each kind: the type, its encoding as nodes, and its decoding.
_Kind = tuple[type, Callable[[_Writer, Any], list[Any]], Callable[[_Reader, list[Any]], Any]]
_KINDS: dict[str, _Kind] = {
    "tuple": (tuple, _many, lambda reader, parts: tuple(map(reader.value, parts))),
    "list": (list, _many, lambda reader, parts: list(map(reader.value, parts))),
    "dict": (dict, _pairs, _mapping),
    "view": (types.MappingProxyType, _pairs, lambda reader, parts: types.MappingProxyType(_mapping(reader, parts))),
    "set": (set, lambda w, v: _many(w, _sorted(v)), lambda r, parts: set(map(r.value, parts))),
    "frozenset": (frozenset, lambda w, v: _many(w, _sorted(v)), lambda r, parts: frozenset(map(r.value, parts))),
    "bytes": (bytes, lambda writer, v: list(writer.blob(v)), lambda reader, parts: bytes(reader.blob(*parts))),
    "date": (date, lambda _, v: [v.isoformat()], lambda _, parts: date.fromisoformat(parts[0])),
    "datetime": (datetime, lambda _, v: [v.isoformat()], lambda _, parts: datetime.fromisoformat(parts[0])),
    "period": (pd.Period, lambda _, v: [v.ordinal, v.freqstr], lambda _, p: pd.Period(ordinal=p[0], freq=p[1])),
    "stamp": (pd.Timestamp, lambda _, v: [v.isoformat(), v.unit], lambda _, p: pd.Timestamp(p[0]).as_unit(p[1])),
    "missing": (type(pd.NA), lambda _, __: [], lambda _, __: pd.NA),
    "nodate": (type(pd.NaT), lambda _, __: [], lambda _, __: pd.NaT),
    "range": (
        pd.RangeIndex,
        lambda writer, v: [v.start, v.stop, v.step, writer.node(v.name)],
        lambda reader, p: pd.RangeIndex(p[0], p[1], p[2], name=reader.value(p[3])),
    ),
    "frame": (pd.DataFrame, _frame_parts, _frame),
    "series": (pd.Series, _series_parts, _series),
}
_KIND_OF = {of: kind for kind, (of, _, _) in _KINDS.items()}


def _sorted(value: Any) -> list[Any]:
    return sorted(value, key=repr)


def _number(dtype: str) -> np.dtype[Any]:
    found = np.dtype(dtype)
    if found.kind not in _PLAIN or found.hasobject:
        raise Damaged(f"numbers of {dtype}")
    return found


def _is_ours(of: type) -> bool:
    return _OURS.fullmatch(of.__module__) is not None and "<locals>" not in of.__qualname__


def _named(of: type) -> str:
    return f"{of.__module__}:{of.__qualname__}"


def _class(named: str, above: type) -> Any:
    """Return a data class of the project by name; Damaged for anything else."""
    module, _, path = named.partition(":")
    if not _OURS.fullmatch(module):
        raise Damaged(f"{named!r} is not of this project")
    found: Any = import_module(module)
    for part in path.split("."):
        found = vars(found)[part]
    data = is_dataclass(found) or issubclass(found, enum.Enum | BaseModel) or hasattr(found, "_fields")
    if not (isinstance(found, type) and issubclass(found, above) and data and found.__module__ == module):
        raise Damaged(f"{named!r} is not a class of data")
    return found
