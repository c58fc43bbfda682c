"""What the program writes on standard output: one JSON object, taken exactly as the contract has it or not at all.

Nothing is guessed. A key that nobody knows is most likely a misspelt one, and leaving it out would turn what the
program did say ("these are the members") into something else ("there are none").
"""

from __future__ import annotations

import dataclasses
import json
import re
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, Final, NoReturn

from waldur_agent_hookspecs import BackendError, NotReady, PluginError, UserActionNeeded

from .signatures import answer_type

NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_MOST_DIGITS: Final = 40
_SHOWN: Final = 60


class NotUnderstood(Exception):  # noqa: N818 - says what is the case, for the reader of the log
    """An answer is not what the protocol says. The text has the place in it."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The program's ``error``.

    Attributes:
        kind: ``not_ready``, ``backend_error`` or ``user_action_needed``.
        text: For people: what was asked, of whom, what came back, what to do next.
        expected: For ``not_ready``: waiting is ordinary.
        url: For ``user_action_needed``: where to do it.
        validation: For ``user_action_needed``: an additional validation is awaited.
    """

    kind: typing.Literal["not_ready", "backend_error", "user_action_needed"]
    text: str
    expected: bool = False
    url: str = ""
    validation: bool = False

    def as_exception(self) -> PluginError:
        """The contract's error of this kind."""
        match self.kind:
            case "not_ready":
                return NotReady(self.text, expected=self.expected)
            case "backend_error":
                return BackendError(self.text)
            case "user_action_needed":
                return UserActionNeeded(self.text, url=self.url, validation=self.validation)


def read_answer(hook: str, output: bytes) -> Any:
    """The hook's answer.

    Raises:
        NotUnderstood: it is no answer to this hook.
        PluginError: the program's own ``error``.
    """
    match _json(output):
        case {"result": result, **rest} if not rest:
            return decode(answer_type(hook), result, "result")
        case {"error": error, **rest} if not rest:
            refusal: Refusal = decode(Refusal, error, "error")
            if not refusal.text.strip():
                _refuse("error.text", "a text for people", refusal.text)
            raise refusal.as_exception()
        case message:
            raise NotUnderstood(f'the answer has to be {{"result": …}} or {{"error": …}}, not {_shown(message)}')


def _json(output: bytes) -> Any:
    try:
        return json.loads(
            output.decode(), parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_without_doubles
        )
    except UnicodeDecodeError as error:
        raise NotUnderstood(f"the answer is not UTF-8 (byte {error.start})") from error
    except (ValueError, RecursionError) as error:
        raise NotUnderstood(f"the answer is not one JSON object ({error}): {_shown(output.decode())}") from error


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError(f"an object has a key twice, among {', '.join(found)}")
    return found


def decode(kind: Any, value: Any, place: str) -> Any:
    """A JSON value as a value of ``kind``.

    Args:
        kind: A type of the contract.
        value: As :mod:`json` gives it, with :class:`~decimal.Decimal` for fractions.
        place: Where it stands, for the error.

    Raises:
        NotUnderstood: it is none.
    """
    if dataclasses.is_dataclass(kind):
        return _dataclass(kind, value, place)
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin is Mapping:
        return {key: decode(parts[1], item, f"{place}.{key}") for key, item in _of(dict, value, place).items()}
    if origin in {Sequence, tuple}:
        items = enumerate(_of(list, value, place))
        return tuple(decode(parts[0], item, f"{place}[{number}]") for number, item in items)
    if origin is types.UnionType:
        return None if value is None else decode(parts[0], value, place)
    return _plain(kind, parts, value, place)


def _plain(kind: Any, choices: Sequence[Any], value: Any, place: str) -> Any:
    if typing.get_origin(kind) is typing.Literal:
        return value if value in choices else _refuse(place, f"one of {', '.join(choices)}", value)
    if kind is Decimal:
        return _amount(value, place)
    if issubclass(kind, Enum):
        known = [member.value for member in kind]
        return kind(value) if value in known else _refuse(place, f"one of {', '.join(known)}", value)
    return _of(kind, value, place)


def _dataclass(kind: Any, value: Any, place: str) -> Any:
    given = _of(dict, value, place)
    hints = typing.get_type_hints(kind)
    fields = {field.name: field for field in dataclasses.fields(kind)}
    if strange := given.keys() - fields.keys():
        raise NotUnderstood(f"{place} has {', '.join(sorted(strange))}, but its keys are {', '.join(fields)}")
    needed = [name for name, field in fields.items() if not _has_default(field)]
    if missing := [name for name in needed if name not in given]:
        raise NotUnderstood(f"{place} lacks {', '.join(missing)}")
    return kind(**{name: decode(hints[name], item, f"{place}.{name}") for name, item in given.items()})


def _has_default(field: dataclasses.Field[Any]) -> bool:
    return field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING


def _amount(value: Any, place: str) -> Decimal:
    """Text or a number, digit by digit."""
    known = isinstance(value, Decimal) or type(value) is int or (isinstance(value, str) and NUMBER.fullmatch(value))
    if not known:
        _refuse(place, 'an amount such as "60000"', value)
    amount = Decimal(value)
    if abs(amount.adjusted()) > _MOST_DIGITS:
        _refuse(place, f"an amount of at most {_MOST_DIGITS} digits", value)
    return amount


def _of(kind: type[Any], value: Any, place: str) -> Any:
    # type() and not isinstance(): in Python, true is a number.
    return value if type(value) is kind else _refuse(place, _JSON_NAMES[kind], value)


_JSON_NAMES: Final[Mapping[type[Any], str]] = {
    dict: "an object",
    list: "an array",
    str: "a string",
    bool: "true or false",
    int: "a whole number",
}


def _refuse(place: str, wanted: str, value: Any) -> NoReturn:
    raise NotUnderstood(f"{place} has to be {wanted}, not {_shown(value)}")


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
