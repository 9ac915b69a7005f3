/* New replies while a page is open. Polls which comments became public. The comments themselves come with the
   page, fetched again when the reader asks for it, so each reader gets what they may see. Without this file a
   reload does it. */
(() => {
	"use strict";
	const bar = document.querySelector("[data-live]");
	if (!bar) return;
	const words = bar.dataset;
	const SECOND = 1000;
	const OFTEN = 15 * SECOND;
	const SELDOM = 120 * SECOND;
	const TRIES = 5;

	/* polling: often while something happens, less often later, never while the tab is hidden */

	const waiting = new Set();
	let since = words.since;
	let isMore = false;
	let pause = OFTEN;
	let timer = 0;
	let isAsking = false;

	const askLater = () => {
		clearTimeout(timer);
		if (!document.hidden) timer = setTimeout(ask, pause * (0.9 + Math.random() / 5));
	};
	const ask = async () => {
		clearTimeout(timer);
		if (document.hidden || isAsking) return;
		isAsking = true;
		try {
			const answer = await fetch(`${words.live}?since=${since}`);
			if (answer.status === 404) return; /* the post is gone */
			if (!answer.ok) throw new Error(answer.statusText);
			const news = await answer.json();
			pause = news.new.length ? OFTEN : Math.min(pause * 1.25, SELDOM);
			since = news.since;
			isMore = isMore || news.more;
			news.new.filter((id) => !document.getElementById(`comment-${id}`)).forEach((id) =>
				waiting.add(id)
			);
			if (news.new.length && waiting.size) announce();
			if ("unread" in news) ring(news.unread);
			askLater();
		} catch {
			pause = Math.min(pause * 2, SELDOM);
			askLater();
		} finally {
			isAsking = false;
		}
	};
	const askAtOnce = () => {
		pause = OFTEN;
		ask();
	};
	const ring = (count) => {
		const bell = document.querySelector("[data-bell]");
		if (!bell) return;
		const unread = count > 99 ? "99+" : count || "";
		const [number, said] = bell.querySelectorAll("span");
		number.textContent = unread;
		number.hidden = !count;
		said.textContent = count ? bell.dataset.some.replace("{n}", unread) : bell.dataset.none;
	};
	document.addEventListener("visibilitychange", askAtOnce);
	addEventListener("pageshow", (event) => {
		if (event.persisted) askAtOnce();
	});

	/* the bar: announced once to screen readers, while its number may grow */

	const say = (text, control) => {
		const said = document.createElement("span");
		said.textContent = text;
		bar.classList.add("toast");
		bar.replaceChildren(...(text ? [said] : []), ...(control ? [control] : []));
	};
	const count = (n, one, many) =>
		n === 1 && !isMore
			? one
			: many.replace("{n}", n.toLocaleString(document.documentElement.lang) + (isMore ? "+" : ""));
	const makeButton = (text) => {
		const button = document.createElement("button");
		button.type = "button";
		button.append(document.getElementById("live-icon").content.cloneNode(true), text);
		/* Keep the cursor where someone is writing. */
		button.addEventListener("mousedown", (event) => event.preventDefault());
		button.addEventListener("click", show);
		return button;
	};
	const makeLink = (address, text) => {
		const link = document.createElement("a");
		link.href = address;
		link.textContent = text;
		link.addEventListener("click", beQuiet);
		return link;
	};
	const beQuiet = () => {
		bar.classList.remove("toast");
		bar.replaceChildren();
	};
	const announce = () => {
		const text = count(waiting.size, words.one, words.many);
		const old = bar.querySelector("button");
		if (old) {
			bar.setAttribute("aria-live", "off");
			old.lastChild.data = text;
			return;
		}
		bar.setAttribute("aria-live", "polite");
		say("", makeButton(text));
	};

	let isBusy = false;
	const show = async () => {
		if (isBusy) return;
		isBusy = true;
		const wanted = [...waiting];
		const hadFocus = bar.contains(document.activeElement);
		bar.setAttribute("aria-live", "polite");
		try {
			const answer = await fetch(location.pathname + location.search, {
				headers: { Accept: "text/html" },
			});
			if (!answer.ok) throw new Error(answer.statusText);
			const page = new DOMParser().parseFromString(await answer.text(), "text/html");
			const { mergeInto } = await import(words.merge);
			const arrived = new Set(mergeInto(bar, page));
			wanted.forEach((id) => waiting.delete(id));
			const inPlace = wanted.filter((id) => arrived.has(`comment-${id}`));
			report(inPlace, inPlace.length ? null : await findElsewhere(wanted));
			isMore = false;
		} catch {
			say(words.failed, makeButton(words.again));
		} finally {
			isBusy = false;
		}
		if (hadFocus) bar.querySelector("a, button")?.focus({ preventScroll: true });
		if (waiting.size) announce();
	};
	/* The permalink of a comment that is on another page, or was deleted. */
	const findElsewhere = async (ids) => {
		for (const id of ids.slice(0, TRIES)) {
			const address = words.place.replace("/0/", `/${id}/`);
			const answer = await fetch(address, { method: "HEAD", redirect: "manual" });
			if (answer.type === "opaqueredirect" || answer.ok) return address;
		}
		return null;
	};
	const report = (inPlace, elsewhere) => {
		if (inPlace.length) {
			const first = [...document.querySelectorAll(".talk .comment")].find((comment) =>
				inPlace.includes(Number(comment.id.slice(8)))
			);
			say(
				count(inPlace.length, words.oneInPlace, words.manyInPlace),
				makeLink(`#${first.id}`, words.first),
			);
		} else if (elsewhere) {
			say(words.elsewhere, makeLink(elsewhere, words.there));
		} else {
			say(words.none);
		}
		const said = bar.firstChild;
		setTimeout(() => {
			if (bar.firstChild === said && !bar.matches(":hover, :focus-within")) beQuiet();
		}, 20 * SECOND);
	};

	askLater();
})();
