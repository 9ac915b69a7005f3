"""The picture for links to a profile."""

from typing import Any

from django.shortcuts import get_object_or_404

from accounts.models import User
from accounts.services.share_cards import card_key, card_of_member
from core.utils.share_cards import Card
from core.web.share_cards import ShareCardView


class MemberCardPictureView(ShareCardView):
    def get_card(self, **kwargs: Any) -> tuple[str, Card]:
        member = get_object_or_404(User.objects.public(), username=kwargs["username"].lower())
        return card_key(member), card_of_member(member)
