/* Reading offline: the service worker (sw.js) stores the last pages. offline-notes.js has the notes. */
(() => {
	"use strict";
	const { worker, notes, ...words } = document.currentScript.dataset;
	const load = (act) => import(notes).then(act, () => {});
	/* Where the response would be, a note says that the request failed. Offline, nothing is requested. */
	const refuse = ({ detail: { target, xhr } }) => load((all) => all.refuse(target, words, xhr));
	addEventListener("htmx:beforeRequest", (event) => {
		if (navigator.onLine) return;
		event.preventDefault();
		refuse(event);
	});
	addEventListener("htmx:sendError", refuse);
	addEventListener("htmx:responseError", refuse);
	if (!navigator.serviceWorker) return;
	addEventListener("load", () => navigator.serviceWorker.register(worker, { scope: "/" }).catch(() => {}));
	const say = () => load(({ tell }) => tell(words));
	/* Signing out deletes stored pages, as the service worker does for other tabs. */
	addEventListener("submit", async ({ target }) => {
		if (!target.matches("[data-sign-out]")) return;
		const names = (await caches.keys()).filter((name) => /^(pages|pictures)-/.test(name));
		names.forEach((name) => caches.delete(name));
	});
	const hasDrafts = () => {
		try {
			return Object.keys(localStorage).some((name) => name.startsWith("draft:"));
		} catch {
			return false;
		}
	};
	if (!navigator.onLine || hasDrafts() || document.querySelector("[data-saved]")) say();
	addEventListener("online", say);
})();
