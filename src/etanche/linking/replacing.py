"""Whether a list may take the place of the one of its name: the same registry's, or as somebody said by name.

Rules, in the order in which they apply:

1. A registry that is linked again takes the place of its own list.  It is the same where its file is: size and SHA-256
   stand in the list's own result, so that what a stopped command had read says nothing.
2. The name of a file is nobody's choice, and `patients.csv` is every laboratory's: a list that got its name so takes no
   other registry's place.  One that was named takes it, which is said.
3. Two names that differ in capitals alone are no two lists: letters find a list by its controller's code.
4. A list on which a review hangs is not made anew unless that is asked for: hours of judging would be lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from etanche.errors import ExitCode, UserError
from etanche.linking.lists import lists, reviewed_parts
from etanche.model import Reason

if TYPE_CHECKING:
    from etanche.casefile import CaseFolder
    from etanche.linking.requests import LinkRequest
    from etanche.model import Source


def replaced(case: CaseFolder, request: LinkRequest, name: str) -> frozenset[str]:
    """Return the parts that a review left of the list that is to be replaced; `UserError` (5) where it must not be."""
    for other in lists(case):
        if other != name and other.casefold() == name.casefold():
            raise UserError("link_capitals", ExitCode.REFUSED, name=name, other=other)
    reviewed = frozenset(reviewed_parts(case, name))
    if reviewed and not request.again:
        raise UserError("link_reviewed", ExitCode.REFUSED, name=name)
    return reviewed


def check_registry(case: CaseFolder, request: LinkRequest, name: str, source: Source | None) -> None:
    """Refuse (5) another registry than the one that the list of a name was made from, unless somebody gave the name.

    Called before the registry is read, when its size is known, and after it, when its SHA-256 (else "") is too.
    """
    there = lists(case).get(name)
    if there is None or source is None or (request.name is not None and not source.sha256):
        return
    known = there.document["registry"]
    if known.get("size") == source.size and source.sha256 in ("", known.get("sha256")):
        return
    if request.name is None:
        raise UserError("link_other_registry", ExitCode.REFUSED, name=name)
    request.notice(Reason("link_replaced", (("name", name),)))
