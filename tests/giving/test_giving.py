"""The giving page: content and audience, pledges, the host's entries, and Stripe's signed events."""

import hashlib
import hmac
import json
import time
from datetime import timedelta
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.services.export import all_parts
from giving.models import Gift, GivingSettings, Pledge, Way
from moderation.services.members import suspend
from tests.factories import make_member, switch_on

pytestmark = pytest.mark.django_db

SECRET = "whsec_walnut"  # noqa: S105 - of the tests
PAGE = "/giving/"
PLEDGE = "/giving/pledge/"


@pytest.fixture(autouse=True)
def switched_on(db):
    switch_on("giving")


@pytest.fixture
def costs() -> GivingSettings:
    return GivingSettings.objects.create(
        pk=1, text="The server.\n\nThe voice rooms.", monthly_cost=40, stripe_secret=SECRET
    )


def sums(page) -> tuple[str, str, str, int | None]:
    now = page.context["now"]
    return now.came_in, now.costs, now.pledged, now.reached


def test_it_says_what_the_site_costs_what_came_in_and_how_to_give(client, costs):
    Way.objects.create(name="Bank transfer", details="IBAN XX12 3456\nLong Table")
    Way.objects.create(name="PayPal", address="https://paypal.example/table", position=1)
    Gift.objects.create(amount=25)
    Gift.objects.create(amount=Decimal("7.50"), refunded=Decimal("2.50"))
    Gift.objects.create(amount=100, received_on=timezone.localdate().replace(day=1) - timedelta(days=1))
    Gift.objects.create(amount=500, currency="SEK")
    page = client.get(PAGE)
    assert sums(page) == ("30 EUR", "40 EUR", "", 75)
    for words in (
        "<p>The voice rooms.</p>",
        "IBAN XX12 3456<br>Long Table",
        'href="https://paypal.example/table"',
    ):
        assertContains(page, words)


def test_before_the_host_says_anything_the_page_is_there(client, signed_in, host):
    page = client.get(PAGE)
    assert sums(page) == ("0 EUR", "", "", None)
    assertContains(page, "The host hasn’t added a way to give yet.")
    assertNotContains(page, "Edit the ways to give")
    assertContains(signed_in(host).get(PAGE), "Edit the ways to give")


def test_a_member_pledges_changes_it_and_ends_it(client, signed_in, member, costs):
    alice = signed_in(member)
    assertRedirects(alice.post(PLEDGE, {"amount": "5"}), f"{PAGE}#pledge", fetch_redirect_response=False)
    assert sums(client.get(PAGE))[2] == "5 EUR"
    assertNotContains(client.get(PAGE), "alice")
    alice.post(PLEDGE, {"amount": "7.5", "is_thanked": "on"})
    assert [(pledge.member, pledge.amount) for pledge in Pledge.objects.all()] == [(member, Decimal("7.50"))]
    assertContains(client.get(PAGE), '<a href="/members/alice/">alice</a>', html=True)
    GivingSettings.objects.update(currency="GBP")
    page = alice.get(PAGE)
    assert (sums(page)[2], page.context["form"]["amount"].value()) == ("", None)
    assertContains(page, "<p>Pledged each month: 7.50 EUR</p>", html=True)
    alice.post(PLEDGE, {"amount": "6"})
    assert (sums(alice.get(PAGE))[2], Pledge.objects.get().currency) == ("6 GBP", "GBP")
    alice.post(PLEDGE, {"end": "1"})
    assert not Pledge.objects.exists()


@pytest.mark.parametrize(
    ("amount", "why"),
    [
        ("-1", "Enter an amount above 0."),
        ("0", "Enter an amount above 0."),
        (str(10**12), "Enter an amount below 10,000,000."),
        ("1e5000", "Enter an amount below 10,000,000."),
        ("NaN", "Enter an amount, such as 5 or 7.50."),
        ("five", "Enter an amount, such as 5 or 7.50."),
        ("5.005", "Enter an amount with at most two decimal places."),
        ("", "This field is required."),
    ],
)
def test_an_amount_that_cannot_be_is_said_at_its_field_and_kept(signed_in, member, costs, amount, why):
    said = signed_in(member).post(PLEDGE, {"amount": amount, "is_thanked": "on"})
    assert (said.status_code, said.context["form"].errors) == (422, {"amount": [why]})
    assert said.context["form"]["amount"].value() == amount
    assert not Pledge.objects.exists()


