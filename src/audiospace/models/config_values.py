"""Plain values, as YAML and JSON have them, into the fields of configurations, every mistake named."""

import dataclasses
from collections.abc import Mapping
from types import UnionType
from typing import Any, get_origin, get_type_hints


def require_positive(config: object, *names: str) -> None:
    """Check fields of a configuration.

    Args:
        config: A dataclass.
        *names: Fields that must be above zero.

    Raises:
        ValueError: One is not.
    """
    for name in names:
        value = getattr(config, name)
        if value <= 0:
            raise ValueError(f"{type(config).__name__}.{name} must be above zero, not {value}")


def plain_section(values: object, where: str) -> Mapping[str, object]:
    """Check that a section is a mapping.

    Args:
        values: The section.
        where: Its name.

    Returns:
        The section.

    Raises:
        ValueError: It is something else.
    """
    if not isinstance(values, Mapping):
        raise ValueError(f"{where} must be a mapping, not {values!r}")
    return values


def constructor_arguments(cls: type, values: Mapping[str, object], where: str) -> dict[str, Any]:
    """Check values against the fields of a dataclass, none of which has a default factory.

    Args:
        cls: The dataclass.
        values: By field name; lists become tuples, whole numbers floats where a field wants them.
        where: What to call the section.

    Returns:
        Arguments for the constructor.

    Raises:
        ValueError: A key is unknown or missing, or a value is of another type.
    """
    kinds = get_type_hints(cls)
    unknown = sorted(set(values) - set(kinds))
    if unknown:
        raise ValueError(f"unknown key in {where}: {', '.join(unknown)}")
    required = {field.name for field in dataclasses.fields(cls) if field.default is dataclasses.MISSING}
    missing = sorted(required - set(values))
    if missing:
        raise ValueError(f"missing key in {where}: {', '.join(missing)}")
    return {key: _converted(kinds[key], value, f"{where}.{key}") for key, value in values.items()}


def _converted(kind: object, value: object, where: str) -> object:
    if (
        kind == tuple[int, ...]
        and isinstance(value, list | tuple)
        and all(type(item) is int for item in value)
    ):
        return tuple(value)
    if kind is float and type(value) is int:
        return float(value)
    if isinstance(kind, type) and type(value) is kind:
        return value
    if get_origin(kind) is tuple and isinstance(value, tuple) and all(map(dataclasses.is_dataclass, value)):
        return value
    if isinstance(kind, UnionType) and isinstance(value, kind):
        return value
    raise ValueError(f"{where} must be {getattr(kind, '__name__', kind)}, not {value!r}")
