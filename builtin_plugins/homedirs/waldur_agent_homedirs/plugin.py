"""The plugin's class."""

from __future__ import annotations

import logging
import pwd
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from waldur_agent_hookspecs import Health, HealthStatus, Member, PluginContext, hookimpl

from .homes import Found, LookUp, NoHome, NotKnownYet, home_of, look_for
from .mkhomedir import PROGRAM, HomeNotMade, find_program, make_home
from .settings import HomedirsSettings

log = logging.getLogger(__name__)

_INSTALL = f"install {PROGRAM}: on Debian in the package libpam-modules, elsewhere in that of PAM"


class HomedirsPlugin:
    """Serves every offering whose backend's members are users of the operating system.

    Nothing is remembered but which complaint about whom was the last one, so that each is logged once.

    Args:
        settings: Whether homes are made, and how.
        context: The offering.
        look_up: Gives the passwd entry of a user.
        find: Gives the path of ``mkhomedir_helper``, or None.
    """

    api_version: ClassVar[int] = 1
    settings_model: ClassVar[type[HomedirsSettings]] = HomedirsSettings
    joins_with: ClassVar[str] = "enable_user_homedir_account_creation"
    """The key that, where it is true, makes this plugin serve an offering that does not list it."""

    def __init__(
        self,
        settings: HomedirsSettings,
        context: PluginContext,
        look_up: LookUp = pwd.getpwnam,
        find: Callable[[], str | None] = find_program,
    ) -> None:
        self._settings = settings
        self._context = context
        self._look_up = look_up
        self._find = find
        self._told: dict[str, str] = {}

    @hookimpl
    def members_synced(self, members: Sequence[Member]) -> None:
        """Make the homes that are missing; whose cannot be made now is seen to at the next call."""
        if self._is_off:
            return
        for member in members:
            try:
                self._see_to(member.username)
            except NotKnownYet as reason:
                self._tell_once(member.username, logging.INFO, f"{reason}; the home is made once it does")
            except NoHome as reason:
                self._tell_once(member.username, logging.WARNING, f"{reason}; no home was made")
            except HomeNotMade as failure:
                log.warning("%s: %s", self._context.offering, failure)
            else:
                self._told.pop(member.username, None)

    @hookimpl
    def prepare_users(self, members: Sequence[Member]) -> Mapping[str, str]:
        """Make the homes that are missing, and tell who has none all the same."""
        reasons: dict[str, str] = {}
        for member in () if self._is_off else members:
            try:
                self._see_to(member.username)
            except (NoHome, HomeNotMade) as reason:
                reasons[member.username] = str(reason)
        return reasons

    @hookimpl
    def check_health(self) -> Sequence[Health]:
        """Whether homes can be made, and which rights they get."""
        if not self._settings.enable_user_homedir_account_creation:
            return [Health("home directories", HealthStatus.GOOD, f"{self.joins_with} is false: none are made")]
        program = self._find()
        if program is None:
            return [Health("home directories", HealthStatus.BAD, f"there is no {PROGRAM}", _INSTALL)]
        return [Health("home directories", HealthStatus.GOOD, f"{program} with umask {self._settings.umask}")]

    @property
    def _is_off(self) -> bool:
        return self._context.read_only or not self._settings.enable_user_homedir_account_creation

    def _see_to(self, username: str) -> None:
        home = home_of(username, self._look_up)
        if look_for(home) is Found.MISSING:
            self._make(username, home)

    def _make(self, username: str, home: Path) -> None:
        program = self._find()
        if program is None:
            raise NoHome(f"the home {home} of {username} is missing, and there is no {PROGRAM}; {_INSTALL}")
        try:
            make_home(program, username, self._settings.umask)
        except HomeNotMade as failure:
            raise HomeNotMade(f"{failure}; {_what_is_left(home)}") from failure
        if look_for(home) is Found.MISSING:
            raise HomeNotMade(f"{program} reported success for {username}, but {home} is missing")
        log.info(
            "%s: made the home %s of %s with umask %s", self._context.offering, home, username, self._settings.umask
        )

    def _tell_once(self, username: str, level: int, text: str) -> None:
        if self._told.get(username) != text:
            self._told[username] = text
            log.log(level, "%s: %s", self._context.offering, text)


def _what_is_left(home: Path) -> str:
    try:
        there = look_for(home) is Found.THERE
    except NoHome as reason:
        return str(reason)
    if there:
        return f"{home} is there and may be unfinished: look at it, as it will not be made again"
    return f"{home} is still missing, and is tried again in the next cycle"
