"""Push notifications in a real browser. The push service is unreachable, so DevTools delivers the message."""

import json

import pytest

from notifications.models import Device, Push
from notifications.push.services import message_of
from tests.factories import make_comment, make_host, make_member, make_post
from tests.notifications.people import write
from tests.notifications.test_push import Browser

pytestmark = pytest.mark.django_db(transaction=True)

# What the push service would return; everything else is the browser's own.
STAND_IN = """
const bytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (sign) => sign.charCodeAt(0)).buffer;
const keys = %s;
const subscription = { endpoint: 'https://push.example/abc', getKey: (name) => bytes(keys[name]), unsubscribe: async () => { localStorage.removeItem('subscribed'); return true; } };
PushManager.prototype.subscribe = async (options) => { if (!options.userVisibleOnly || options.applicationServerKey.length !== 65) throw new Error(); localStorage.setItem('subscribed', '1'); return subscription; };
PushManager.prototype.getSubscription = async () => (localStorage.getItem('subscribed') ? subscription : null);
"""


def test_a_device_is_switched_on_shows_an_alert_and_is_switched_off(visit, site):
    post = make_post(author=make_host("nora"))
    mine = make_comment(post, author=make_member("bob"))
    bob = visit(offline=True, whole=True)
    bob.context.grant_permissions(["notifications"], origin=site)
    bob.context.add_init_script(STAND_IN % json.dumps(Browser().keys))
    bob.sign_in("bob")
    page = bob.open("/notifications/settings/")
    devtools = bob.context.new_cdp_session(page)
    registrations = []
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated", lambda event: registrations.extend(event["registrations"])
    )
    devtools.send("ServiceWorker.enable")
    page.locator("text=Turn on for this device").click()
    page.locator("text=Push notifications are on for this device.").wait_for()
    page.locator("[data-device] .badge", has_text="This device").wait_for()
    assert not page.locator("[data-push-on]").is_visible()
    assert Device.objects.get().endpoint == "https://push.example/abc"
    assert bob.faults() == []

    answer = write(make_member("alice"), post, "By the stove.", parent=mine)
    (push,) = Push.objects.all()
    message = message_of(answer.notifications.get(member=mine.author), push.comment).decode()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    devtools.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": site, "registrationId": registrations[-1]["registrationId"], "data": message},
    )
    shown = page.evaluate("""async () => {
        const worker = await navigator.serviceWorker.ready;
        for (let tries = 0; tries < 100; tries += 1) {
            const [one] = await worker.getNotifications();
            if (one) return [one.title, one.body, one.tag, one.data.url, worker.scope];
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
    }""")
    assert shown == [
        "alice replied to you",
        f"{post.title}\nBy the stove.",
        f"talk-{post.pk}",
        f"/comments/{answer.pk}/",
        f"{site}/",
    ]

    page.locator("[data-device] button").click()
    page.locator("text=Push notifications are off for that device.").wait_for()
    page.locator("text=Turn on for this device").wait_for()
    assert (Device.objects.count(), page.evaluate("localStorage.getItem('subscribed')")) == (0, None)
    assert (bob.complaints, bob.foreign) == ([], [])


def test_without_leave_of_the_browser_nothing_is_switched_on(visit, site):
    make_member("bob")
    bob = visit(width=320, scheme="dark")
    bob.context.add_init_script("Notification.requestPermission = async () => 'denied'")
    bob.sign_in("bob")
    page = bob.open("/notifications/settings/")
    page.locator("text=Turn on for this device").click()
    page.locator("text=Your browser blocks notifications.").wait_for()
    assert (Device.objects.count(), bob.faults()) == (0, [])


def test_without_scripts_the_list_of_devices_is_there(visit, site):
    member = make_member("bob")
    Device.objects.create(
        member=member, endpoint="https://push.example/abc", key="abc", name="Firefox, Linux", **Browser().keys
    )
    bob = visit(javascript=False)
    bob.sign_in("bob")
    page = bob.open("/notifications/settings/")
    assert not page.locator("[data-push-on]").is_visible()
    assert "needs JavaScript" in page.locator("#s-devices ~ noscript").inner_text()
    page.locator("[data-device] button").click()
    page.locator("text=Push notifications are off for that device.").wait_for()
    assert Device.objects.count() == 0