def test_members_who_may_not_write_are_told_why(signed_in, member, moderator, costs):
    suspend(member, by=moderator, ends_at=timezone.now() + timedelta(days=3), words="Calm down first.")
    said = signed_in(member).post(PLEDGE, {"amount": "5"})
    assertContains(said, "You can read, but you can’t post until", status_code=422)
    assert said.context["form"]["amount"].value() == "5"
    assert not Pledge.objects.exists()


def test_an_anonymous_gift_is_anonymous_on_the_page_in_the_log_and_in_the_table(
    client, signed_in, host, costs
):
    nora = signed_in(host)
    booked = {
        "amount": "12",
        "currency": "EUR",
        "received_on": "2026-11-02",
        "thank_as": "",
        "is_thanked": "on",
    }
    assert nora.post("/admin/giving/gift/add/", booked).status_code == 302
    assert nora.post("/admin/giving/gift/add/", booked | {"thank_as": "Walnut"}).status_code == 302
    assert [str(entry) for entry in LogEntry.objects.values_list("object_repr", flat=True)] == [
        "12 EUR, 2026-11-02"
    ] * 2
    Gift.objects.create(amount=5, refunded=4, thank_as="Hazel")
    Gift.objects.create(amount=5, refunded=5, thank_as="Acorn")
    assert client.get(PAGE).context["now"].thanked_names == ["Hazel", "Walnut"]


def test_a_pledge_is_in_the_members_own_data_and_hosts_see_no_name(signed_in, member, host, costs):
    Pledge.objects.create(member=member, amount=5)
    [part] = [part for part in all_parts() if part.key == "pledge"]
    assert [row["amount"] for row in part.rows(member)] == ["5 EUR"]
    assertNotContains(signed_in(host).get("/admin/giving/pledge/"), "alice")


# --- Stripe -------------------------------------------------------------------------------------


def signature(body: bytes, *, at: float | None = None, secret: str = SECRET) -> str:
    moment = str(int(time.time() if at is None else at))
    return f"t={moment},v1={hmac.new(secret.encode(), moment.encode() + b'.' + body, hashlib.sha256).hexdigest()},v0=old"


def tell(client, kind: str, thing: dict, **how) -> int:
    body = json.dumps({"id": "evt_1", "type": kind, "data": {"object": thing}}).encode()
    return client.post(
        "/giving/stripe/",
        body,
        content_type="application/json",
        headers={"Stripe-Signature": signature(body, **how)},
    ).status_code


SESSION = {
    "id": "cs_1",
    "payment_intent": "pi_1",
    "payment_status": "paid",
    "amount_total": 2550,
    "currency": "eur",
    "customer_details": {"name": "Wanda Walnut", "email": "wanda@example.org"},
    "custom_fields": [{"key": "thanks", "text": {"value": "The\x00 walnuts"}}],
}


def booked() -> list[tuple[Decimal, Decimal, str, str, bool]]:
    return list(
        Gift.objects.values_list("amount", "refunded", "currency", "thank_as", "is_thanked").order_by("pk")
    )


def test_a_payment_is_booked_once_and_its_name_waits_for_the_host(client, costs):
    assert [tell(client, "checkout.session.completed", SESSION) for _time in range(2)] == [204, 204]
    assert booked() == [(Decimal("25.50"), 0, "EUR", "The walnuts", False)]
    assertNotContains(client.get(PAGE), "walnuts")
    Gift.objects.update(is_thanked=True)
    assertContains(client.get(PAGE), "The walnuts")


def test_nothing_of_the_payer_is_kept_but_the_name_to_be_thanked_by(client, costs):
    tell(client, "checkout.session.completed", SESSION | {"custom_fields": []})
    kept = " ".join(str(value) for value in Gift.objects.values().get().values())
    assert ("Wanda" in kept, "wanda@" in kept, Gift.objects.get().thank_as) == (False, False, "")


