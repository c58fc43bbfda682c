"""CT-REV: orders before they are approved."""

from __future__ import annotations

from waldur_agent_hookspecs import AccountRef, BackendError, NotReady, Order, OrderType, Review, Verdict

from ..bench import Bench
from ..check import check, expect

_HOOKS = ("review_order",)
_MAKE = ("review_order", "create_account")


def create_order(bench: Bench, ref: AccountRef) -> Order:
    """An order for a new account."""
    return Order(bench.identifier(f"order of {ref.slug}"), OrderType.CREATE, ref, bench.amounts(10))


def _review(bench: Bench, order: Order) -> Review:
    review: Review = bench.subject.ask("review_order", order=order)
    return review


class OrderChecks:
    """Said before it is too late to say no, and not without need."""

    @check("CT-REV-001", "Good orders are turned away.", hooks=_HOOKS)
    def test_a_good_order_is_accepted(self, bench: Bench) -> None:
        review = _review(bench, create_order(bench, bench.ref()))
        seen = f"answered {review.verdict} to a good order: {review.text}"
        expect(review.verdict is Verdict.ACCEPT, "review_order", seen, "Accept what can be carried out.")

    @check("CT-REV-002", "An order is approved, and fails for good afterwards.", hooks=_MAKE)
    def test_what_cannot_be_made_is_not_accepted(self, bench: Bench) -> None:
        for ref in (bench.ref("x im/possible;"), bench.ref("long" * 200), bench.ref("nameless", slug="")):
            review = _review(bench, create_order(bench, ref))
            answer = bench.subject.attempt("create_account", ref=ref)
            refused = isinstance(answer, BackendError | NotReady)
            expect(
                not (refused and review.verdict is Verdict.ACCEPT),
                "review_order",
                f"accepted an order with the slug {ref.slug[:40]!r}, which create_account refuses: {answer}",
                "Ask here what create_account will ask: after the approval it is too late to say no.",
            )

    @check("CT-REV-003", "An order is rejected although only a slug has to be set in Waldur.", hooks=_MAKE)
    def test_what_may_be_possible_later_is_not_rejected(self, bench: Bench) -> None:
        ref = bench.ref("nameless", slug="")
        review = _review(bench, create_order(bench, ref))
        answer = bench.subject.attempt("create_account", ref=ref)
        expect(
            not (isinstance(answer, NotReady) and review.verdict is Verdict.REJECT),
            "review_order",
            f"rejected an order ({review.text}), of which create_account says 'not ready': {answer}",
            "Wait where it may become possible: a rejection ends the order.",
        )

    @check("CT-REV-004", "An allocation cannot be ended.", hooks=_MAKE)
    def test_an_end_is_accepted(self, bench: Bench) -> None:
        for ref in (bench.account(), bench.ref("never"), bench.ref("x im/possible;")):
            review = _review(bench, Order(bench.identifier("end"), OrderType.TERMINATE, ref))
            seen = f"answered {review.verdict} to a terminate order: {review.text}"
            expect(review.verdict is Verdict.ACCEPT, "review_order", seen, "What ends needs no name.")

    @check("CT-REV-005", "An allocation cannot be changed.", hooks=_MAKE)
    def test_an_update_is_accepted(self, bench: Bench) -> None:
        order = Order(bench.identifier("update"), OrderType.UPDATE, bench.account(), bench.amounts(20))
        review = _review(bench, order)
        seen = f"answered {review.verdict} to an update of an account: {review.text}"
        expect(review.verdict is Verdict.ACCEPT, "review_order", seen, "Accept what can be carried out.")

    @check("CT-REV-006", "An order that nobody approved is carried out.", hooks=("review_order", "list_accounts"))
    def test_a_review_has_no_effect(self, bench: Bench) -> None:
        ref = bench.ref()
        _review(bench, create_order(bench, ref))
        state = bench.subject.state(ref)
        expect(not state.exists, "review_order", f"made an account: {state}", "Look, and answer.")

    @check("CT-REV-007", "An order that waits is accepted in one cycle and rejected in the next.", hooks=_HOOKS)
    def test_an_order_is_answered_again(self, bench: Bench) -> None:
        order = create_order(bench, bench.ref())
        first, second = _review(bench, order), bench.instance().ask("review_order", order=order)
        expect(first == second, "review_order", f"answered {first}, then {second}", "Answer by what the order says.")

    @check("CT-REV-008", "An order without limits cannot be made.", hooks=_HOOKS)
    def test_an_order_without_limits_is_answered(self, bench: Bench) -> None:
        ref = bench.ref()
        bench.subject.ask("review_order", order=Order(bench.identifier("bare"), OrderType.CREATE, ref))
