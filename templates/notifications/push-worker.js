{% load static %}/* Shows push notifications, and opens their pages. Served as /push-worker.js; it stores no pages and handles no requests. */
"use strict";
addEventListener("push", (event) => {
  const { title, body, url, tag } = event.data.json();
  event.waitUntil(registration.showNotification(title, { body, tag, renotify: true, data: { url }, icon: "{% static 'icon-192.png' %}" }));
});
addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { href, origin } = new URL(event.notification.data.url, location.origin);
  if (origin !== location.origin) return;
  event.waitUntil((async () => {
    const [open] = await clients.matchAll({ type: "window" });
    if (!open) return clients.openWindow(href);
    await open.focus();
    return open.navigate(href);
  })());
});
