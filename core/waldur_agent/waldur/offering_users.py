"""Persons' local accounts in an offering: their names, and the states that newer servers walk them through."""

from __future__ import annotations

from .connection import Connection

PATH = "marketplace-offering-users"


class OfferingUsers:
    """The actions on offering users, by their UUIDs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def set_username(self, uuid: str, username: str) -> str:
        """Tell the local name. A server with states sets it OK by this and clears its comments.

        Returns:
            The state after it; empty where the server does not tell.
        """
        body = self._connection.patch(f"{PATH}/{uuid}/", {"username": username}).body
        return str(body.get("state") or "") if isinstance(body, dict) else ""

    def begin_creating(self, uuid: str) -> None:
        """From Requested or Error creating."""
        self._connection.post(f"{PATH}/{uuid}/begin_creating/")

    def set_validation_complete(self, uuid: str) -> None:
        """From either of the pending states."""
        self._connection.post(f"{PATH}/{uuid}/set_validation_complete/")

    def set_error_creating(self, uuid: str) -> None:
        """No name can be made."""
        self._connection.post(f"{PATH}/{uuid}/set_error_creating/")

    def set_pending(self, uuid: str, *, validation: bool, comment: str, url: str) -> None:
        """The person has something to do. A null URL is refused, so an empty one is left out."""
        action = "set_pending_additional_validation" if validation else "set_pending_account_linking"
        body = {"comment": comment, **({"comment_url": url} if url else {})}
        self._connection.post(f"{PATH}/{uuid}/{action}/", body)
