/* Reading offline: the service worker (sw.js) stores the last pages. Notes are in offline-notes.js, loaded
   when needed. */
(() => {
	"use strict";
	const { worker, notes, ...words } = document.currentScript.dataset;
	if (!navigator.serviceWorker) return;
	addEventListener("load", () => navigator.serviceWorker.register(worker, { scope: "/" }).catch(() => {}));
	const say = () =>
		import(notes).then(
			({ tell }) => tell(words),
			() => {},
		);
	/* Nothing is requested offline; a note says so where the response would be. */
	addEventListener("htmx:beforeRequest", (event) => {
		if (navigator.onLine) return;
		event.preventDefault();
		import(notes).then(({ refuse }) => refuse(event.detail.target, words.away), () => {});
	});
	/* Signing out deletes stored pages; the service worker does so too, for other tabs. */
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
