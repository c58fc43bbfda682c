"""The numbers by which slurmdbd finds what is below an account, and whether they can be trusted.

Older versions keep a left and a right number for each association, and delete *everything* whose left number lies
between those of a deleted one. The numbers of a damaged tree overlap (see :mod:`.revival` for one way to damage it),
and then a deletion takes accounts along that are not below the deleted one at all.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """One association: of an account, or of a user with it."""

    account: str
    left: int
    right: int


def taken_along(nodes: Sequence[Node], doomed: Collection[str]) -> Mapping[str, str]:
    """Find accounts whose deletion would delete associations of other accounts that are not to be deleted.

    Args:
        nodes: All associations of the cluster; empty where slurmdbd keeps no such numbers.
        doomed: Accounts to be deleted, none of which has accounts below it.

    Returns:
        For each such account one of the others.
    """
    ordered = sorted(nodes, key=lambda node: node.left)
    lefts = [node.left for node in ordered]
    found: dict[str, str] = {}
    for node in nodes:
        if node.account in doomed:
            within = ordered[bisect_left(lefts, node.left) : bisect_right(lefts, node.right)]
            for other in within:
                if other.account not in doomed:
                    found[node.account] = other.account
    return found
