/* Push notifications on this device: asks the browser, and subscribes. Without this file there is only the
   list. */
(() => {
	"use strict";
	const part = document.querySelector("[data-push]");
	if (!part || !("serviceWorker" in navigator) || !window.PushManager || !window.Notification) return;
	const [on, here, said] = ["on", "here", "said"].map((name) => part.querySelector(`[data-push-${name}]`));
	const say = (name) => {
		said.textContent = said.dataset[name] ?? "";
	};
	const bytes = (text) =>
		Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
	const text = (buffer) =>
		btoa(String.fromCharCode(...new Uint8Array(buffer)))
			.replaceAll("+", "-")
			.replaceAll("/", "_")
			.replaceAll("=", "");
	const hex = async (words) =>
		[...new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(words)))]
			.map((byte) => byte.toString(16).padStart(2, "0"))
			.join("");
	const worker = () => navigator.serviceWorker.register(part.dataset.worker, { scope: "/" });
	const rowOf = async (subscription) =>
		subscription && part.querySelector(`[data-device="${await hex(subscription.endpoint)}"]`);

	const show = async () => {
		const known = await navigator.serviceWorker.getRegistration("/");
		const subscription = await known?.pushManager.getSubscription();
		const row = await rowOf(subscription);
		on.hidden = Boolean(row);
		if (!row) return;
		row.querySelector("span").append(" ", here.content.cloneNode(true));
		/* Turned off in the list: unsubscribe the browser, too. */
		row.addEventListener("submit", () => {
			subscription.unsubscribe();
		});
	};
	on.addEventListener("click", async () => {
		on.disabled = true;
		say("");
		try {
			if ((await Notification.requestPermission()) !== "granted") {
				say("refused");
				return;
			}
			await worker();
			const { pushManager } = await navigator.serviceWorker.ready;
			/* A subscription for a former key of the site would receive nothing. */
			await (await pushManager.getSubscription())?.unsubscribe();
			const subscription = await pushManager.subscribe({
				userVisibleOnly: true,
				applicationServerKey: bytes(part.dataset.key),
			});
			const answer = await fetch(part.dataset.push, {
				method: "POST",
				body: new URLSearchParams({
					csrfmiddlewaretoken: document.querySelector("[name=csrfmiddlewaretoken]").value,
					endpoint: subscription.endpoint,
					p256dh: text(subscription.getKey("p256dh")),
					auth: text(subscription.getKey("auth")),
				}),
			});
			if (!answer.ok) throw new Error(answer.statusText);
			location.reload();
		} catch {
			say("failed");
		} finally {
			on.disabled = false;
		}
	});
	show().catch(() => {
		on.hidden = false;
	});
})();
