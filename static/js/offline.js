/* Reading offline: the worker (sw.js) keeps the pages read last. What is said about it is in offline-notes.js, loaded when there is something to say. */
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
	/* Signing out takes along what was kept; the worker does so too, for other tabs. */
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
