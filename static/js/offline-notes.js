/* Notes that a page is a copy, what is stored on this device, and which comment was not sent. Imported by
   offline.js. */
const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
const element = (name, more, ...within) => {
	const made = Object.assign(document.createElement(name), more);
	made.append(...within);
	return made;
};
const note = (name, ...within) => {
	const made = element("div", { className: "note" }, element("p", {}, ...within));
	made.setAttribute("role", "status");
	made.dataset[name] = "";
	made.style.marginBlockEnd = "var(--s3)";
	return made;
};
const noteAbove = (...all) => $("#main")?.prepend(note(...all));

/* Drafts that could not be sent (drafts.js), written on another page: by this user, or while signed out. The
   sign-out button in the header tells who is reading. */
const isTheirs = (name) => {
	const [kind, writer] = name.split(":");
	return kind === "draft" && ["", $("[data-sign-out]")?.dataset.signOut].includes(writer);
};
const unsentElsewhere = () =>
	Object.entries(localStorage)
		.filter(([name]) => isTheirs(name))
		.flatMap(([, value]) => {
			try {
				return [JSON.parse(value)];
			} catch {
				return [];
			}
		})
		.filter(({ failed, place }) =>
			failed && !$$("form[data-draft]").some((form) => form.dataset.draft === place)
		);
const offerUnsent = (words) => {
	const drafts = unsentElsewhere().slice(0, 5);
	if (!drafts.length) return;
	const links = drafts.flatMap(({ failed, place }) => [
		" ",
		element("a", {
			href: `${place.split("#")[0].replace(/comments\/$/, "")}#reply`,
			textContent: failed,
		}),
	]);
	noteAbove("unsentNote", words, ...links);
};

/* What a response says that is not shown: our error pages have one sentence for it. */
const reasonIn = ({ status, responseText }) =>
	status >= 400 && status < 500 &&
	$("#main .ital", new DOMParser().parseFromString(responseText, "text/html"))?.textContent.trim();

/* A request that failed, or that offline.js prevented: one note, above its target or below the comment that it is
   about, until the next try. */
export const refuse = (target, { away, failed }, xhr) => {
	const words = navigator.onLine ? reasonIn(xhr) || failed : away;
	const place = target.closest(".comment")?.nextElementSibling ?? target;
	const isBelow = place.matches(".composing");
	const here = isBelow ? place.firstElementChild : place.previousElementSibling;
	/* Regular requests are not the user's. */
	if (target.matches("[hx-trigger^=every]")) return;
	if (here?.matches("[data-away-note]") && here.textContent === words) return;
	$$("[data-away-note]").forEach((old) => old.remove());
	place[isBelow ? "prepend" : "before"](note("awayNote", words));
};
/* Words above its target do not go away with it when the next try succeeds. */
addEventListener("htmx:beforeSwap", ({ detail: { target, isError } }) => {
	if (!isError && !target.matches("[hx-trigger^=every]")) {
		$$("[data-away-note]").forEach((old) => old.remove());
	}
});
const endRefusals = () =>
	$$("[data-away-note]").forEach((old) => {
		const form = old.closest("form");
		old.remove();
		form?.dispatchEvent(new Event("change"));
	});

/* In the form that could not be sent: update who will be notified; sending needs a click. */
const offerAgain = () =>
	$$("[data-not-sent]").forEach((said) => {
		$$("[data-away]", said).forEach((words) => words.remove());
		$("[data-back]", said)?.removeAttribute("hidden");
		said.closest("form")?.dispatchEvent(new Event("change"));
	});

const listSaved = async () => {
	const saved = $("[data-saved]");
	const name = (await caches.keys()).find((one) => one.startsWith("pages-"));
	if (!saved || !name) return;
	const cache = await caches.open(name);
	const items = [];
	for (const request of (await cache.keys()).reverse()) {
		const { pathname, search } = new URL(request.url);
		if (!pathname.startsWith("/posts/")) continue;
		const text = await (await cache.match(request)).text();
		const title = new DOMParser().parseFromString(text, "text/html").querySelector("h1")?.textContent;
		items.push(
			element("li", {}, element("a", { href: pathname + search, textContent: title ?? pathname })),
		);
	}
	$("ul", saved).replaceChildren(...items);
	saved.hidden = !items.length;
};

export const tell = ({ copy, unsent }) => {
	$$("[data-offline-note], [data-unsent-note]").forEach((old) => old.remove());
	if (navigator.onLine) {
		endRefusals();
		offerAgain();
		offerUnsent(unsent);
	} else if (!$("[data-saved]")) noteAbove("offlineNote", copy);
	listSaved().catch(() => {});
};
