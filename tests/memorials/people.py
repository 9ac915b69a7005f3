"""A memorial, and who keeps it."""

from typing import Any

from accounts.models import User
from memorials.models import Memorial
from memorials.services.keeping import Proposal, confirm, propose
from tests.factories import make_host, make_member


def a_proposal(name: str = "otter", **fields: Any) -> Memorial:
    member = User.objects.filter(username=name).first() or make_member(name, display_name="Otter")
    host = User.objects.filter(username="nora").first() or make_host("nora")
    keeper = User.objects.filter(username="ruth").first() or make_member("ruth")
    return propose(Proposal(member, keeper, **fields), by=host)


def a_memorial(name: str = "otter", **fields: Any) -> Memorial:
    """Both have confirmed."""
    memorial = a_proposal(name, **fields)
    return Memorial.objects.with_people().get(pk=confirm(memorial, by=memorial.keeper).pk)
