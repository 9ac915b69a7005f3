"""The domain's DNS records for email, and the check for a newer version: requested only if configured."""

from io import StringIO

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.core.management.base import CommandError

from dashboard.services import delivery, health, newer
from dashboard.services.delivery import NameServerUnavailable
from tests.accounts.web_servers import Web, page

GOOD = {
    ("blog.example", "TXT"): ["hello", "v=spf1 include:spf.provider.example -all"],
    ("oak._domainkey.blog.example", "TXT"): ["v=DKIM1; k=rsa; p=MIGf"],
    ("_dmarc.blog.example", "TXT"): ["v=DMARC1; p=quarantine; rua=mailto:x@blog.example"],
    ("blog.example", "MX"): ["10 mail.blog.example"],
    ("mail.blog.example", "A"): ["93.184.215.14"],
    ("14.215.184.93.in-addr.arpa", "PTR"): ["mail.blog.example"],
}


@pytest.fixture(autouse=True)
def a_domain(settings):
    settings.DEFAULT_FROM_EMAIL = "The Blog <hello@blog.example>"
    settings.EMAIL_HOST, settings.DKIM_SELECTORS = "mail.blog.example", ["oak"]


def look(**_changed):
    records = GOOD | _changed.get("records", {})
    return [found.code for found in delivery.look(lambda name, kind: records.get((name, kind), []))]


def test_all_is_well():
    assert look() == ["spf", "dkim", "dmarc", "mx", "reverse"]


@pytest.mark.parametrize(
    ("name", "kind", "answer", "code"),
    [
        ("blog.example", "TXT", ["v=spf10 x"], "spf-none"),
        ("blog.example", "TXT", ["v=spf1 -all", "V=SPF1 a -all"], "spf-several"),
        ("blog.example", "TXT", ["v=spf1 a +all"], "spf-open"),
        ("blog.example", "TXT", ["v=spf1 a all"], "spf-open"),
        ("oak._domainkey.blog.example", "TXT", [], "dkim-none"),
        ("oak._domainkey.blog.example", "TXT", ["v=DKIM1; p="], "dkim-none"),
        ("_dmarc.blog.example", "TXT", [], "dmarc-none"),
        ("blog.example", "MX", ["0 ."], "mx-none"),
        ("14.215.184.93.in-addr.arpa", "PTR", [], "reverse-none"),
        ("14.215.184.93.in-addr.arpa", "PTR", ["somebody.else.example"], "reverse-none"),
    ],
)
def test_each_thing_that_keeps_emails_away_is_named(name, kind, answer, code):
    assert code in look(records={(name, kind): answer})


def test_a_domain_below_another_has_its_policy(settings):
    settings.DEFAULT_FROM_EMAIL = "hello@news.blog.example"
    found = delivery.look(lambda name, kind: GOOD.get((name, kind), []))
    assert [one.values["domain"] for one in found if one.code == "dmarc"] == ["blog.example"]


def test_a_mail_server_inside_or_by_its_number_has_no_name_to_check(settings):
    for host in ("localhost", "127.0.0.1", "10.0.0.2"):
        settings.EMAIL_HOST = host
        assert look() == ["spf", "dkim", "dmarc", "mx"]


def test_a_key_that_is_not_named_and_servers_that_do_not_answer_are_said(settings):
    settings.DKIM_SELECTORS = []
    assert "dkim-unknown" in look()

    def away(_name: str, _kind: str) -> list[str]:
        raise NameServerUnavailable

    assert [found.code for found in delivery.look(away)] == ["away"]


def test_the_command_says_it_in_words(monkeypatch):
    records = GOOD | {("blog.example", "TXT"): []}
    monkeypatch.setattr(
        "dashboard.management.commands.check_email_delivery.look",
        lambda: delivery.look(lambda name, kind: records.get((name, kind), [])),
    )
    out = StringIO()
    with pytest.raises(CommandError, match="may be refused"):
        call_command("check_email_delivery", stdout=out)
    said = out.getvalue()
    assert "!! SPF: blog.example doesn’t say which servers may send for it.\n   Add a TXT record" in said
    assert "ok Reverse DNS: 93.184.215.14 is called mail.blog.example" in said


@pytest.mark.django_db
def test_site_health_says_what_the_worker_found(settings, monkeypatch):
    monkeypatch.setattr(delivery, "look", lambda: [delivery.Found("spf", {"domain": "x"}), delivery.Found("spf-none", {"domain": "blog.example"})])  # fmt: skip
    delivery.check_daily()
    assert health.delivery_of_mail() == []  # no email is sent here
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    delivery.check_daily()
    [finding] = health.delivery_of_mail()
    assert (finding.state, "blog.example doesn’t say" in finding.text) == ("bad", True)


def test_every_sentence_can_be_filled_in():
    values = dict.fromkeys(("domain", "selector", "policy", "address", "name"), "x")
    for code in delivery.WORDS:
        found = delivery.Found(code, values)
        assert "%" not in found.text + found.advice


# --- a newer version -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "version"),
    [
        ('{"tag_name": "v1.4.0", "body": "…"}', "1.4.0"), ('{"version": "2.0"}', "2.0"), ("0.3.1\n", "0.3.1"),
        ("<html>", ""), ("[]", ""), ("{}", ""), ("2.0rc1", ""), ("9" * 99, ""), ("", ""),
    ],
)  # fmt: skip
def test_versions_are_read_from_text_and_json(answer, version):
    assert newer.read_version(answer) == version


@pytest.mark.django_db
def test_the_dashboard_tells_of_a_newer_version_only_where_it_may_ask(tmp_path, settings):
    web = Web(tmp_path)
    try:
        web.answers["/newest"] = page('{"tag_name": "v9.0.0"}', kind="application/json")
        newer.fetch_newest_version(web.rules())
        assert (web.asked, newer.newer_than("0.1.0")) == ([], "")
        settings.UPDATE_URL = web.url("/newest")
        newer.fetch_newest_version(web.rules())
    finally:
        web.close()
    assert (newer.newer_than("0.1.0"), newer.newer_than("9.0"), newer.newer_than("9.0.1")) == (
        "9.0.0",
        "",
        "",
    )
    assert "Version 9.0.0 is available." in health.version().text
    settings.UPDATE_URL = ""
    assert newer.newer_than("0.1.0") == ""
    cache.clear()
