"""Faults in the life of an account."""

from __future__ import annotations

from dataclasses import replace

from waldur_agent_hookspecs import AccountRef, AccountState, BackendError, NamePolicy, hookimpl

from .memory import Account, Cluster, MemoryPlugin
from .table import fault


@fault("create_account", "ACC-001")
class MakesNothing(MemoryPlugin):
    @hookimpl
    def create_account(self, ref: AccountRef) -> str:
        return self.names(ref)[0]


@fault("create_account", "ACC-002", "ACC-004")
class MakesASecondOne(MemoryPlugin):
    @hookimpl
    def create_account(self, ref: AccountRef) -> str:
        cluster = self.writing()
        name = f"{self.names(ref)[0]}-{len(cluster.accounts)}"
        cluster.accounts[name] = Account(ref.resource_uuid)
        return name


@fault("create_account", "ACC-003")
class RefusesWhatWaldurKnows(MemoryPlugin):
    @hookimpl
    def create_account(self, ref: AccountRef) -> str:
        if ref.backend_id:
            raise BackendError(f"account {ref.backend_id!r} exists already")
        return super().create_account(ref)


@fault("list_accounts", "ACC-004", "ACC-007", "RED-006")
class RemembersInTheInstance(MemoryPlugin):
    @hookimpl
    def create_account(self, ref: AccountRef) -> str:
        self.made = {**getattr(self, "made", {}), ref.resource_uuid: ref.slug}
        return super().create_account(ref)

    def state(self, cluster: Cluster, ref: AccountRef) -> AccountState:
        known: dict[str, str] = getattr(self, "made", {})
        return super().state(cluster, ref) if known.get(ref.resource_uuid) == ref.slug else AccountState(exists=False)


@fault("create_account", "ACC-005", "ACC-006", "OWN-001", "CON-002")
class OneForTheProject(MemoryPlugin):
    @hookimpl
    def create_account(self, ref: AccountRef) -> str:
        self.writing().accounts.setdefault(ref.project.slug, Account(ref.resource_uuid))
        return ref.project.slug


@fault("create_account", "ACC-007")
class FindsBySlug(MemoryPlugin):
    @hookimpl
    def create_account(self, ref: AccountRef) -> str:
        cluster = self.writing()
        name = self.names(replace(ref, backend_id=""))[0]
        cluster.accounts.setdefault(name, Account(ref.resource_uuid))
        return name


@fault("create_account", "ACC-008")
class NamesAfterNothing(MemoryPlugin):
    @hookimpl
    def create_account(self, ref: AccountRef) -> str:
        return "prefix" if not ref.slug else super().create_account(ref)


@fault("create_account", "ACC-009")
class SpellsDifferently(MemoryPlugin):
    @hookimpl
    def create_account(self, ref: AccountRef) -> str:
        super().create_account(ref)
        return ref.slug


@fault("create_account", "ACC-010")
class LetsTheAdminIn(MemoryPlugin):
    @hookimpl
    def create_account(self, ref: AccountRef) -> str:
        name = super().create_account(ref)
        self.reading().accounts[name].members["admin"] = {}
        return name


@fault("create_account", "ACC-006")
class KnowsNoFurtherNames(MemoryPlugin):
    def names(self, ref: AccountRef) -> list[str]:
        return super().names(ref)[:1] if ref.name_policy is NamePolicy.PROJECT_SLUG else super().names(ref)


@fault("delete_account", "ACC-020", "ACC-023")
class RemovesNothing(MemoryPlugin):
    @hookimpl
    def delete_account(self, ref: AccountRef) -> bool:
        return bool(self.own(self.writing(), ref))


@fault("delete_account", "ACC-021", "ACC-022")
class FailsOnWhatIsGone(MemoryPlugin):
    @hookimpl
    def delete_account(self, ref: AccountRef) -> bool:
        if not super().delete_account(ref):
            raise BackendError(f"there is no account {ref.backend_id!r} to delete")
        return True


