"""A host saves a gift while Stripe reports it."""

from decimal import Decimal
from functools import partial
from threading import Thread

import pytest
from django.db import connections

from giving.models import Gift
from giving.services.stripe import book
from tests.factories import make_host, switch_on

REFUND = {"payment_intent": "pi_1", "amount_refunded": 500, "currency": "eur"}


def told(event: dict) -> None:
    try:
        book(event)
    finally:
        connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_a_refund_reported_while_the_host_saves_the_gift_is_kept(signed_in, monkeypatch):
    switch_on("giving")
    gift = Gift.objects.create(
        amount=25, currency="EUR", reference="pi_1", is_thanked=False, thank_as="Wanda"
    )
    stripe = Thread(target=partial(told, {"type": "charge.refunded", "data": {"object": REFUND}}))

    def meanwhile(_gift: Gift) -> None:
        stripe.start()
        stripe.join(0.3)  # it waits for the host

    monkeypatch.setattr(Gift, "clean", meanwhile)
    fields = {
        "amount": "25",
        "currency": "EUR",
        "received_on": "2026-11-01",
        "thank_as": "Wanda",
        "is_thanked": "on",
    }
    page = f"/admin/giving/gift/{gift.pk}/change/"
    assert signed_in(make_host()).post(page, fields).status_code == 302
    stripe.join()
    gift.refresh_from_db()
    assert (gift.amount, gift.refunded, gift.is_thanked) == (25, Decimal(5), True)
