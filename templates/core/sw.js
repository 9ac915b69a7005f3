{# The service worker: push notifications and, with OFFLINE_PAGES, recently read pages while the site cannot be reached. #}
{# Context: version, offline_url, shell (URLs), sign_out_url, keeps_pages. #}
{% load static %}
"use strict";
{% include "notifications/push-worker.js" %}
const VERSION = "{{ version }}";
const SHELL = `shell-${VERSION}`;
const PAGES = `pages-${VERSION}`;
const PICTURES = `pictures-${VERSION}`;
const MAX_PAGES = 20;
const MAX_PICTURES = 60;
const OWNER = "/owner";
const own = [SHELL, PAGES, PICTURES];

const dropPages = () => Promise.all([PAGES, PICTURES].map((name) => caches.delete(name)));
const dropOld = async () => {
  const names = await caches.keys();
  const wanted = {% if keeps_pages %}own{% else %}[]{% endif %};
  await Promise.all(names.filter((name) => /^(shell|pages|pictures)-/.test(name) && !wanted.includes(name)).map((name) => caches.delete(name)));
};
addEventListener("activate", (event) => event.waitUntil(dropOld().then(() => clients.claim())));
{% if keeps_pages %}
addEventListener("install", (event) => {
  skipWaiting();
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll({{ shell|safe }})));
});

/* The oldest are deleted first: what is stored again moves to the end. */
const put = async (name, request, response, most) => {
  const cache = await caches.open(name);
  await cache.delete(request);
  await cache.put(request, response);
  const kept = (await cache.keys()).filter(({ url }) => !url.endsWith(OWNER));
  await Promise.all(kept.slice(0, Math.max(kept.length - most, 0)).map((old) => cache.delete(old)));
};
/* Pages of one reader are never shown to another: each has an opaque mark of the reader it was made for. */
const keepOwner = async (reader) => {
  const cache = await caches.open(PAGES);
  const before = await (await cache.match(OWNER))?.text();
  if (before === reader) return;
  if (before !== undefined) await dropPages();
  await (await caches.open(PAGES)).put(OWNER, new Response(reader));
};
const isPost = ({ pathname }) => /^\/posts\/[^/]+\/$/.test(pathname);
const keepPage = async (url, response) => {
  const reader = response.headers.get("X-Reader");
  if (!reader) return;
  await keepOwner(reader);
  if (response.ok && !response.redirected && isPost(url)) await put(PAGES, url.pathname + url.search, response, MAX_PAGES);
};
const page = async (event, url) => {
  try {
    const response = await fetch(event.request);
    const copy = response.clone();
    event.waitUntil(keepPage(url, copy).catch(() => {}));
    return response;
  } catch {
    const cache = await caches.open(PAGES);
    const kept = await cache.match(url.pathname + url.search) ?? await cache.match(url.pathname);
    return kept ?? (await (await caches.open(SHELL)).match("{{ offline_url }}")) ?? Response.error();
  }
};
const file = async (event, name, most) => {
  try {
    const response = await fetch(event.request);
    if (response.ok && response.status === 200) {
      event.waitUntil(put(name, event.request, response.clone(), most).catch(() => {}));
    }
    return response;
  } catch {
    return (await caches.match(event.request)) ?? Response.error();
  }
};
addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin || url.pathname.startsWith("/admin/")) return;
  if (request.method !== "GET") {
    if (url.pathname === "{{ sign_out_url }}") event.waitUntil(dropPages());
  } else if (request.mode === "navigate") event.respondWith(page(event, url));
  else if (["style", "script", "font"].includes(request.destination)) event.respondWith(file(event, SHELL, 80));
  else if (request.destination === "image") event.respondWith(file(event, PICTURES, MAX_PICTURES));
});
{% endif %}
