"""Members see times in their own time zone; visitors in that of the site."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.core import mail
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from pytest_django.asserts import assertContains

from accounts.models import AccountDeletion, User
from accounts.services.mails import send_mail_about
from core.models import SiteSettings
from core.services.site_settings import save_settings
from tests.comments.test_writing_first import emailed_code, mailed_link, write
from tests.factories import PASSWORD, make_comment, make_host, make_member, make_post

pytestmark = pytest.mark.django_db

SIGN_UP = "/accounts/signup/"
# Winter: no daylight saving time.
NIGHT = datetime(2026, 1, 10, 23, 30, tzinfo=UTC)


@pytest.fixture
def post():
    return make_post(make_host("hostess"), published_at=NIGHT)


def as_read_by(client, post, member=None) -> str:
    if member:
        client.force_login(member)
    return client.get(post.get_absolute_url()).content.decode()


class TestPages:
    def test_show_each_member_their_own_time_and_visitors_that_of_the_site(self, post, client, signed_in):
        make_comment(post, created_at=NIGHT)
        tokyo, site = make_member(time_zone="Asia/Tokyo"), make_member()
        for _ in range(2):  # rendered, and cached
            assert 'title="11 Jan 2026, 8:30 a.m. JST">11 Jan 2026</time>' in as_read_by(
                signed_in(tokyo), post
            )
            for reader in (client, signed_in(site)):
                assert 'title="10 Jan 2026, 11:30 p.m. UTC">10 Jan 2026</time>' in as_read_by(reader, post)

    def test_of_the_admin_keep_the_clocks_of_the_site(self, post, signed_in):
        User.objects.filter(pk=post.author_id).update(time_zone="Asia/Tokyo")
        browser = signed_in(post.author)
        assertContains(browser.get(f"/admin/posts/post/{post.pk}/change/"), "10 Jan 2026, 11:30 p.m.")

    def test_survive_a_zone_that_the_machine_does_not_know(self, post, signed_in):
        member = make_member(time_zone="Mars/Olympus")
        assert "10 Jan 2026, 11:30 p.m. UTC" in as_read_by(signed_in(member), post)

    def test_of_a_month_are_the_same_for_everybody(self, client, signed_in):
        make_post(published_at=datetime(2026, 1, 31, 23, 30, tzinfo=UTC), title="Last of January")
        for reader in (client, signed_in(make_member(time_zone="Asia/Tokyo"))):
            assertContains(reader.get("/posts/?year=2026&month=1"), "Last of January")
            assert reader.get("/posts/?year=2026&month=2").status_code == 404


def test_the_inbox_is_divided_by_the_days_of_its_reader(post, signed_in):
    kay = make_member("kay", time_zone="Asia/Tokyo")
    own = make_comment(post, kay)
    with time_machine.travel(NIGHT, tick=False):
        make_comment(post, parent=own)
    page = signed_in(kay).get("/notifications/")
    assertContains(page, '<time datetime="2026-01-11">11 Jan 2026</time>')


def test_emails_name_the_time_zone_of_their_recipient():
    kay = make_member("kay", time_zone="Asia/Tokyo")
    deletion = AccountDeletion.objects.create(member=kay, due_at=NIGHT)
    send_mail_about("deletion_asked", to=kay, account_deletion=deletion, url="https://x.example/")
    assert "11 Jan 2026, 8:30 a.m. JST" in mail.outbox[-1].body


class TestSigningUp:
    def sign_up(self, client, **typed: str) -> User:
        typed = {"email": "new@example.org", "username": "newcomer", "password1": PASSWORD} | typed
        assert client.post(SIGN_UP, typed).status_code == 302
        return User.objects.get(username="newcomer")

    def test_asks_the_device_for_its_zone(self, client):
        assertContains(client.get(SIGN_UP), '<input type="hidden" name="time_zone" data-zone', html=False)
        assert self.sign_up(client, time_zone="Pacific/Auckland").time_zone == "Pacific/Auckland"

    @pytest.mark.parametrize("said", ["", "Mars/Olympus", "Etc/GMT+3", "\x00"])
    def test_goes_on_with_the_sites_where_it_says_none_that_we_offer(self, client, said):
        assert self.sign_up(client, time_zone=said).time_zone == ""


def test_without_a_zone_of_their_own_members_follow_the_site():
    member = make_member()
    assert member.zone == SiteSettings.current().zone
    save_settings({"time_zone": "Europe/Paris"}, by=None)
    assert member.zone.key == "Europe/Paris"


@pytest.mark.parametrize("way", ["code", "link"])
def test_an_account_that_begins_with_a_comment_takes_the_zone_of_the_device(way, post, client):
    written = write(client, post)
    data = {"time_zone": "Pacific/Auckland"} | ({"code": emailed_code()} if way == "code" else {})
    path = written["Location"] if way == "code" else mailed_link()
    assertContains(client.get(path), '<input type="hidden" name="time_zone" data-zone>', html=True)
    client.post(path, data)
    assert User.objects.get(email="dora@example.org").time_zone == "Pacific/Auckland"


def test_a_picture_is_sent_without_asking_who_wants_it(signed_in, django_assert_num_queries):
    name = default_storage.save("covers/sea.webp", ContentFile(b"a picture"))
    reader = signed_in(make_member(time_zone="Asia/Tokyo"))
    with django_assert_num_queries(0):
        assert b"".join(reader.get(f"/media/{name}").streaming_content) == b"a picture"
