"""CT-TXT: names and descriptions as people write them."""

from __future__ import annotations

from dataclasses import replace

from waldur_agent_hookspecs import BackendError

from ..bench import Bench
from ..check import check, expect

_HOOKS = ("create_account", "list_accounts")
_REMEDY = "Names of resources, projects and customers are for showing: quote them, shorten them, or leave them out."


def _made_and_read(bench: Bench, name: str) -> None:
    """Make an account that is described by a text, beside a good one, and read both."""
    good, ref = bench.account("good"), bench.ref("odd", name=name)
    ref = replace(ref, project=replace(ref.project, name=name), customer=replace(ref.customer, name=name))
    made = bench.create(ref)
    states = bench.subject.states(good, made, replace(made, backend_id=""))
    for shown in (made, good):
        state = states[shown.resource_uuid]
        found = state.exists and state.backend_id == shown.backend_id
        expect(
            found,
            "list_accounts" if state.exists else bench.culprit_of_absence(shown),
            f"list_accounts shows {state} for {shown.backend_id!r}, which create_account made of {name[:40]!r}",
            _REMEDY,
        )


class TextChecks:
    """Nothing that a person types changes what is done."""

    @check("CT-TXT-001", "A resource named O'Neill cannot be ordered.", hooks=_HOOKS)
    def test_quotes(self, bench: Bench) -> None:
        _made_and_read(bench, "O'Neill's \"best\" `project`")

    @check("CT-TXT-002", "A description of two lines breaks the reading of all accounts.", hooks=_HOOKS)
    def test_newlines(self, bench: Bench) -> None:
        _made_and_read(bench, "first line\nsecond line\r\n\tthird")

    @check(
        "CT-TXT-003",
        "A pipe or a comma in a description shifts columns, and one account is read as another.",
        hooks=_HOOKS,
    )
    def test_separators(self, bench: Bench) -> None:
        _made_and_read(bench, "a|b|c,d;e=f:g (h) [1-3] {i}")

    @check("CT-TXT-004", "A customer whose name is not English cannot be served.", hooks=_HOOKS)
    def test_unicode(self, bench: Bench) -> None:
        _made_and_read(bench, "Tartu Ülikool · Żółć · 東京大学 · \N{GRINNING FACE} · e\N{COMBINING ACUTE ACCENT}")

    @check("CT-TXT-005", "A long description is cut in the middle of a command.", hooks=_HOOKS)
    def test_very_long(self, bench: Bench) -> None:
        _made_and_read(bench, "long " * 1000)

    @check("CT-TXT-006", "A resource's name is run as a command.", hooks=_HOOKS)
    def test_commands(self, bench: Bench) -> None:
        _made_and_read(bench, "$(touch x) `touch x`; touch x && -rf --help %s {0} ${HOME} \\")

    @check("CT-TXT-007", "A resource without a name cannot be ordered.", hooks=_HOOKS)
    def test_nothing(self, bench: Bench) -> None:
        _made_and_read(bench, "")

    @check("CT-TXT-008", "A description with another resource's UUID lets one be taken for the other.", hooks=_HOOKS)
    def test_a_description_is_no_tag(self, bench: Bench) -> None:
        other = bench.ref("other")
        bench.create(bench.ref("one", name=f"see {other.resource_uuid} (waldur {other.resource_uuid})"))
        state = bench.subject.state(other)
        expect(
            not state.exists,
            "list_accounts",
            f"shows {state} for a resource whose UUID stands in another one's name only",
            "Keep the tag apart from what people write, or make the one unable to look like the other.",
        )

    @check("CT-TXT-009", "A slug with blanks or slashes names an account that no command can reach.", hooks=_HOOKS)
    def test_an_impossible_slug_is_refused_or_made_possible(self, bench: Bench) -> None:
        for end in (" im/possible;x", "'; DROP TABLE accounts; --", "\nx", "-" * 300):
            ref = bench.ref(f"x{end}")
            answer = bench.subject.attempt("create_account", ref=ref)
            good = isinstance(answer, BackendError) or (
                isinstance(answer, str) and bench.subject.state(replace(ref, backend_id=answer)).exists
            )
            expect(
                good,
                "create_account",
                f"came to {answer!r} for the slug {ref.slug[:40]!r}",
                "Raise BackendError where no account can be named so, with the rule for names in the text.",
            )

    @check("CT-TXT-010", "One resource that cannot be named stops the whole offering.", hooks=_HOOKS)
    def test_what_cannot_be_named_is_absent_and_hurts_nobody(self, bench: Bench) -> None:
        good, odd, nameless = bench.account("good"), bench.ref("x im/possible;"), bench.ref("nameless", slug="")
        states = bench.subject.states(odd, good, nameless)
        for ref in (odd, nameless):
            seen = f"shows {states[ref.resource_uuid]} for a resource with the slug {ref.slug!r}"
            expect(not states[ref.resource_uuid].exists, "list_accounts", seen, "It is certainly not there.")
        seen = f"shows {states[good.resource_uuid]} for a good account beside one that cannot be named"
        expect(states[good.resource_uuid].exists, "list_accounts", seen, "Answer each ref by itself.")
