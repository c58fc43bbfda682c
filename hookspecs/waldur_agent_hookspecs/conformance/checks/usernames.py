"""CT-USR: local names of persons."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from waldur_agent_hookspecs import PluginError, User, UserActionNeeded

from ..bench import Bench
from ..check import check, expect
from ..subject import Subject

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.@-]{0,254}")
_FIND = ("find_username",)
_MAKE = ("generate_username",)
_ODD = (
    "Žofia Ångström-Ñandú",
    "李 小龍",
    'O\'Neill "Jo"',
    "a;rm -rf",
    "x\ny",
    "- -",
    "1 2",
    "Alice " + "x" * 300,
    "",
)
NAMESAKES = 25


def _user(bench: Bench, name: str = "Alice Example", **other: Any) -> User:
    first, _, last = name.partition(" ")
    email = f"{first.lower()}@example.org"
    given: dict[str, Any] = {
        "login": email,
        "full_name": name,
        "first_name": first,
        "last_name": last,
        "email": email,
    }
    return User(bench.identifier(f"user {name}"), **{**given, **other})


def _find(subject: Subject, user: User) -> str:
    return _held("find_username", subject.attempt("find_username", user=user), user)


def _generate(subject: Subject, user: User, *taken: str) -> str:
    answer = subject.attempt("generate_username", user=user, taken=frozenset(taken))
    return _held("generate_username", answer, user)


def _held(hook: str, answer: object, user: User) -> str:
    """The name of an answer; empty where there is none, or where the person has to do something first."""
    if isinstance(answer, UserActionNeeded):
        good = not answer.url or (urlsplit(answer.url).scheme in {"http", "https"} and urlsplit(answer.url).netloc)
        expect(good, hook, f"sends the person to {answer.url!r}", "Give an absolute http(s) URL, or none.")
    if isinstance(answer, PluginError):
        return ""
    name = str(answer)
    expect(
        not name or _NAME.fullmatch(name),
        hook,
        f"gave {name!r} for {user.full_name[:40]!r}",
        "A local name begins with a letter or '_' and has letters, digits and '_.@-' only; give '' where none fits.",
    )
    return name


class UsernameChecks:
    """Found, or made once and for all."""

    # ------------------------------------------------------------ finding

    @check("CT-USR-001", "A name with blanks or quotes becomes part of a command.", hooks=_FIND)
    def test_a_found_name_is_a_local_name(self, bench: Bench) -> None:
        for user in (_user(bench), User(bench.identifier("nobody")), *(_user(bench, name) for name in _ODD)):
            _find(bench.subject, user)

    @check("CT-USR-002", "A person has one name today and another tomorrow.", hooks=_FIND)
    def test_what_is_found_is_found_again(self, bench: Bench) -> None:
        user = _user(bench, known_names=("alice01", "alice02"))
        first, again = (_find(subject, user) for subject in (bench.subject, bench.instance()))
        expect(first == again, "find_username", f"gave {first!r}, then {again!r}", "Remember nothing, draw no lots.")

    @check("CT-USR-003", "A name from elsewhere that cannot be a local one is used all the same.", hooks=_FIND)
    def test_a_known_name_that_is_none_is_not_used(self, bench: Bench) -> None:
        for name in ("a b", "x;y", "", "-rf", "root\n", "ü"):
            _find(bench.subject, _user(bench, known_names=(name,)))

    @check("CT-USR-004", "Two persons are given one account.", hooks=_FIND)
    def test_persons_are_told_apart(self, bench: Bench) -> None:
        one, two = _user(bench, "Alice Example"), _user(bench, "Bob Sample")
        first, second = _find(bench.subject, one), _find(bench.subject, two)
        seen = f"gave {first!r} for {one.full_name} and for {two.full_name}"
        expect(not first or first != second, "find_username", seen, "Look the person up by what is the person's own.")

    # ------------------------------------------------------------ making

    @check("CT-USR-010", "A made name cannot be used on the cluster.", hooks=_MAKE)
    def test_a_made_name_is_a_local_name(self, bench: Bench) -> None:
        for user in (_user(bench), *(_user(bench, name) for name in _ODD)):
            _generate(bench.subject, user)

    @check("CT-USR-011", "Two persons are given one account.", hooks=_MAKE)
    def test_a_taken_name_is_not_made_again(self, bench: Bench) -> None:
        taken: list[str] = []
        for number in range(NAMESAKES):
            user = _user(bench)
            name = _generate(
                bench.subject, User(bench.identifier(f"{number}"), user.login, user.full_name, "Alice", "E"), *taken
            )
            seen = f"gave {name!r}, which is among the {len(taken)} names taken"
            expect(
                not name or name not in taken,
                "generate_username",
                seen,
                "Try further names; give '' where none is left.",
            )
            taken += [name] if name else []

    @check("CT-USR-012", "A crash after a name was made leaves a person with two.", hooks=_MAKE)
    def test_a_name_is_made_again_the_same(self, bench: Bench) -> None:
        user = _user(bench)
        first, again = (_generate(subject, user, "alice") for subject in (bench.subject, bench.instance()))
        seen = f"gave {first!r}, then {again!r} for one person and the same names taken"
        expect(first == again, "generate_username", seen, "Draw no lots, and remember nothing in the instance.")

    @check("CT-USR-013", "A person of whom Waldur tells nothing ends the whole cycle.", hooks=_MAKE)
    def test_a_person_without_any_data_is_no_error(self, bench: Bench) -> None:
        _generate(bench.subject, User(bench.identifier("nobody")))

    @check("CT-USR-014", "Names that differ in capitals are one account on the cluster.", hooks=_MAKE)
    def test_capitals_make_no_new_name(self, bench: Bench) -> None:
        user = _user(bench)
        first = _generate(bench.subject, user)
        second = _generate(bench.subject, user, first.upper(), first) if first else ""
        seen = f"gave {second!r} where {first!r} and {first.upper()!r} are taken"
        expect(not second or second.lower() != first.lower(), "generate_username", seen, "Compare without capitals.")

    @check("CT-USR-015", "Showing a plan makes names.", hooks=_MAKE)
    def test_an_instance_that_only_shows_makes_the_same(self, bench: Bench) -> None:
        user = _user(bench)
        shown, made = _generate(bench.instance(read_only=True), user), _generate(bench.subject, user)
        good = not shown or shown == made
        expect(good, "generate_username", f"shows {shown!r} and makes {made!r}", "Make nothing while only showing.")

    @check("CT-USR-016", "A person with many namesakes waits for ever.", hooks=_MAKE)
    def test_many_names_can_be_taken(self, bench: Bench) -> None:
        stems = ("alice", "aexample", "alice.example", "user")
        taken = [f"{stem}{number or ''}" for stem in stems for number in range(2000)]
        name = _generate(bench.subject, _user(bench), *taken)
        expect(name not in taken, "generate_username", f"gave {name!r}, which is taken", "Try further names.")