def test_a_monthly_payment_and_what_is_given_back(client, costs):
    tell(client, "invoice.paid", {"id": "in_1", "amount_paid": 500, "currency": "eur"})
    tell(client, "invoice.paid", {"id": "in_2", "amount_paid": 500, "currency": "jpy"})
    tell(
        client,
        "charge.refunded",
        {"payment_intent": "pi_9", "invoice": "in_1", "amount_refunded": 200, "currency": "eur"},
    )
    tell(client, "charge.refunded", {"invoice": "in_2", "amount_refunded": 99999, "currency": "jpy"})
    tell(client, "invoice.paid", {"id": "in_3", "amount_paid": 5120, "currency": "kwd"})
    assert booked() == [
        (5, 2, "EUR", "", False),
        (500, 500, "JPY", "", False),
        (Decimal("5.12"), 0, "KWD", "", False),
    ]


@pytest.mark.parametrize("is_named_by", ["invoice", "payment", "payment before the invoice"])
def test_what_is_given_back_of_a_monthly_payment_is_found_by_its_payment(client, costs, is_named_by):
    """Since 2025-03-31 Stripe's charges refer to no invoice; invoices list their payments on request."""
    paid = {"payment": {"type": "payment_intent", "payment_intent": "pi_1"}}
    invoice = {"id": "in_1", "amount_paid": 500, "currency": "eur"}
    told = {
        "invoice": [("invoice.paid", invoice | {"payments": {"data": [None, {}, paid]}})],
        "payment": [("invoice.paid", invoice), ("invoice_payment.paid", paid | {"invoice": "in_1"})],
    }
    told["payment before the invoice"] = [*reversed(told["payment"])]
    for kind, thing in told[is_named_by]:
        assert [tell(client, kind, thing) for _time in range(2)] == [204, 204]
    tell(client, "charge.refunded", {"payment_intent": "pi_1", "amount_refunded": 200, "currency": "eur"})
    assert booked() == [(5, 2, "EUR", "", False)]


@pytest.mark.parametrize(
    "changes", [{"payment_intent": "pi_2"}, {"currency": "usd"}, {"payment_intent": None}]
)
def test_what_is_given_back_of_nothing_known_is_one_line_in_the_log(client, costs, caplog, changes):
    tell(client, "checkout.session.completed", SESSION)
    charge = {"id": "ch_1", "payment_intent": "pi_1", "amount_refunded": 2550, "currency": "eur"}
    billing = {"billing_details": {"name": "Wanda Walnut"}}
    assert tell(client, "charge.refunded", charge | billing | changes) == 204
    assert [record.getMessage() for record in caplog.records if record.name == "giving.services.stripe"] == [
        "Stripe refunded charge 'ch_1', which matches no gift."
    ]
    assert [refunded for _amount, refunded, *_rest in booked()] == [0]


def test_a_payment_by_bank_is_booked_when_it_arrives(client, costs):
    tell(client, "checkout.session.completed", SESSION | {"payment_status": "unpaid"})
    assert booked() == []
    assert [tell(client, "checkout.session.async_payment_succeeded", SESSION) for _time in range(2)] == [
        204
    ] * 2
    assert booked() == [(Decimal("25.50"), 0, "EUR", "The walnuts", False)]


def test_a_payment_with_an_invoice_is_booked_once(client, costs):
    tell(client, "checkout.session.completed", SESSION | {"invoice": "in_1"})
    tell(client, "invoice.paid", {"id": "in_1", "amount_paid": 2550, "currency": "eur"})
    assert [(gift.reference, gift.amount) for gift in Gift.objects.all()] == [("in_1", Decimal("25.50"))]


