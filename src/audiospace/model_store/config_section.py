"""One mapping of a foreign configuration, of which every key must be understood."""

from collections.abc import Mapping
from dataclasses import dataclass, field

REQUIRED = object()  # stands for leaving out a key that has no default


@dataclass(frozen=True)
class Keys:
    """The keys of one section.

    Attributes:
        read: Keys whose value is used.
        fixed: The supported value, and what leaving the key out means, by key.
        idle: Keys that cannot change what is computed here.
    """

    read: frozenset[str] = frozenset()
    fixed: Mapping[str, tuple[object, object]] = field(default_factory=dict)
    idle: frozenset[str] = frozenset()


class Section:
    """One mapping that knows where it is; its readers raise ValueError with the path of the key.

    Args:
        values: The mapping.
        where: The path that leads to it, empty for the whole configuration.
        keys: The keys it may have.

    Raises:
        ValueError: It is no mapping, or a key is unknown or has a value that is not supported.
    """

    def __init__(self, values: object, where: str, keys: Keys) -> None:
        if not isinstance(values, Mapping):
            raise ValueError(f"{where or 'the configuration'} must be a mapping, not {values!r}")
        self._values = values
        self._where = where
        for key in values:
            if key not in keys.read | keys.fixed.keys() | keys.idle:
                raise ValueError(f"{self.name(key)} is not a key known here, so it cannot be honoured")
        for key, (supported, default) in keys.fixed.items():
            self._require(key, supported, default)

    def name(self, key: object) -> str:
        """The key with the path that leads to it."""
        return f"{self._where}.{key}" if self._where else str(key)

    def _require(self, key: str, supported: object, default: object) -> None:
        value = self._values.get(key, default)
        if value is REQUIRED:
            raise ValueError(f"{self.name(key)} is missing; only {supported!r} is supported")
        same = value == supported and isinstance(value, bool) == isinstance(supported, bool)
        if not same:
            missing = "" if key in self._values else "missing, which means "
            raise ValueError(f"{self.name(key)} is {missing}{value!r}; only {supported!r} is supported")

    def section(self, key: str, keys: Keys) -> "Section":
        """The mapping at a key, checked."""
        return Section(self._values.get(key), self.name(key), keys)

    def whole(self, key: str) -> int:
        """A whole number above zero."""
        value = self._values.get(key)
        if type(value) is not int or value < 1:
            raise self._unfit(key, "a whole number above zero")
        return value

    def wholes(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers, not empty."""
        value = self._values.get(key)
        if not isinstance(value, list) or not value or any(type(item) is not int for item in value):
            raise self._unfit(key, "a list of whole numbers")
        return tuple(value)

    def word(self, key: str) -> str:
        """A string."""
        value = self._values.get(key)
        if not isinstance(value, str):
            raise self._unfit(key, "a word")
        return value

    def words(self, key: str) -> tuple[str, ...]:
        """A list of strings, empty if the key is left out."""
        value = self._values.get(key, [])
        if not isinstance(value, list) or any(not isinstance(item, str) for item in value):
            raise self._unfit(key, "a list of words")
        return tuple(value)

    def sections(self, key: str, keys: Keys) -> "tuple[Section, ...]":
        """The mappings in a list, each checked."""
        value = self._values.get(key)
        if not isinstance(value, list):
            raise self._unfit(key, "a list")
        return tuple(Section(entry, f"{self.name(key)}[{index}]", keys) for index, entry in enumerate(value))

    def agree(self, key: str, expected: int, reason: str) -> None:
        """Require a whole number that another key already settled."""
        found = self.whole(key)
        if found != expected:
            raise ValueError(f"{self.name(key)} is {found}; only {expected} is supported, {reason}")

    def _unfit(self, key: str, needed: str) -> ValueError:
        if key not in self._values:
            return ValueError(f"{self.name(key)} is missing; {needed} is needed")
        return ValueError(f"{self.name(key)} is {self._values[key]!r}; {needed} is needed")
