"""Makes local names from the names of persons."""

from __future__ import annotations

import logging
from typing import Annotated, ClassVar, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from waldur_agent_hookspecs import PluginContext, User, hookimpl

from .local_names import MOST_NAMESAKES, is_local_name, numbered
from .pattern import DEFAULT, checked, fill_in
from .person_names import NameParts
from .system_names import OperatingSystem, SystemNames, is_free, is_service_account

log = logging.getLogger(__name__)

_THIS_MACHINE: Final = OperatingSystem()


class FullNameSettings(BaseModel):
    """How names are made."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    username_pattern: Annotated[str, AfterValidator(checked)] = Field(
        default=DEFAULT, description=f'what a local name is made of, such as "{DEFAULT}"'
    )


class FullNameUsernames:
    """Gives a person the name known from another offering, or else makes one that is free.

    The same person gets the same name again as long as the same names are taken: nothing is drawn by lot, and
    nothing is remembered.

    Args:
        settings: The pattern.
        context: The offering, for messages.
        system: Where it is looked up which names the operating system has.
    """

    api_version: ClassVar[int] = 1
    settings_model: ClassVar[type[FullNameSettings]] = FullNameSettings

    def __init__(
        self, settings: FullNameSettings, context: PluginContext, system: SystemNames = _THIS_MACHINE
    ) -> None:
        self._pattern = settings.username_pattern
        self._offering = context.offering
        self._system = system

    @hookimpl
    def find_username(self, user: User) -> str:
        """The oldest known name that can be a person's account; an empty string where there is none."""
        return next((name for name in user.known_names if self._usable(name, user)), "")

    @hookimpl
    def generate_username(self, user: User, taken: frozenset[str]) -> str:
        """A new name, free here and in the operating system; empty where the person's own name gives none."""
        name = fill_in(self._pattern, NameParts.of(user))
        if not name:
            log.info(
                "%s: nothing that Waldur tells of user %s fills the username_pattern %r; no local name is made.",
                self._offering,
                user.uuid,
                self._pattern,
            )
            return ""
        # sacctmgr folds names to lower case, so that JDoe and jdoe are one there.
        held = {other.lower() for other in taken}
        free = (new for new in numbered(name) if new not in held and is_free(new, self._system))
        found = next(free, "")
        if not found:
            log.warning(
                "%s: all of %s to %s%d are taken, so that user %s gets no local name; does the system's name service "
                "answer for names that nobody has?",
                self._offering,
                name,
                name,
                MOST_NAMESAKES,
                user.uuid,
            )
        return found

    def _usable(self, name: str, user: User) -> bool:
        if not is_local_name(name):
            reason = "which is not a name for a local account"
        elif is_service_account(name, self._system):
            reason = "which is an account of the system here"
        else:
            return True
        log.info("%s: user %s is called %r elsewhere, %s; not used.", self._offering, user.uuid, name, reason)
        return False