def test_an_amount_below_what_was_given_back_is_said_at_its_field(signed_in, host, costs):
    gift = Gift.objects.create(amount=20, refunded=Decimal("7.50"))
    typed = {"amount": "5", "currency": "EUR", "received_on": "2026-11-02", "thank_as": ""}
    address = f"/admin/giving/gift/{gift.pk}/change/"
    nora = signed_in(host)
    said = nora.post(address, typed)
    assert (said.status_code, said.context["adminform"].form.errors) == (
        200,
        {"amount": ["7.50 EUR was already refunded. Enter at least that."]},
    )
    assert nora.post(address, typed | {"amount": "7.50"}).status_code == 302


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("invoice_payment.paid", {"payment": {"payment_intent": 5}, "invoice": "in_1"}),
        ("invoice.paid", {"payments": {"data": "none"}}),
        ("checkout.session.completed", {"payment_status": "unpaid"}),
        ("checkout.session.completed", {"subscription": "sub_1"}),  # its invoice is reported, too
        ("checkout.session.completed", {"amount_total": -1}),
        ("checkout.session.completed", {"amount_total": 10**14}),
        ("checkout.session.completed", {"amount_total": "2550"}),
        ("checkout.session.completed", {"currency": "é€x"}),
        ("checkout.session.completed", {"payment_intent": "x" * 300}),
        ("customer.created", {}),
    ],
)
def test_other_webhooks_are_accepted_and_book_nothing(client, costs, kind, changes):
    assert tell(client, kind, SESSION | changes) == 204
    assert booked() == []


@pytest.mark.parametrize(
    "how",
    [{"secret": "whsec_forged"}, {"at": time.time() - 3600}, {"at": time.time() + 3600}],
    ids=["forged", "old", "from the future"],
)
def test_a_forged_or_old_message_is_refused(client, costs, how):
    assert tell(client, "checkout.session.completed", SESSION, **how) == 400
    assert booked() == []


@pytest.mark.parametrize("header", ["", "t=,v1=", "t=1", "v1=ab", "t=1,t=2,v1=ab", "t=９,v1=é"])
def test_a_header_that_is_none_is_refused(client, costs, header):
    said = client.post(
        "/giving/stripe/", b"{}", content_type="application/json", headers={"Stripe-Signature": header}
    )
    assert said.status_code == 400
    assert (
        client.post("/giving/stripe/", {"a": "form"}, headers={"Stripe-Signature": header}).status_code == 400
    )


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"data": []}', b"[" * 100_000])
def test_a_signed_message_that_is_none_is_refused(client, costs, body):
    said = client.post(
        "/giving/stripe/",
        body,
        content_type="application/json",
        headers={"Stripe-Signature": signature(body)},
    )
    assert (said.status_code, booked()) == (400, [])


def test_without_a_secret_no_message_is_believed(client):
    GivingSettings.objects.create(pk=1)
    assert tell(client, "checkout.session.completed", SESSION, secret="") == 400


def test_a_way_that_leads_nowhere_is_said_at_its_field(signed_in, host):
    said = signed_in(host).post(
        "/admin/giving/way/add/", {"name": "Cash", "address": "", "details": "", "position": "0"}
    )
    assert said.context["adminform"].form.errors == {"address": ["Enter a web address, or details below."]}


def test_the_host_writes_the_page(client, signed_in, host):
    nora = signed_in(host)
    assertRedirects(nora.get("/admin/giving/givingsettings/"), "/admin/giving/givingsettings/add/")
    said = {"text": "The server.", "currency": "GBP", "monthly_cost": "30", "stripe_secret": ""}
    assert nora.post("/admin/giving/givingsettings/add/", said).status_code == 302
    assertRedirects(nora.get("/admin/giving/givingsettings/"), "/admin/giving/givingsettings/1/change/")
    assert nora.post("/admin/giving/givingsettings/1/change/", said | {"currency": "gbp"}).status_code == 200
    assert sums(client.get(PAGE)) == ("0 GBP", "30 GBP", "", 0)


def test_members_who_want_it_are_thanked_unless_they_are_hidden(client, costs):
    Pledge.objects.create(member=make_member("bob"), amount=3, is_thanked=True)
    Pledge.objects.create(member=make_member("eve", profile_hidden=True), amount=3, is_thanked=True)
    assert [member.username for member in client.get(PAGE).context["now"].thanked_members] == ["bob"]


def test_what_was_pledged_before_pledges_had_a_currency_is_in_that_of_the_site(client, costs):
    Pledge.objects.create(member=make_member("bob"), amount=3)
    GivingSettings.objects.update(currency="GBP")
    import_module("giving.migrations.0005_pledges_in_the_sites_currency").fill(apps, None)
    assert sums(client.get(PAGE))[2] == "3 GBP"
