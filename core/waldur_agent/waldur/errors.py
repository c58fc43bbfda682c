"""What can go wrong between the agent and Waldur. The class decides what happens, the text is for people."""

from __future__ import annotations


class WaldurError(Exception):
    """Base of all of them: what was asked, of which server, and what came back."""


class Unavailable(WaldurError):  # noqa: N818 - a state of the server, not of the program
    """Passing: no connection, a time-out, 429, 5xx, or an answer that is cut or no JSON.

    Never a reason to fail an order or a resource.
    """


class Incomplete(Unavailable):
    """A list that does not hold what the server itself says that it has. It is unknown, not short."""


class Unauthorized(WaldurError):  # noqa: N818 - as HTTP names it
    """401: the token is wrong, expired or its user is inactive."""


class Refused(WaldurError):  # noqa: N818 - a state, as above
    """The server understood and said no: 400, 403, 424 and other 4xx."""


class NotFound(WaldurError):  # noqa: N818 - as HTTP names it
    """404 of an object: gone, **or not visible to this token**. Never a reason to delete anything."""


class WrongState(WaldurError):  # noqa: N818 - a state, as above
    """409: the object is not in a state that allows the action. Read it again and decide anew."""


class EndpointMissing(WaldurError):  # noqa: N818 - a state, as above
    """This server does not have the action at all: a routing 404 (an HTML page) or 405."""
