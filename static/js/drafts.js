/* Drafts on the device; forms are only sent if the site can be reached (docs/decisions/0011). */
(() => {
	"use strict";
	const { reach, reply, mentions } = document.currentScript.dataset;
	const $ = (selector, within = document) => within.querySelector(selector);
	const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
	const copy = (id) => $(`#${id}`).content.firstElementChild.cloneNode(true);
	const field = (form) => $("textarea[data-words]", form);
	const KEPT_DAYS = 28;
	const PAUSE = 500;
	const FORMS = "form[data-draft]";

	/* drafts: one entry per form, so that tabs don't overwrite each other's */
	const memo = {
		/* of this tab only */
		get: (name) => {
			try {
				return sessionStorage.getItem(name);
			} catch {
				return null;
			}
		},
		set: (name, value) => {
			try {
				sessionStorage.setItem(name, value);
			} catch {
				/* private mode */
			}
		},
		take: (name) => {
			const value = memo.get(name);
			try {
				sessionStorage.removeItem(name);
			} catch {
				/* as above */
			}
			return value;
		},
	};
	const drafts = {
		all() {
			try {
				return Object.keys(localStorage)
					.filter((name) => name.startsWith("draft:"))
					.flatMap((name) => {
						const [, writer, id] = name.split(":");
						try {
							return [{ writer, id, ...JSON.parse(localStorage.getItem(name)) }];
						} catch {
							localStorage.removeItem(name);
							return [];
						}
					});
			} catch {
				return [];
			}
		},
		put({ writer, id, place, to, failed }, words, also = []) {
			try {
				localStorage.setItem(
					`draft:${writer}:${id}`,
					JSON.stringify({ place, to, failed, words, also, at: Date.now() }),
				);
				return true;
			} catch {
				return false;
			}
		},
		drop: ({ writer, id }) => {
			try {
				localStorage.removeItem(`draft:${writer}:${id}`);
			} catch {
				/* no entry */
			}
		},
	};
	const begun = new Map(); /* form -> who writes what where, under which name it is kept */
	let isSignedOut = false;

	const isUnsent = (form) =>
		Boolean(field(form).value.trim()) &&
		(field(form).value !== field(form).defaultValue || "unsent" in form.dataset);

	/* Ticked comments to reply to: boxes in the form and at comments, and fields for those on other pages. */
	const alsoFields = (form) => [...form.elements].filter((one) => one.name === "also");
	const ticked = (form) =>
		alsoFields(form)
			.filter((one) => one.type !== "checkbox" || one.checked)
			.map((one) => one.value);
	const tick = (form, numbers = []) =>
		numbers.forEach((number) => {
			const box = alsoFields(form).find((one) => one.value === number);
			if (box) box.checked = true;
			else {
				form.append(
					Object.assign(document.createElement("input"), {
						type: "hidden",
						name: "also",
						value: number,
					}),
				);
			}
		});

	/* True if leaving the page now would lose nothing. */
	const keep = (form) => {
		const me = begun.get(form);
		clearTimeout(me.timer);
		if (!isUnsent(form)) {
			drafts.drop(me);
			return true;
		}
		if (isSignedOut || !drafts.put(me, field(form).value, ticked(form))) return false;
		if (!me.isHeld) {
			/* tells other tabs that this text is being written here; released when the page is left */
			me.isHeld = true;
			navigator.locks?.request(`draft:${me.id}`, () => new Promise(() => {}));
		}
		return true;
	};
	const write = (form, words) => {
		const place = field(form);
		place.value = words;
		place.focus();
		place.setSelectionRange(words.length, words.length);
		place.dispatchEvent(new Event("input", { bubbles: true }));
		keep(form);
	};
	const takeUp = (form, draft) => {
		tick(form, draft.also);
		append(form, draft.words);
	};
	const append = (form, words) =>
		write(form, isUnsent(form) ? `${field(form).value.trimEnd()}\n\n${words}` : words);

	const when = (at) => {
		const then = new Date(at);
		const isToday = then.toDateString() === new Date().toDateString();
		return then.toLocaleString(document.documentElement.lang, {
			...(isToday ? {} : { day: "numeric", month: "long" }),
			hour: "2-digit",
			minute: "2-digit",
		});
	};

	/* Text for another form on this post: go there, and restore it when it opens. */
	const takeElsewhere = async (form, draft) => {
		const [path, parent] = draft.place.split("#");
		if (!parent) {
			memo.set("take", draft.id);
			location.assign(`${path.replace(/comments\/$/, "")}#reply`);
			return;
		}
		const address = reply.replace("0", parent);
		const answer = await fetch(address, { method: "HEAD", redirect: "manual" }).catch(() => null);
		if (answer?.status === 404) {
			drafts.drop(draft);
			takeUp(form, draft);
			$("[data-draft-place]", form).replaceChildren(copy("draft-orphan"));
		} else {
			memo.set("take", draft.id);
			location.assign(address);
		}
	};
	/* Offer a draft where it was written: below the comment it replies to, if that is visible. */
	const offerPlace = (form, draft) => {
		const [, parent] = draft.place.split("#");
		const below = draft.place !== form.dataset.draft && parent &&
			$(`#comment-${parent} + div`);
		return below && below.parentElement.getClientRects().length ? below : $("[data-draft-place]", form);
	};
	const offer = (form, waiting) => {
		const [draft, ...others] = waiting;
		$("[data-draft-place]", form).replaceChildren();
		$$("[data-draft-below]").forEach((old) => old.remove());
		if (!draft) return;
		const place = offerPlace(form, draft);
		const note = copy("draft-offer");
		if (!form.contains(place)) note.dataset.draftBelow = "";
		const isHere = draft.place === form.dataset.draft;
		$(isHere ? "[data-there]" : "[data-here]", note).remove();
		if (!isHere) $("[data-there] span", note).textContent = draft.to;
		$("time", note).textContent = when(draft.at);
		$("q", note).textContent = draft.words.length > 90
			? `${draft.words.slice(0, 90).trimEnd()}…`
			: draft.words;
		$("[data-take]", note).addEventListener("click", () => {
			if (!isHere) {
				takeElsewhere(form, draft);
				return;
			}
			drafts.drop(draft);
			takeUp(form, draft);
			offer(form, others);
		});
		$("[data-throw]", note).addEventListener("click", () => {
			const thrown = copy("draft-thrown");
			drafts.drop(draft);
			offer(form, others);
			place.prepend(thrown);
			$("button", thrown).addEventListener("click", () => {
				drafts.put(draft, draft.words, draft.also);
				thrown.remove();
				offer(form, waiting);
			});
			$("button", thrown).focus();
		});
		place.append(note);
	};

	/* Drafts of this user for these places, including those typed while signed out. */
	const waitingFor = async (form, isWanted) => {
		const isBusy = new Set(((await navigator.locks?.query())?.held ?? []).map((lock) => lock.name));
		const mine = new Set([...begun].filter(([other]) => other.isConnected).map(([, me]) => me.id));
		return drafts
			.all()
			.filter(
				(draft) =>
					["", form.dataset.writer].includes(draft.writer) &&
					isWanted(draft.place) &&
					!mine.has(draft.id) &&
					!isBusy.has(`draft:${draft.id}`),
			)
			.sort((one, other) => other.at - one.at);
	};
	const settle = async (form) => {
		const here = await waitingFor(form, (place) => place === form.dataset.draft);
		const have = field(form).value.trim();
		here
			.filter((draft) => draft.words.trim() === have)
			.forEach(drafts.drop); /* the form brought them along itself */
		const others = here.filter((draft) => draft.words.trim() !== have);
		if (form !== $(FORMS)) return others;
		const [path] = form.dataset.draft.split("#");
		const open = new Set($$(FORMS).map((other) => other.dataset.draft));
		return [
			...others,
			...(await waitingFor(form, (place) => place.split("#")[0] === path && !open.has(place))),
		];
	};
	/* The browser may restore a form that was sent, with its text. */
	const emptyIfArrived = (form) => {
		const place = field(form);
		if (!("unsent" in form.dataset) && memo.get(`arrived:${form.dataset.draft}`) === place.value) {
			place.value = place.defaultValue;
		}
	};
	const begin = async (form) => {
		if (begun.has(form) || !field(form)) return;
		const gone = [...begun]
			.filter(([other]) => !other.isConnected && other.dataset.draft === form.dataset.draft)
			.map(([, me]) => me.id);
		const me = {
			id: [...crypto.getRandomValues(new Uint8Array(8))]
				.map((byte) => byte.toString(36).padStart(2, "0"))
				.join(""),
			place: form.dataset.draft,
			writer: form.dataset.writer,
			to: form.dataset.answers ?? "",
		};
		begun.set(form, me);
		form.append(
			Object.assign(document.createElement("input"), { type: "hidden", name: "draft", value: me.id }),
		);
		form.append(Object.assign(document.createElement("p"), { className: "vh", role: "status" }));
		emptyIfArrived(form);
		keep(form);
		/* The same form was opened again on this page, or its text restored elsewhere: don't ask. */
		const known = [memo.get("take"), ...gone];
		drafts
			.all()
			.filter((draft) => known.includes(draft.id) && draft.place === me.place)
			.forEach((draft) => {
				memo.take("take");
				drafts.drop(draft);
				takeUp(form, draft);
			});
		const quote = JSON.parse(memo.get("quote"));
		if (quote && me.place.endsWith(`#${quote.parent}`)) {
			memo.take("quote");
			append(form, quote.words);
		}
		offer(form, await settle(form));
	};

	const start = () => {
		const oldest = Date.now() - KEPT_DAYS * 86_400_000;
		const [, prefix, arrived] = document.cookie.match(/(?:^|; )(__Host-)?draft_arrived=([a-z0-9]+)/) ??
			[];
		drafts.all().forEach((draft) => {
			if (draft.id === arrived) memo.set(`arrived:${draft.place}`, draft.words);
			if (draft.id === arrived || !(draft.at > oldest)) drafts.drop(draft);
		});
		if (arrived) {
			document.cookie = prefix
				? "__Host-draft_arrived=; path=/; max-age=0; samesite=lax; secure"
				: "draft_arrived=; path=/; max-age=0; samesite=lax";
		}
		$$(FORMS).forEach(begin);
	};
	start();
	addEventListener("pageshow", async ({ persisted }) => {
		if (persisted) start();
		for (const [form, me] of begun) {
			me.isReached = me.isAsking = false;
			emptyIfArrived(form);
			keep(form);
			if (form.isConnected) offer(form, await settle(form));
		}
	});
	addEventListener("htmx:load", ({ detail: { elt } }) => {
		if (elt.closest) [elt.closest(FORMS), ...$$(FORMS, elt)].forEach((form) => form && begin(form));
	});
	const keepAll = () =>
		begun.forEach((_me, form) => {
			if (form.isConnected) keep(form);
		});
	addEventListener("htmx:beforeSwap", keepAll);
	addEventListener("pagehide", keepAll);
	addEventListener("visibilitychange", () => {
		if (document.hidden) keepAll();
	});
	addEventListener("input", ({ target }) => {
		const me = begun.get(target.form);
		if (!me || !target.matches("[data-words]")) return;
		clearTimeout(me.timer);
		me.timer = setTimeout(() => keep(target.form), PAUSE);
	});
	addEventListener("change", ({ target }) => {
		if (target.name === "also" && begun.has(target.form)) keep(target.form);
	});
	addEventListener("words:leaving", (event) => {
		if (begun.has(event.target.form) && keep(event.target.form)) event.preventDefault();
	});
	addEventListener("submit", ({ target }) => {
		if (target.matches("[data-sign-out]")) isSignedOut = true;
	});
	addEventListener("storage", ({ key }) => {
		if (key === "signed-out") isSignedOut = $(FORMS)?.dataset.writer !== "";
	});

	/* sending: by the browser, once the site responds */
	const isReachable = () =>
		fetch(reach, { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(10_000) }).then(
			() => true,
			() => false,
		);
	const sayNotSent = (form, submitter) => {
		const note = copy("not-sent");
		begun.get(form).failed = $("h1").textContent.trim(); /* for offline-notes.js, on other pages */
		$(keep(form) ? "[data-unkept]" : "[data-kept]", note).remove();
		$("[data-draft-place]", form).replaceChildren(note);
		$("button", note).addEventListener("click", () => {
			note.remove();
			form.requestSubmit(submitter);
		});
		note.focus();
	};
	document.addEventListener(
		"submit",
		async (event) => {
			const { target: form, submitter } = event;
			const me = begun.get(form);
			if (!me || me.isReached) return;
			event.preventDefault();
			if (me.isAsking) return;
			keep(form);
			me.isAsking = true;
			form.setAttribute("aria-busy", "true");
			me.isReached = await isReachable();
			me.isAsking = false;
			form.removeAttribute("aria-busy");
			if (me.isReached) form.requestSubmit(submitter);
			else sayNotSent(form, submitter);
		},
		true,
	);

	/* for other scripts */
	/* quoting.js adds a quotation to a form. */
	addEventListener("draft:append", ({ target, detail }) => append(target, detail));
	/* Suggest names after "@" to members; most comments have none. */
	const loadMentions = async ({ target }) => {
		if (
			!target.matches?.("textarea[data-words]") ||
			!target.form?.dataset.names ||
			!target.value.includes("@")
		) {
			return;
		}
		removeEventListener("input", loadMentions);
		await import(mentions);
		target.dispatchEvent(new Event("input", { bubbles: true }));
	};
	addEventListener("input", loadMentions);
})();
