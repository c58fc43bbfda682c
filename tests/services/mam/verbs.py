"""The commands of the stand-in: forms, answers and refusals as the reference of MAM's commands gives them.

Where releases are known or suspected to differ, a variant decides; :data:`services.mam.commands.VARIANTS` lists them.
"""

from __future__ import annotations

import time

from program import Options, Refused, State, show  # type: ignore[import-not-found] # beside this file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    Verb = Callable[[State, Options], str]

KNOWN = {
    "mam-list-accounts": ("-a", "--show"),
    "mam-create-account": ("-a", "-d", "-o"),
    "mam-modify-account": ("-a", "-d", "--add-user", "--del-user"),
    "mam-delete-account": ("-a",),
    "mam-list-users": ("-a", "--show"),
    "mam-list-funds": ("-a", "-u", "-f", "--show"),
    "mam-create-fund": ("-a",),
    "mam-delete-fund": ("-f",),
    "mam-deposit": ("-a", "-z", "-f", "-d"),
    "mam-list-allocations": ("-f", "--show"),
    "mam-list-transactions": ("-f", "--show"),
    "mam-list-usagerecords": ("-a", "-s", "-e", "--show"),
}


def run(state: State, program: str, arguments: list[str]) -> str:
    """Carry a command out and give what it prints."""
    known = KNOWN[program]
    if "daemon-down" in state.variants:
        raise Refused("Failed sending message: (Connection refused)", 22)
    if "not-root" in state.variants:
        raise Refused("Unable to open site key file /opt/mam/etc/site.key: Permission denied")
    if program == "mam-deposit" and "no-deposit-description" in state.variants:
        known = tuple(option for option in known if option != "-d")
    if f"no-{program.removeprefix('mam-list-')}" in state.variants:
        raise Refused(f"{program}: this release has no such command", 127)
    return VERBS[program](state, Options(program, arguments, known))


# ---------------------------------------------------------------- accounts


def list_accounts(state: State, options: Options) -> str:
    columns = {"Name": 0, "Description": 1, "Organization": 2, "Users": 3}
    if "no-users-column" in state.variants:
        del columns["Users"]
    rows = state.rows(
        "select name, description, organization, (select group_concat(user) from members where account = name) "
        "from accounts where ? is null or name = ? order by name",
        options.get("-a"),
        options.get("-a"),
    )
    if "empty-users-column" in state.variants:
        rows = [(*row[:3], "") for row in rows]
    return str(show(options, columns, rows))


def create_account(state: State, options: Options) -> str:
    name = options["-a"]
    try:
        state.account(name)
    except Refused:
        values = (name, options["-d"], options["-o"])
        state.rows("insert into accounts values (?, ?, ?)", *values)
        return f"Successfully created 1 account ({name})\n"
    raise Refused(f"Failed: The account ({name}) already exists")


def modify_account(state: State, options: Options) -> str:
    account = state.account(options["-a"])
    if (user := options.get("--add-user")) is not None:
        return _add_user(state, account, user.removeprefix("+"))
    user = options["--del-user"]
    if not state.rows("delete from members where account = ? and user = ? returning 1", account, user):
        raise Refused(f"Failed: The user ({user}) is no member of the account ({account})")
    return f"Successfully removed 1 user from account {account}\n"


def _add_user(state: State, account: str, user: str) -> str:
    if not state.rows("select 1 from users where name = ?", user):
        if "users-made-automatically" not in state.variants:
            raise Refused(f"Failed: The user ({user}) does not exist")
        state.rows("insert into users (name) values (?)", user)
    if state.rows("select 1 from members where account = ? and user = ?", account, user):
        if "adding-a-member-again-fails" in state.variants:
            raise Refused(f"Failed: The account user ({account},{user}) already exists")
        return ""
    state.rows("insert into members values (?, ?)", account, user)
    return f"Successfully added 1 user to account {account}\n"


def delete_account(state: State, options: Options) -> str:
    account = state.account(options["-a"])
    state.rows("delete from members where account = ?", account)
    state.rows("delete from accounts where name = ?", account)
    return f"Successfully deleted 1 account ({account})\n"


def list_users(state: State, options: Options) -> str:
    rows = state.rows(
        "select name, default_account from users join members on user = name where account = ? order by name",
        options["-a"],
    )
    return str(show(options, {"Name": 0, "DefaultAccount": 1}, rows))


# ---------------------------------------------------------------- funds


def list_funds(state: State, options: Options) -> str:
    account = options.get("-a")
    if account and "funds-outlive-accounts" not in state.variants:
        known = {row[0] for row in state.rows("select name from accounts")}
        account = account if account in known else "(none)"
    rows = state.rows("select id, account from funds where not deleted order by id")
    rows = [
        row
        for row in rows
        if (account is None or row[1] == account or (row[1] is None and account != "(none)"))
        and options.get("-f") in {None, str(row[0])}
    ]
    found = [
        (row[0], f"Account={row[1]}" if row[1] else "", _balance(state, row[0]), _sum(state, row[0])) for row in rows
    ]
    columns = {"Id": 0, "Constraints": 1, "Balance": 2, "Allocated": 3}
    if "no-constraints" in state.variants and "Balance" not in options["--show"]:
        del columns["Constraints"]
    if "no-allocated" in state.variants:
        del columns["Allocated"]
    return str(show(options, columns, found))


