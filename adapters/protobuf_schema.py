"""Protobuf message classes from tables of field numbers, made at run time. Pure.

A venue's schema is a table that can be read beside its documentation; no generated code is kept, and no compiler is
needed. See `docs/decisions/0020-protobuf.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError as ProtobufError
from google.protobuf.message_factory import GetMessageClass

from market.errors import DecodeError

Fields = Mapping[str, tuple[int, str]]
"""Number and type by field name. A type is a scalar (`double`, `int64`, …) or a message of the same table, and may
stand behind `repeated `, or behind `by text ` for a map whose keys are strings."""

_SCALARS = {
    "double": FieldDescriptorProto.TYPE_DOUBLE,
    "int32": FieldDescriptorProto.TYPE_INT32,
    "int64": FieldDescriptorProto.TYPE_INT64,
    "uint32": FieldDescriptorProto.TYPE_UINT32,
    "uint64": FieldDescriptorProto.TYPE_UINT64,
    "bool": FieldDescriptorProto.TYPE_BOOL,
    "string": FieldDescriptorProto.TYPE_STRING,
}
_REPEATED = "repeated "
_BY_TEXT = "by text "


def message_classes(package: str, messages: Mapping[str, Fields]) -> dict[str, Any]:
    """Return a class for each of `messages`; their names are their own, whatever else the process has loaded.

    Enumerations are declared as `int32`, which they are on the wire: a value nobody knows is a number, not an error.
    Which field of a `oneof` is there is asked with `HasField`, so a `oneof` needs no declaration either.
    """
    file = FileDescriptorProto(name=f"{package}.proto", package=package, syntax="proto3")
    for name, fields in messages.items():
        message = file.message_type.add(name=name)
        for field, (number, kind) in fields.items():
            _add_field(message, f".{package}.", field, number, kind)
    pool = DescriptorPool()
    pool.Add(file)
    return {name: GetMessageClass(pool.FindMessageTypeByName(f"{package}.{name}")) for name in messages}


def _add_field(message: DescriptorProto, scope: str, name: str, number: int, kind: str) -> None:
    if kind.startswith(_BY_TEXT):
        entry = message.nested_type.add(name=f"{name.capitalize()}Entry")
        entry.options.map_entry = True
        _add_field(entry, scope, "key", 1, "string")
        _add_field(entry, scope, "value", 2, kind.removeprefix(_BY_TEXT))
        scope, kind = f"{scope}{message.name}.", f"{_REPEATED}{entry.name}"
    field = message.field.add(name=name, number=number, label=FieldDescriptorProto.LABEL_OPTIONAL)
    if kind.startswith(_REPEATED):
        field.label = FieldDescriptorProto.LABEL_REPEATED
        kind = kind.removeprefix(_REPEATED)
    if kind in _SCALARS:
        field.type = _SCALARS[kind]
    else:
        field.type = FieldDescriptorProto.TYPE_MESSAGE
        field.type_name = f"{scope}{kind}"


def parse(message_class: Any, frame: bytes) -> Any:
    """Return `frame` as a `message_class`.

    Raises:
        DecodeError: it is no such message.
    """
    try:
        return message_class.FromString(frame)
    except ProtobufError as exc:
        raise DecodeError(f"Not a {message_class.DESCRIPTOR.name} message", frame) from exc
