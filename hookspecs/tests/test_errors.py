from __future__ import annotations

from waldur_agent_hookspecs import BackendError, NotReady, PluginError, UserActionNeeded


def test_what_a_plugin_raises_on_purpose_can_be_told_from_a_bug() -> None:
    assert {BackendError, NotReady, UserActionNeeded} == set(PluginError.__subclasses__())


def test_waiting_is_only_expected_where_it_is_said() -> None:
    assert not NotReady("slurmdbd does not answer").expected
    assert NotReady("not known yet", expected=True).expected


def test_the_text_is_all_that_a_person_reads() -> None:
    error = UserActionNeeded("Link your account", url="https://example.org/link", validation=True)
    assert str(error) == "Link your account"
    assert (error.url, error.validation) == ("https://example.org/link", True)
