"""What endpoints have the broker prepare. Without a broker that is nothing, and the answers are the same."""

from __future__ import annotations

from .records import User


class AtBroker:
    """A server that has no broker."""

    def add_login(self, user: User, login: str) -> None:
        """A login for one of the user's subscriptions; its password is the user's token of this moment."""

    def drop_login(self, user: User, login: str) -> None:
        """Take the login away, and the queues that carry its name."""

    def add_subscription_queue(self, user: User, queue: str) -> None:
        """A queue with arguments of its own: a client that declares it with others is refused."""

    def add_consumer_queue(self, user: User, queue: str) -> None:
        """A queue without arguments, limited by a policy."""

    def settle(self) -> bool:
        """Wait a little until all of that is made. False: it is not yet."""
        return True
