"""Who is calling the org-scoped CRM, and what they may see (fact sheet: base, auth, tenancy).

401 without a token or with an unknown one, 400 without X-Org-Id, 403 for somebody else's organisation. A contact
outside a member's scope looks absent: 404.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, HTTPException, Request

from crmgraph.demo.orgcrm_state import Member, OrgState, Raw
from crmgraph.demo.simulator import bearer


@dataclass(frozen=True, slots=True)
class Caller:
    """A member and the organisation they call."""

    member: Member
    org: OrgState

    def sees(self, contact: Raw) -> bool:
        return not self.member.assigned_only or contact["assigned_to"] == self.member.id

    def contacts(self) -> list[Raw]:
        """The contacts this caller sees, newest first by `created_at`, then by id."""
        seen = sorted(filter(self.sees, self.org.contacts.values()), key=lambda one: str(one["id"]))
        return sorted(seen, key=lambda one: str(one["created_at"]), reverse=True)

    def contact(self, contact_id: str) -> Raw:
        """The contact with this id; raises 404 where there is none in sight."""
        found = self.org.contacts.get(contact_id)
        if found is None or not self.sees(found):
            raise HTTPException(404, "Contact not found")
        return found


async def _caller(request: Request) -> Caller:
    org: OrgState = request.app.state.org
    token = bearer(request)
    if token is None:
        raise HTTPException(401, "Not authenticated", {"WWW-Authenticate": "Bearer"})
    member = org.members.get(token)
    if member is None:
        raise HTTPException(401, "Could not validate credentials", {"WWW-Authenticate": "Bearer"})
    if "x-org-id" not in request.headers:
        raise HTTPException(400, "X-Org-Id header is required")
    if request.headers["x-org-id"] != org.org_id:
        raise HTTPException(403, "You are not a member of this organization")
    return Caller(member, org)


Calling = Annotated[Caller, Depends(_caller)]
