"""CT-MEM: who may use an account."""

from __future__ import annotations

from dataclasses import replace

from waldur_agent_hookspecs import AccountRef, AccountStatus, AddMember, Member, PluginError

from ..bench import Bench
from ..check import check, expect
from ..subject import REASON

_ADD = ("add_member", "create_account", "list_accounts")
_REMOVE = ("remove_member", *_ADD)
MANY = 120
"""More than a page, wherever answers come in pages of a hundred."""


def _inside(bench: Bench, ref: AccountRef) -> set[str]:
    return set(bench.subject.state(ref).members)


def _expect_inside(
    bench: Bench, hook: str, ref: AccountRef, members: list[Member], *, after: str, remedy: str
) -> None:
    names = {member.username for member in members}
    inside = _inside(bench, ref)
    missing, extra = sorted(names - inside)[:5], sorted(inside - names)[:5]
    expect(
        not missing and not extra,
        hook,
        f"after {after} list_accounts does not show {missing}, and shows {extra} besides",
        remedy,
    )


class MemberChecks:
    """Let in once, taken out alone."""

    # ------------------------------------------------------------ adding

    @check("CT-MEM-001", "A person of the team cannot work.", hooks=_ADD)
    def test_who_was_added_is_in(self, bench: Bench) -> None:
        ref, member = bench.account(), bench.member()
        done = bench.subject.ask("add_member", ref=ref, member=member)
        remedy = "Let the person in before you return, under Member.username; list_accounts shows all members."
        inside = _inside(bench, ref)
        good = inside == {member.username}
        expect(
            good,
            "add_member" if good else bench.culprit("add_member", done, ref=ref, member=member),
            f"add_member answered {done} for {member.username}, and list_accounts shows {sorted(inside)}",
            remedy,
        )
        expect(done, "add_member", "answered False although the person is new", "Answer True: the person was added.")

    @check("CT-MEM-002", "Every cycle adds everybody again, or fails on who is in.", hooks=_ADD)
    def test_added_again_nothing_changes(self, bench: Bench) -> None:
        ref = bench.account()
        members = bench.joined(ref)
        for subject in (bench.subject, bench.instance()):
            again = subject.ask("add_member", ref=ref, member=members[0])
            expect(again is False, "add_member", "answered True for a person who is in", "Look first; answer False.")
        _expect_inside(bench, "add_member", ref, members, after="adding a person three times", remedy="Look first.")

    @check("CT-MEM-003", "With each new member an old one is lost.", hooks=_ADD)
    def test_others_stay_when_one_is_added(self, bench: Bench) -> None:
        ref = bench.account()
        members = bench.joined(ref, "alice", "bob", "carol")
        _expect_inside(
            bench, "add_member", ref, members, after="adding three persons", remedy="Add one, leave the others."
        )

    @check("CT-MEM-004", "A person of two projects can work in one of them only.", hooks=_ADD)
    def test_a_person_can_be_in_two_accounts(self, bench: Bench) -> None:
        one, two = bench.account("one"), bench.account("two")
        for ref in (one, two):
            members = bench.joined(ref, "alice")
            done = bench.subject.ask("add_member", ref=ref, member=members[0])
            expect(not done, "add_member", "answered True for a person who is in", "Look into this very account.")
        for ref in (one, two):
            remedy = "Membership is of a person in an account, not of a person."
            _expect_inside(bench, "add_member", ref, members, after="adding a person to two accounts", remedy=remedy)

    @check(
        "CT-MEM-005", "A person is told to be in an account that is not there.", hooks=("add_member", "list_accounts")
    )
    def test_nobody_is_added_to_an_account_that_is_not_there(self, bench: Bench) -> None:
        bench.account("neighbour")
        ref = bench.ref()
        for asked in (ref, replace(ref, backend_id=f"{ref.slug}-gone")):
            bench.subject.refusal("add_member", "there is no such account", ref=asked, member=bench.member())
            seen = "made an account while adding a member"
            expect(not bench.subject.state(asked).exists, "add_member", seen, "Leave that to create_account.")

    @check("CT-MEM-006", "A new member changes limits or status.", hooks=("set_limits", *_ADD))
    def test_adding_changes_nothing_else(self, bench: Bench) -> None:
        ref = bench.account()
        bench.limit(ref, bench.amounts(60))
        before = bench.subject.state(ref)
        bench.joined(ref, "alice")
        after = replace(bench.subject.state(ref), members={})
        expect(after == before, "add_member", f"made the account {after}, which was {before}", "Add, and no more.")

    @check("CT-MEM-007", "A course of more than a hundred participants does not fit.", hooks=_ADD)
    def test_many_can_be_in(self, bench: Bench) -> None:
        ref = bench.account()
        members = [bench.member(f"student{number}x") for number in range(MANY)]
        if "apply_changes" in bench.subject.hooks:
            bench.subject.apply(*(AddMember(ref=ref, reason=REASON, member=member) for member in members))
        else:
            for member in members:
                bench.subject.ask("add_member", ref=ref, member=member)
        _expect_inside(
            bench,
            "add_member",
            ref,
            members,
            after=f"adding {MANY} persons",
            remedy="Show all members, on all pages.",
        )

    # ------------------------------------------------------------ removing

    @check("CT-MEM-020", "Who left the team works on.", hooks=_REMOVE)
    def test_who_was_removed_is_out(self, bench: Bench) -> None:
        ref = bench.account()
        (member,) = bench.joined(ref)
        done = bench.subject.ask("remove_member", ref=ref, member=member)
        inside = _inside(bench, ref)
        expect(
            not inside,
            "remove_member" if not inside else bench.culprit("remove_member", done, ref=ref, member=member),
            f"remove_member answered {done} for {member.username}, and list_accounts shows {sorted(inside)}",
            "Take the person out before you return.",
        )
        expect(
            done, "remove_member", "answered False for a person who was in", "Answer True: the person was removed."
        )

    @check("CT-MEM-021", "Every cycle fails on a person who is out already.", hooks=_REMOVE)
    def test_removed_again_nothing_changes(self, bench: Bench) -> None:
        ref = bench.account()
        (member,) = bench.joined(ref)
        bench.subject.ask("remove_member", ref=ref, member=member)
        for subject in (bench.subject, bench.instance()):
            again = subject.ask("remove_member", ref=ref, member=member)
            expect(again is False, "remove_member", "answered True for a person who was out", "Answer False.")

    @check("CT-MEM-022", "A person whom nobody added stops the removals.", hooks=_REMOVE)
    def test_removing_who_never_was_in_is_no_error(self, bench: Bench) -> None:
        ref = bench.account()
        members = bench.joined(ref, "alice")
        done = bench.subject.ask("remove_member", ref=ref, member=bench.member("bob"))
        expect(done is False, "remove_member", "answered True for a person who never was in", "Answer False.")
        _expect_inside(
            bench, "remove_member", ref, members, after="removing somebody else", remedy="Remove nobody else."
        )

    @check("CT-MEM-023", "When one leaves the team, others cannot work any more.", hooks=_REMOVE)
    def test_others_stay_when_one_is_removed(self, bench: Bench) -> None:
        ref = bench.account()
        alice, bob, carol = bench.joined(ref, "alice", "bob", "carol")
        bench.subject.ask("remove_member", ref=ref, member=bob)
        _expect_inside(
            bench, "remove_member", ref, [alice, carol], after="removing one of three", remedy="Remove this one only."
        )

    @check("CT-MEM-024", "Who leaves one project is thrown out of another.", hooks=_REMOVE)
    def test_a_person_stays_in_other_accounts(self, bench: Bench) -> None:
        one, two = bench.account("one"), bench.account("two")
        (alice,) = bench.joined(one, "alice")
        bench.joined(two, "alice")
        bench.subject.ask("remove_member", ref=one, member=alice)
        remedy = "Remove the person from this very account."
        _expect_inside(
            bench, "remove_member", one, [], after="removing a person from one of two accounts", remedy=remedy
        )
        _expect_inside(
            bench, "remove_member", two, [alice], after="removing a person from another account", remedy=remedy
        )

    @check("CT-MEM-025", "Who leaves one customer's project is thrown out of another customer's.", hooks=_REMOVE)
    def test_a_person_stays_in_other_customers_accounts(self, bench: Bench) -> None:
        one, two = bench.account("one"), bench.account("two", project="desert", customer="college")
        (alice,) = bench.joined(two, "alice")
        bench.joined(one, "alice")
        bench.subject.ask("remove_member", ref=one, member=alice)
        remedy = "Remove the person from this very account."
        _expect_inside(
            bench, "remove_member", two, [alice], after="removing a person from another account", remedy=remedy
        )

    @check("CT-MEM-026", "Removing bob removes bobby, too.", hooks=_REMOVE)
    def test_names_that_begin_alike_are_told_apart(self, bench: Bench) -> None:
        ref = bench.account()
        short = bench.member("bob")
        longer = [replace(short, username=f"{short.username}{end}") for end in ("by", "-2", ".x", "_")]
        for member in (short, *longer):
            bench.ready(member)
            bench.subject.ask("add_member", ref=ref, member=member)
        _expect_inside(
            bench,
            "add_member",
            ref,
            [short, *longer],
            after="adding names that begin alike",
            remedy="Compare whole names.",
        )
        bench.subject.ask("remove_member", ref=ref, member=short)
        _expect_inside(
            bench, "remove_member", ref, longer, after=f"removing {short.username}", remedy="Compare whole names."
        )

    @check("CT-MEM-027", "Removing a_b removes axb, too.", hooks=_REMOVE)
    def test_an_underscore_stands_for_itself(self, bench: Bench) -> None:
        ref = bench.account()
        one, other = (bench.member(name) for name in ("a_b", "axb"))
        for member in (one, other):
            bench.subject.ask("add_member", ref=ref, member=member)
        bench.subject.ask("remove_member", ref=ref, member=one)
        _expect_inside(
            bench,
            "remove_member",
            ref,
            [other],
            after=f"removing {one.username}",
            remedy="Use no patterns of SQL's LIKE.",
        )

    @check("CT-MEM-028", "Who comes back to the team cannot work.", hooks=_REMOVE)
    def test_who_was_removed_can_be_added_again(self, bench: Bench) -> None:
        ref = bench.account()
        (member,) = bench.joined(ref)
        bench.subject.ask("remove_member", ref=ref, member=member)
        done = bench.subject.ask("add_member", ref=ref, member=member)
        _expect_inside(
            bench,
            "add_member",
            ref,
            [member],
            after=f"adding anew, which answered {done}",
            remedy="Let the person in.",
        )
        expect(done, "add_member", "answered False for a person who was out", "Look at the backend; answer True.")

    @check("CT-MEM-029", "Removing the last member removes the account.", hooks=_REMOVE)
    def test_an_account_without_members_stays(self, bench: Bench) -> None:
        ref = bench.account()
        before = bench.subject.state(ref)
        (member,) = bench.joined(ref)
        bench.subject.ask("remove_member", ref=ref, member=member)
        after = bench.subject.state(ref)
        expect(after == before, "remove_member", f"left {after}, where there was {before}", "Remove the person only.")

    @check(
        "CT-MEM-030",
        "A removal is told as done where nothing could be done.",
        hooks=("remove_member", "list_accounts"),
    )
    def test_nobody_is_removed_from_an_account_that_is_not_there(self, bench: Bench) -> None:
        answer = bench.subject.attempt("remove_member", ref=bench.ref(), member=bench.member())
        good = answer is False or isinstance(answer, PluginError)
        expect(good, "remove_member", "answered True for an account that is not there", "Answer False, or NotReady.")

    # ------------------------------------------------------------ names

    @check("CT-MEM-040", "A person whose name has dots, hyphens or digits cannot work.", hooks=_REMOVE)
    def test_usual_names_are_taken(self, bench: Bench) -> None:
        ref = bench.account()
        members = [bench.member(name) for name in ("a.b-c_d", "x1", "_svc", "z" * 20)]
        for member in members:
            bench.subject.ask("add_member", ref=ref, member=member)
        _expect_inside(
            bench, "add_member", ref, members, after="adding usual names", remedy="Take names as they are."
        )
        for member in members:
            bench.subject.ask("remove_member", ref=ref, member=member)
        _expect_inside(
            bench, "remove_member", ref, [], after="removing usual names", remedy="Take names as they are."
        )

    @check("CT-MEM-041", "A name with capitals is added again in every cycle.", hooks=_ADD)
    def test_a_name_with_capitals_is_one_person(self, bench: Bench) -> None:
        ref, member = bench.account(), bench.member("Alice")
        first = bench.subject.attempt("add_member", ref=ref, member=member)
        if isinstance(first, PluginError):
            return  # refused: then it is nobody's
        again = bench.subject.ask("add_member", ref=ref, member=member)
        inside = _inside(bench, ref)
        expect(
            again is False and {name.lower() for name in inside} == {member.username.lower()} and len(inside) == 1,
            "add_member",
            f"answered {first} and {again} for {member.username}, and list_accounts shows {sorted(inside)}",
            "Compare names as the backend does: where it folds them, fold them first.",
        )

    @check("CT-MEM-042", "A person whose full name has quotes or umlauts cannot work.", hooks=_REMOVE)
    def test_full_names_do_not_matter(self, bench: Bench) -> None:
        ref = bench.account()
        names = ('O\'Neill "Jo"', "Žofia Ångström-Ñandú", "李小龍", "a|b=c,d;e", "two\nlines", "x" * 2000, "")
        members = [replace(bench.member(f"p{number}"), full_name=name) for number, name in enumerate(names)]
        for member in members:
            bench.subject.ask("add_member", ref=ref, member=member)
        remedy = "Member.full_name is for showing: quote it, or leave it out."
        _expect_inside(bench, "add_member", ref, members, after="adding persons with odd full names", remedy=remedy)

    @check("CT-MEM-043", "A person of whom Waldur tells only the user name cannot work.", hooks=_REMOVE)
    def test_a_user_name_is_enough(self, bench: Bench) -> None:
        ref, member = bench.account(), Member(bench.member().username)
        bench.subject.ask("add_member", ref=ref, member=member)
        _expect_inside(
            bench, "add_member", ref, [member], after="adding a bare user name", remedy="Need no more than username."
        )
        bench.subject.ask("remove_member", ref=ref, member=member)
        _expect_inside(
            bench, "remove_member", ref, [], after="removing a bare user name", remedy="Need no more than username."
        )

    @check("CT-MEM-044", "A person from a directory with realms is somebody else on the cluster.", hooks=_ADD)
    def test_an_unusual_name_is_taken_as_it_is_or_refused(self, bench: Bench) -> None:
        ref = bench.account()
        wanted = {member.username for member in bench.joined(ref, "alice")}
        for name in ("a@realm.example", "a.", "a-", "__", "z" * 200):
            member = bench.ready(Member(name))
            answer = bench.subject.attempt("add_member", ref=ref, member=member)
            wanted |= set() if isinstance(answer, PluginError) else {name}
            inside = _inside(bench, ref)
            expect(
                inside == wanted,
                "add_member",
                f"answered {answer!r} for the name {name!r}, and list_accounts shows {sorted(inside)}",
                "Take a name as it is, or refuse it with BackendError; never let it mean something else.",
            )

    @check("CT-MEM-045", "Removing a member of a paused account lets it go.", hooks=("set_status", *_REMOVE))
    def test_removing_leaves_the_status(self, bench: Bench) -> None:
        ref = bench.account()
        alice, _ = bench.joined(ref, "alice", "bob")
        bench.subject.attempt("set_status", ref=ref, status=AccountStatus.PAUSED)
        before = bench.subject.state(ref).status
        bench.subject.ask("remove_member", ref=ref, member=alice)
        after = bench.subject.state(ref).status
        expect(
            after is before,
            "remove_member",
            f"made the status {after}, which was {before}",
            "Remove the person only.",
        )