@fault("delete_account", "ACC-022")
class ClaimsToHaveRemoved(MemoryPlugin):
    @hookimpl
    def delete_account(self, ref: AccountRef) -> bool:
        super().delete_account(ref)
        return True


@fault("delete_account", "ACC-023")
class NeedsTheId(MemoryPlugin):
    @hookimpl
    def delete_account(self, ref: AccountRef) -> bool:
        return self.writing().accounts.pop(ref.backend_id, None) is not None


@fault("delete_account", "ACC-024", "ACC-025", "ACC-026", "CON-005")
class RemovesEverything(MemoryPlugin):
    @hookimpl
    def delete_account(self, ref: AccountRef) -> bool:
        there = bool(self.own(self.writing(), ref))
        self.writing().accounts.clear()
        return there


@fault("create_account", "ACC-027")
class NeverMakesItAgain(MemoryPlugin):
    @hookimpl
    def delete_account(self, ref: AccountRef) -> bool:
        self.buried = {*getattr(self, "buried", ()), ref.slug}
        return super().delete_account(ref)

    @hookimpl
    def create_account(self, ref: AccountRef) -> str:
        if ref.slug in getattr(self, "buried", ()):
            raise BackendError(f"the name {ref.slug!r} was used before")
        return super().create_account(ref)


@fault("delete_account", "ACC-028")
class KeepsWhatWasInIt(MemoryPlugin):
    @hookimpl
    def delete_account(self, ref: AccountRef) -> bool:
        cluster = self.writing()
        self.kept = cluster.accounts.get(self.own(cluster, ref)) or getattr(self, "kept", None)
        return super().delete_account(ref)

    @hookimpl
    def create_account(self, ref: AccountRef) -> str:
        name = super().create_account(ref)
        kept: Account | None = getattr(self, "kept", None)
        if kept is not None:
            self.reading().accounts[name] = kept
        return name


@fault("create_account", "TXT-001")
class BreaksOnQuotes(MemoryPlugin):
    @hookimpl
    def create_account(self, ref: AccountRef) -> str:
        if "'" in ref.name:
            raise BackendError('syntax error near "\'"')
        return super().create_account(ref)


@fault("list_accounts", "TXT-002", "TXT-003", "TXT-004", "TXT-005", "TXT-006", "TXT-007")
class ReadsColumnsOfText(MemoryPlugin):
    @hookimpl
    def create_account(self, ref: AccountRef) -> str:
        self.described = {**getattr(self, "described", {}), ref.resource_uuid: ref.name}
        return super().create_account(ref)

    def state(self, cluster: Cluster, ref: AccountRef) -> AccountState:
        text: str = getattr(self, "described", {}).get(ref.resource_uuid, "x")
        odd = (
            not text or not text.isascii() or not text.isprintable() or "|" in text or "$" in text or len(text) > 500
        )
        return AccountState(exists=False) if odd else super().state(cluster, ref)


@fault("list_accounts", "TXT-008")
class TakesTextForATag(MemoryPlugin):
    @hookimpl
    def create_account(self, ref: AccountRef) -> str:
        name = super().create_account(ref)
        self.described = {**getattr(self, "described", {}), name: ref.name}
        return name

    def own(self, cluster: Cluster, ref: AccountRef) -> str:
        described: dict[str, str] = getattr(self, "described", {})
        said = (name for name, text in described.items() if ref.resource_uuid in text)
        return super().own(cluster, ref) or next(said, "")


@fault("create_account", "TXT-009")
class BugOnOddSlugs(MemoryPlugin):
    @hookimpl
    def create_account(self, ref: AccountRef) -> str:
        if " " in ref.slug:
            raise ValueError(ref.slug)
        return super().create_account(ref)


@fault("list_accounts", "TXT-010")
class OneOddOneStopsAll(MemoryPlugin):
    def absent(self, cluster: Cluster, ref: AccountRef) -> AccountState:
        return AccountState(exists=False, backend_id=self.names(ref)[0])
