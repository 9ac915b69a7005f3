/* Everything works without this file. It only saves round trips. */
(() => {
	"use strict";
	const root = document.documentElement;
	const $ = (selector, within = document) => within.querySelector(selector);
	const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
	const keep = {
		get: (name) => {
			try {
				return localStorage.getItem(name);
			} catch {
				return null;
			}
		},
		set: (name, value) => {
			try {
				localStorage.setItem(name, value);
			} catch {
				/* private mode */
			}
		},
	};
	const isPlain = (event) =>
		!(event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
	root.classList.add("js");
	root.classList.toggle("shares", "share" in navigator);

	/* Theme: the server reads the cookie, so the next page does not flash. */
	const isDark = () =>
		root.dataset.theme
			? root.dataset.theme === "dark"
			: matchMedia("(prefers-color-scheme: dark)").matches;
	$("[data-theme-toggle]")?.addEventListener("click", (event) => {
		event.preventDefault();
		root.dataset.theme = isDark() ? "light" : "dark";
		document.cookie = `${
			location.protocol === "https:" ? "__Host-" : ""
		}theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax${
			location.protocol === "https:" ? "; secure" : ""
		}`;
	});

	/* Menus are <details>: close on Escape or a click elsewhere. */
	addEventListener("click", (event) =>
		$$(".menu[open]").forEach((menu) => {
			if (!menu.contains(event.target)) menu.open = false;
		}));
	addEventListener("keydown", (event) => {
		const menu = event.key === "Escape" && $(".menu[open]");
		if (menu) {
			menu.open = false;
			$("summary", menu).focus();
		}
	});

	/* The thread: fold all; open what a link leads into. */
	$("[data-foldall]")?.addEventListener("click", ({ currentTarget: button }) => {
		const fold = button.getAttribute("aria-pressed") !== "true";
		$$(".talk > .node > .replies").forEach((replies) => {
			replies.open = !fold;
		});
		button.setAttribute("aria-pressed", fold);
		[button.textContent, button.dataset.unfold] = [button.dataset.unfold, button.textContent];
	});
	const reveal = () => {
		for (
			let node = document.getElementById(decodeURIComponent(location.hash.slice(1)));
			node;
			node = node.parentElement
		) {
			if (node.tagName === "DETAILS") node.open = true;
		}
	};
	addEventListener("hashchange", reveal);
	/* Folded branches stay folded on this device. */
	const talk = $(".talk");
	const foldsOf = `folds:${location.pathname}`;
	const folded = new Set((keep.get(foldsOf) ?? "").split(" ").filter(Boolean));
	const whose = (replies) => $(":scope > .comment", replies.parentElement)?.id;
	if (talk) {
		$$(".replies", talk).forEach((replies) => {
			if (folded.has(whose(replies))) replies.open = false;
		});
		talk.addEventListener(
			"toggle",
			({ target }) => {
				if (!target.matches(".replies")) return;
				folded[target.open ? "delete" : "add"](whose(target));
				keep.set(foldsOf, [...folded].slice(-200).join(" "));
			},
			true,
		);
	}
	reveal();
	/* The anchor of a comment on another page, or from the blog it was imported from: the server knows where. */
	const away = /^#comment-(\d+)$/.exec(location.hash);
	if (away && $("#talk") && !$(location.hash)) location.replace(`${location.pathname}?comment=${away[1]}`);

	/* Where the reader stopped, on this device. */
	const back = $("[data-last-read]");
	if (back) {
		const key = `read:${location.pathname}`;
		const last = keep.get(key);
		back.hidden = !last;
		back.href = `?comment=${last}`;
		addEventListener("pagehide", () => {
			const seen = $$(".comment").findLast((one) => one.getBoundingClientRect().top < innerHeight);
			if (seen && scrollY) keep.set(key, seen.id.split("-")[1]);
		});
	}

	/* Writing. Delegated, because htmx replaces forms. */
	addEventListener("submit", (event) => {
		const form = event.target;
		if (!form.matches("[data-once]") || event.defaultPrevented) return;
		if (form.dataset.sent && Date.now() - form.dataset.sent < 8000) {
			event.preventDefault();
			return;
		}
		form.dataset.sent = Date.now();
	});
	addEventListener("submit", ({ target }) => {
		if (!target.matches("[data-sign-out]")) return;
		try {
			Object.keys(localStorage)
				.filter((name) => /^(draft|folds|read):/.test(name))
				.forEach((name) => localStorage.removeItem(name));
			localStorage.setItem("signed-out", Date.now());
		} catch {
			/* private mode: there are none */
		}
	});
	addEventListener("pageshow", () =>
		$$("[data-once]").forEach((form) => {
			delete form.dataset.sent;
		}));
	addEventListener("keydown", (event) => {
		if (
			event.key === "Enter" &&
			(event.ctrlKey || event.metaKey) &&
			event.target.matches("textarea[data-words]")
		) {
			event.preventDefault();
			event.target.form.requestSubmit();
		}
	});
	/* Replying and “More” in place. */
	addEventListener("click", (event) => {
		const link = event.target.closest?.('.acts a:is([href$="#reply"], [href*="/more/"])');
		if (!link || !window.htmx || !isPlain(event)) return;
		event.preventDefault();
		const comment = link.closest(".comment");
		const pk = comment.id.split("-")[1];
		const what = link.hash ? "reply" : "more";
		const { search } = $(".when", comment);
		window.htmx.ajax("GET", `/comments/${pk}/${what}/${search}`, {
			source: link,
			target: `#comment-${pk} + div`,
		});
	});
	addEventListener("click", ({ target }) => {
		const button = target.closest?.("button");
		const { copy, share, done } = button?.dataset ?? {};
		if (share) navigator.share({ url: share }).catch(() => {});
		if (copy) navigator.clipboard?.writeText(copy).then(() => (button.lastChild.data = done));
	});
	addEventListener("submit", (event) => {
		const { target, submitter: button } = event;
		if (target.id !== "acts" || button?.name !== "thanks" || !window.htmx) return;
		event.preventDefault();
		window.htmx.ajax("POST", button.formAction, { source: button, target: button, swap: "outerHTML" });
	});
	/* The boxes "Reply to this too" belong to the open form. */
	const tell = (form) => form?.dispatchEvent(new Event("change"));
	const ticked = () => $("[name=also]:checked");
	addEventListener("change", ({ target }) => {
		if (target.form && !target.form.contains(target)) tell(target.form);
	});
	const leave = (place) => {
		place.replaceChildren();
		tell(ticked()?.form);
		$(".act", place.previousElementSibling)?.focus();
	};
	addEventListener("click", (event) => {
		const place = event.target.closest("[data-cancel]")?.closest(".composing");
		if (!place || $("textarea", place)?.value.trim()) return;
		event.preventDefault();
		leave(place);
	});
	/* Escape closes a reply; drafts.js keeps the text. */
	addEventListener("keydown", (event) => {
		const words = event.key === "Escape" && !event.defaultPrevented &&
			event.target.closest?.(".composing textarea");
		if (!words || (words.value.trim() && words.dispatchEvent(leaving()))) return;
		leave(words.closest(".composing"));
	});
	/* Unsent text: drafts.js has some on the device; the browser asks about the rest. */
	const leaving = () => new Event("words:leaving", { bubbles: true, cancelable: true });
	const unsent = () =>
		$$("textarea[data-words]").some(
			(words) =>
				words.value !== words.defaultValue &&
				!words.form.dataset.sent &&
				words.dispatchEvent(leaving()),
		);
	addEventListener("beforeunload", (event) => {
		if (unsent()) event.preventDefault();
	});
	addEventListener("htmx:afterSwap", ({ target }) => {
		const words = $("textarea[data-words]", target);
		if (words && target.matches(".composing")) {
			words.focus({ preventScroll: true });
			words.scrollIntoView({ block: "center" });
		}
	});
	addEventListener("htmx:afterSettle", ({ target }) => {
		if (target.matches(".composing")) tell(ticked()?.form);
	});
	/* The form's errors, or the first field with one. */
	$(".note.bad[tabindex], main [aria-invalid=true]")?.focus();

	/* Suggestions, loaded when the search box is used. */
	const find = $(".find [data-suggest]");
	find?.addEventListener("focus", () => import(find.dataset.script), { once: true });

	/* Video players are loaded with the first click. */
	const videos = $("meta[name=videos]")?.content;
	const play = (event) => {
		const card = event.target.closest("a[data-video]");
		if (!card || !isPlain(event)) return;
		event.preventDefault();
		removeEventListener("click", play);
		import(videos).then(() => card.click());
	};
	if (videos) addEventListener("click", play);

	/* Count followed profile links for their owner. The link itself stays plain. */
	const followed = ({ target, button }) => {
		const link = button < 2 && target.closest?.("a[data-link]");
		if (link) navigator.sendBeacon(`/members/links/${link.dataset.link}/followed/`);
	};
	addEventListener("click", followed);
	addEventListener("auxclick", followed);

	/* Single-letter keys: never in a field, and they can be turned off. */
	const dialog = $("#keys");
	const off = $("[data-keys-off]");
	if (off) {
		off.checked = keep.get("keys") === "off";
		off.addEventListener("change", () => keep.set("keys", off.checked ? "off" : "on"));
	}
	$("[data-keys]")?.addEventListener("click", (event) => {
		event.preventDefault();
		dialog.showModal();
	});
	const go = (comment) => {
		if (!comment) return;
		($(".by a", comment) || $(".when", comment) || comment).focus({ preventScroll: true });
		comment.scrollIntoView({ block: "center" });
	};
	addEventListener("keydown", (event) => {
		if (
			event.ctrlKey ||
			event.metaKey ||
			event.altKey ||
			event.target.closest("input, textarea, select, dialog, [contenteditable]") ||
			off?.checked
		) {
			return;
		}
		const comments = $$(".comment:not(.tomb > .comment)").filter(
			(comment) => comment.checkVisibility?.() ?? true,
		);
		const at = comments.findIndex((comment) => comment.contains(document.activeElement));
		const here = comments[at];
		const acts = {
			j: () => go(comments[at + 1]),
			k: () => go(comments[Math.max(at - 1, 0)]),
			n: () => {
				const fresh = $$(".comment.new");
				const next = fresh.find(
					(comment) =>
						here !== comment &&
						(!here || here.compareDocumentPosition(comment) & Node.DOCUMENT_POSITION_FOLLOWING),
				);
				if (next) go(next);
				else {
					(
						$(".badge[data-next-new]", fresh.at(-1) ?? document) ??
							(fresh.length ? null : $("[data-first-new]"))
					)?.click();
				}
			},
			r: () => here && $(".acts .act", here)?.click(),
			o: () => {
				const replies = here && $(":scope > .replies", here.parentElement);
				if (replies) replies.open = !replies.open;
			},
			"?": () => dialog?.showModal(),
		};
		/* Search and review decisions. A key held down counts once. */
		const button = $$("[data-key]").find((one) => one.dataset.key === event.key && one.checkVisibility());
		if (button) {
			event.preventDefault();
			if (event.repeat) return;
			button.focus();
			button.click();
			return;
		}
		if (Object.hasOwn(acts, event.key)) {
			event.preventDefault();
			acts[event.key]();
		}
	});
})();
