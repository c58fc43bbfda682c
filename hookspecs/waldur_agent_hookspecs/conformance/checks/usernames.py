"""CT-USR: local names of persons."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from waldur_agent_hookspecs import PluginError, User, UserActionNeeded

from ..bench import Bench
from ..check import check, expect

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.@-]{0,254}")
_FIND = ("find_username",)
_MAKE = ("generate_username",)


def _user(bench: Bench, name: str = "Alice Example", **other: object) -> User:
    first, _, last = name.partition(" ")
    email = f"{first.lower()}@example.org"
    given = {"login": email, "full_name": name, "first_name": first, "last_name": last, "email": email, **other}
    return User(bench.identifier(f"user {name}"), **given)  # type: ignore[arg-type] # the keys are User's


def _hold_to_rules(hook: str, answer: object, user: User) -> str:
    """The name of an answer; empty where there is none, or where the person has to do something first."""
    if isinstance(answer, UserActionNeeded):
        good = not answer.url or urlsplit(answer.url).scheme in {"http", "https"}
        expect(good, hook, f"sends the person to {answer.url!r}", "Give an absolute http(s) URL, or none.")
    if isinstance(answer, PluginError):
        return ""
    name = str(answer)
    expect(
        not name or _NAME.fullmatch(name),
        hook,
        f"gave {name!r} for {user.full_name!r}",
        "A local name begins with a letter or '_' and has letters, digits and '_.@-' only; give '' where none fits.",
    )
    return name


class UsernameChecks:
    """Found, or made once and for all."""

    @check("CT-USR-001", "A name with blanks or quotes becomes part of a command.", hooks=_FIND)
    def test_a_found_name_is_a_local_name(self, bench: Bench) -> None:
        for user in (_user(bench), _user(bench, known_names=("alice01",)), User(bench.identifier("nobody"))):
            _hold_to_rules("find_username", bench.subject.attempt("find_username", user=user), user)

    @check("CT-USR-002", "A person has one name today and another tomorrow.", hooks=_FIND)
    def test_what_is_found_is_found_again(self, bench: Bench) -> None:
        user = _user(bench, known_names=("alice01", "alice02"))
        first, again = (self._found(subject, user) for subject in (bench.subject, bench.instance()))
        expect(first == again, "find_username", f"gave {first!r}, then {again!r}", "Remember nothing, draw no lots.")

    @staticmethod
    def _found(subject: object, user: User) -> str:
        return _hold_to_rules("find_username", subject.attempt("find_username", user=user), user)  # type: ignore[attr-defined]