def _amounts(state: State, fund: int, column: str) -> Decimal:
    from decimal import Decimal

    query = f"select {column} from allocations where fund = ?"  # noqa: S608 - our own columns
    return sum((Decimal(row[0]) for row in state.rows(query, fund)), Decimal(0))


def _balance(state: State, fund: int) -> str:
    return f"{_amounts(state, fund, 'amount'):f}"


def _sum(state: State, fund: int) -> str:
    return f"{_amounts(state, fund, 'deposited'):f}"


def create_fund(state: State, options: Options) -> str:
    account = state.account(options["-a"])
    ((number,),) = state.rows("insert into funds (account) values (?) returning id", account)
    return f"Successfully created 1 fund with id {number} and 1 fund constraint\n"


def _fund(state: State, options: Options) -> int:
    found = state.rows("select id from funds where id = ? and not deleted", options["-f"])
    if not found:
        raise Refused(f"Failed: The fund ({options['-f']}) does not exist")
    return int(found[0][0])


def delete_fund(state: State, options: Options) -> str:
    fund = _fund(state, options)
    state.rows("update funds set deleted = 1 where id = ?", fund)
    state.rows("delete from allocations where fund = ?", fund)
    return f"Successfully deleted 1 fund ({fund})\n"


def deposit(state: State, options: Options) -> str:
    state.account(options["-a"])
    fund = _fund(state, options)
    amount = _positive(options["-z"])
    text = options.get("-d") or ""
    _allocate(state, fund, amount, text)
    kept = "" if "transactions-keep-no-text" in state.variants else text
    state.rows(
        "insert into transactions (object, action, fund, amount, time, description) "
        "values ('Fund', 'Deposit', ?, ?, ?, ?)",
        *(fund, str(amount), time.strftime("%Y-%m-%d %H:%M:%S"), kept),
    )
    return f"Successfully deposited {amount} credits into fund {fund}\n"


def _positive(text: str) -> Decimal:
    from decimal import Decimal, InvalidOperation

    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(0)
    if amount <= 0 or "e" in text.lower():
        raise Refused(f"Failed: The amount ({text}) must be a positive number")
    return amount


def _allocate(state: State, fund: int, amount: Decimal, text: str) -> None:
    from decimal import Decimal

    (first, *_) = state.rows("select id, amount, deposited from allocations where fund = ?", fund) or [None]
    if first is not None and "one-allocation" in state.variants:
        grown = (str(Decimal(first[1]) + amount), str(Decimal(first[2]) + amount), first[0])
        state.rows("update allocations set amount = ?, deposited = ? where id = ?", *grown)
    else:
        values = (fund, str(amount), str(amount), text)
        state.rows("insert into allocations (fund, amount, deposited, description) values (?, ?, ?, ?)", *values)


def list_allocations(state: State, options: Options) -> str:
    query = "select id, fund, amount, deposited, description from allocations where fund = ? order by id"
    columns = {"Id": 0, "Fund": 1, "Amount": 2, "Deposited": 3, "Description": 4}
    return str(show(options, columns, state.rows(query, options["-f"])))


def list_transactions(state: State, options: Options) -> str:
    query = "select object, action, fund, amount, time, description from transactions where fund = ? order by id"
    columns = {"Object": 0, "Action": 1, "Fund": 2, "Amount": 3, "Time": 4, "Description": 5}
    return str(show(options, columns, state.rows(query, options["-f"])))


# ---------------------------------------------------------------- usage


def list_usagerecords(state: State, options: Options) -> str:
    if "usage-needs-an-account" in state.variants:
        _ = options["-a"]
    start, end = _instant(state, options["-s"]), _instant(state, options["-e"])
    until = "<=" if "end-is-included" in state.variants else "<"
    stamp = "began" if "by-begin-of-job" in state.variants else "time"
    rows = state.rows(
        f"select account, user, charge from usagerecords where {stamp} >= ? and {stamp} {until} ? "  # noqa: S608 - ours
        "and (? is null or account = ?) order by time, id",
        start,
        end,
        options.get("-a"),
        options.get("-a"),
    )
    if "long-listings-are-cut" in state.variants and "-a" not in options.values:
        rows = rows[:3]
    return str(show(options, {"Account": 0, "User": 1, "Charge": 2}, rows))


def _instant(state: State, text: str) -> float:
    """A date, or a date and a time, in the zone of this process."""
    from datetime import datetime

    if "T" in text and "no-T-in-dates" in state.variants:
        raise Refused(f"Failed: The date ({text}) is not valid")
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise Refused(f"Failed: The date ({text}) is not valid") from None


VERBS: dict[str, Verb] = {
    "mam-list-accounts": list_accounts,
    "mam-create-account": create_account,
    "mam-modify-account": modify_account,
    "mam-delete-account": delete_account,
    "mam-list-users": list_users,
    "mam-list-funds": list_funds,
    "mam-create-fund": create_fund,
    "mam-delete-fund": delete_fund,
    "mam-deposit": deposit,
    "mam-list-allocations": list_allocations,
    "mam-list-transactions": list_transactions,
    "mam-list-usagerecords": list_usagerecords,
}
