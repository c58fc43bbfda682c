"""YAML nodes as plain data, with the place of every key and value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from .problems import ConfigError, Problem
from .scalars import UNUSABLE, Misread, scalar

Where = tuple[str | int, ...]
"""The way to a value: keys and list positions (``("offerings", 0, "name")``)."""

# An alias within an alias multiplies: a few lines can stand for more than any memory holds.
_MOST_VALUES = 100_000


@dataclass
class Tree:
    """Turns one node after the other into data.

    Attributes:
        keys: Where each key stands; likewise ``values``.
        problems: What could be read all the same but must not stay so: double keys, tags, keys that are no text.
    """

    file: str
    keys: dict[Where, yaml.Mark] = field(default_factory=dict)
    values: dict[Where, yaml.Mark] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    _open: list[yaml.Node] = field(default_factory=list)

    def data(self, node: yaml.Node, where: Where = ()) -> object:
        """The value of a node: mappings, lists, and what :func:`~.scalars.scalar` gives.

        Raises:
            ConfigError: it stands for more values than a configuration can have.
        """
        if len(self.values) > _MOST_VALUES:
            raise ConfigError(Problem(self.file, "the aliases multiply beyond measure", 1, 1, "fewer aliases"))
        # A value left out has its mark behind the colon, where nothing is to be seen: point at its key.
        left_out = isinstance(node, yaml.ScalarNode) and not node.value and node.style is None
        self.values[where] = self.keys.get(where, node.start_mark) if left_out else node.start_mark
        if node in self._open:
            return self._unusable(node, "this value contains itself")
        self._open.append(node)
        value = self._built(node, where)
        self._open.pop()
        return value

    def _built(self, node: yaml.Node, where: Where) -> object:
        if isinstance(node, yaml.MappingNode) and node.tag == "tag:yaml.org,2002:map":
            return self._mapping(node, where)
        if isinstance(node, yaml.SequenceNode) and node.tag == "tag:yaml.org,2002:seq":
            return [self.data(item, (*where, index)) for index, item in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode):
            try:
                return scalar(node)
            except LookupError:
                pass
        return self._unusable(node, "there is a YAML tag")

    def _mapping(self, node: yaml.MappingNode, where: Where) -> dict[str, object]:
        built: dict[str, object] = {}
        for key_node, value_node in self._own(node):
            key = self._key(key_node)
            if key is None:
                continue
            if key in built:
                first = self.keys[(*where, key)].line + 1
                self._complain(key_node, f"{printable(key)} is given twice, first in line {first}", "one of them")
                continue
            self._put(built, where, key, key_node, value_node)
        for key_node, value_node in self._merged(node):
            key = self._key(key_node)
            if key is not None and key not in built:
                self._put(built, where, key, key_node, value_node)
        return built

    def _put(
        self, built: dict[str, object], where: Where, key: str, key_node: yaml.Node, value_node: yaml.Node
    ) -> None:
        self.keys[(*where, key)] = key_node.start_mark
        built[key] = self.data(value_node, (*where, key))

    @staticmethod
    def _own(node: yaml.MappingNode) -> Iterator[tuple[yaml.Node, yaml.Node]]:
        return ((key, value) for key, value in node.value if not _is_merge(key))

    def _merged(self, node: yaml.MappingNode) -> Iterator[tuple[yaml.Node, yaml.Node]]:
        """What ``<<`` brings into a mapping: from the nearest source first, as the first one counts."""
        for merge in (value for key, value in node.value if _is_merge(key)):
            for source in merge.value if isinstance(merge, yaml.SequenceNode) else [merge]:
                if isinstance(source, yaml.MappingNode):
                    yield from self._own(source)
                    yield from self._merged(source)
                else:
                    self._complain(source, "this is no mapping, so it cannot be merged", "an alias of a mapping")

    def _key(self, node: yaml.Node) -> str | None:
        if isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:str":
            return str(node.value)
        self._complain(node, "this key is no text", "a name; in quotes where YAML takes it for something else")
        return None

    def _unusable(self, node: yaml.Node, text: str) -> Misread:
        self._complain(node, text, "a plain value")
        return UNUSABLE

    def _complain(self, node: yaml.Node, text: str, expected: str) -> None:
        mark = node.start_mark
        self.problems.append(Problem(self.file, text, mark.line + 1, mark.column + 1, expected))


def _is_merge(node: yaml.Node) -> bool:
    return bool(node.tag == "tag:yaml.org,2002:merge")


def printable(key: str) -> str:
    """A key for a message, cut where it stops looking like one: behind a forgotten blank there may be a token."""
    end = next((place for place, letter in enumerate(key) if not (letter.isalnum() or letter in "_-./")), len(key))
    return key if end == len(key) and len(key) <= 64 else f"{key[: min(end, 64)]}…"
