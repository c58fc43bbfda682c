"""What a plugin may raise on purpose. The type decides what happens next, the text is for people.

Anything else that leaves a hook is a bug of the plugin: the agent reports it with the plugin's name, version
and hook, and leaves the order or the resource as it is.
"""

from __future__ import annotations


class PluginError(Exception):
    """Base of everything that a plugin raises on purpose."""


class NotReady(PluginError):  # noqa: N818 - reads as a state, as it is one: nothing failed for good
    """Not now: leave the object as it is and ask again in the next cycle.

    Raise it whenever it is not certain that the backend refused *this very object*: a daemon that does not
    answer, a time-out, output that cannot be understood, a command that is not there.

    Args:
        text: What was asked, of whom, what came back, and what to do next.
        expected: True where waiting is ordinary (a person whom the operating system does not know yet):
            it is reported, but does not make the agent's exit status a failure.
    """

    def __init__(self, text: str, *, expected: bool = False) -> None:
        super().__init__(text)
        self.expected = expected


class BackendError(PluginError):
    """No: the backend refused this very object, and asking again would be refused again.

    The order fails with this text, which the person who ordered will read.
    """


class UserActionNeeded(PluginError):  # noqa: N818 - as above
    """A person has to do something first, for example to link an account.

    Args:
        text: What the person has to do; shown to that person in Waldur.
        url: Where to do it, an absolute URL, or empty.
        validation: True where an additional validation is awaited, False for the linking of an account.
    """

    def __init__(self, text: str, *, url: str = "", validation: bool = False) -> None:
        super().__init__(text)
        self.url = url
        self.validation = validation
