"""Bounces and complaints reported by mail providers: each in its own format, at the URL that it enables."""

import json
from base64 import b64encode

import pytest
from django.test import Client
from django.urls import include, path

from community import urls as ours
from community.env import ConfigurationError
from community.mail_provider import PROVIDERS, settings_for, webhook_urls
from notifications.inbound import providers  # noqa: F401 - connects its signal, as the setting does
from notifications.models import EmailSuppression
from tests.core.test_environment import PRODUCTION
from tests.factories import make_member
from tests.fresh_process import run
from tests.notifications.provider_reports import KAY, KEYS, REPORTS, request_of

pytestmark = pytest.mark.django_db
SECRET = "walnut:and-oak-and-elm"  # noqa: S105 - of the test

urlpatterns = [path("anymail/", include((webhook_urls("postmark"), "anymail"))), *ours.urlpatterns]
for each in set(PROVIDERS) - {"postmark"}:  # only in the tests: a site has the URL of one
    urlpatterns.insert(1, path("of-all/", include(webhook_urls(each))))
handler400, handler404 = ours.handler400, ours.handler404


@pytest.fixture
def provider(settings) -> Client:
    settings.ROOT_URLCONF = __name__
    settings.ANYMAIL = settings_for("postmark", SECRET, "")
    make_member("alice", email="alice@example.org")
    return Client(headers={"Authorization": f"Basic {b64encode(SECRET.encode()).decode()}"})


def report(client: Client, **said: object) -> int:
    return client.post(
        "/anymail/postmark/tracking/", json.dumps(said), content_type="application/json"
    ).status_code


def stopped() -> list[tuple[str, str]]:
    return sorted(EmailSuppression.objects.values_list("email", "cause"))


BOUNCE = {"RecordType": "Bounce", "MessageID": "x", "TypeCode": 1, "Type": "HardBounce", "Email": "Alice@example.org"}  # fmt: skip
COMPLAINT = {"RecordType": "SpamComplaint", "MessageID": "x", "TypeCode": 512, "Type": "SpamComplaint", "Email": "alice@example.org"}  # fmt: skip
SOFT = BOUNCE | {"TypeCode": 4096, "Type": "SoftBounce"}
BLOCKED = BOUNCE | {"TypeCode": 100006, "Type": "Blocked"}


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        (BOUNCE, [("alice@example.org", "bounce")]),
        (COMPLAINT, [("alice@example.org", "complaint")]),
        (SOFT, []),
        (BLOCKED, []),
        (BOUNCE | {"Email": "stranger@example.org"}, []),
    ],
    ids=["bounce", "complaint", "soft", "blocked for our sake", "of a stranger"],
)
def test_what_is_reported_counts_for_addresses_that_are_ours(provider, said, cause):
    assert report(provider, **said) == 200
    assert stopped() == cause


@pytest.mark.filterwarnings("ignore:django-anymail has dropped official support for SendGrid")
@pytest.mark.parametrize("name", sorted(PROVIDERS))
def test_each_providers_format_is_understood(name, settings):
    settings.ROOT_URLCONF = __name__
    settings.ANYMAIL = settings_for(name, SECRET, KEYS.get(name, ""))
    make_member("kay", email=KAY)
    address = f"/{'anymail' if name == 'postmark' else 'of-all'}/{name}/tracking/"
    client = Client(headers={"Authorization": f"Basic {b64encode(SECRET.encode()).decode()}"})
    noted = []
    for said in REPORTS[name]:
        if said is None:
            continue
        body, kind, headers = request_of(name, said, f"http://{SECRET}@testserver{address}")
        assert client.post(address, body, content_type=kind, headers=headers).status_code == 200
        noted.append(stopped())
        EmailSuppression.objects.all().delete()
    assert noted == [[(KAY, "bounce")], [], [(KAY, "complaint")]][: len(noted)]


def test_without_the_secret_nothing_is_taken(provider):
    assert report(Client(), **BOUNCE) == 400
    assert stopped() == []


def test_only_the_chosen_provider_has_an_address(provider):
    assert [each.name for each in webhook_urls("postmark")] == ["postmark_tracking_webhook"]
    assert provider.post("/anymail/mailgun/tracking/").status_code == 404


@pytest.mark.parametrize(
    ("name", "secret", "key"),
    [("pigeon", SECRET, ""), ("postmark", "short:one", ""), ("postmark", "without-any-colon-x", ""), ("mailgun", SECRET, "")],
)  # fmt: skip
def test_reports_that_could_be_forged_are_not_configured(name, secret, key):
    with pytest.raises(ConfigurationError, match="MAIL_"):
        settings_for(name, secret, key)


@pytest.mark.full
@pytest.mark.slow  # a start with the setting
def test_a_site_starts_with_the_setting_and_has_the_address(tmp_path):
    code = (
        "import django; django.setup(); from django.urls import reverse; "
        "print(reverse('anymail:postmark_tracking_webhook'))"
    )
    done = run(code, tmp_path, **PRODUCTION, MAIL_PROVIDER="postmark", MAIL_WEBHOOK_SECRET=SECRET)
    assert done.stdout == "/anymail/postmark/tracking/\n", done.stderr
