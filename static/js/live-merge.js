/* Merges a thread that was fetched again into the page: adds what is new, replaces what changed, keeps what
   the reader is using. Loaded by live.js when new replies are to be shown. */
const articleOf = (node) => node.querySelector(":scope > article.comment");
const nodesOf = (list) => [...list.children].filter((child) => articleOf(child));
const repliesOf = (node) => node.querySelector(":scope > details.replies");
const isWritten = (field) => field.value !== field.defaultValue || field.checked !== field.defaultChecked;
const isInUse = (element) =>
	element.contains(document.activeElement) ||
	element.querySelector("iframe") /* a video that plays */ ||
	[...element.querySelectorAll("textarea, input:not([type=hidden])")].some(isWritten) ||
	(!getSelection().isCollapsed && element.contains(getSelection().anchorNode));
/* The HTML of a comment, without what differs between requests and what the reader changed. */
const lookOf = (article) => {
	const copy = article.cloneNode(true);
	copy.removeAttribute("data-arrived");
	copy.querySelectorAll("input[type=hidden]").forEach((field) => field.remove());
	copy.querySelectorAll("details").forEach((details) => details.removeAttribute("open"));
	return copy.outerHTML;
};
const adopt = (element) => document.importNode(element, true);

const exchange = (article, fresh) => {
	if (lookOf(article) === lookOf(fresh) || isInUse(article)) return;
	const adopted = adopt(fresh);
	const open = [...article.querySelectorAll("details")].map((details) => details.open);
	adopted.querySelectorAll("details").forEach((details, at) => {
		details.open = open[at] ?? details.open;
	});
	adopted.toggleAttribute("data-arrived", article.hasAttribute("data-arrived"));
	article.replaceWith(adopted);
	window.htmx?.process(adopted);
};

const merge = (list, fresh, isWhole, arrived) => {
	const here = new Map(nodesOf(list).map((node) => [articleOf(node).id, node]));
	const freshNodes = nodesOf(fresh);
	let last = null;
	for (const freshNode of freshNodes) {
		const id = articleOf(freshNode).id;
		let node = here.get(id);
		if (node) {
			here.delete(id);
			node.className = freshNode.className;
			exchange(articleOf(node), articleOf(freshNode));
			mergeReplies(node, freshNode, arrived);
		} else {
			/* It may have been elsewhere, if a branch was moved. */
			const old = document.getElementById(id)?.closest(".node");
			if (old && isInUse(old)) continue;
			old?.remove();
			node = adopt(freshNode);
			node.querySelectorAll("article.comment").forEach((article) => {
				if (!document.getElementById(article.id)) {
					arrived.push(article.id);
					article.setAttribute("data-arrived", "");
				}
			});
			if (last) last.after(node);
			else list.prepend(node);
			window.htmx?.process(node);
		}
		last = node;
	}
	/* What is only here was removed. After the last one on a page, it may just be on the next page now. */
	for (const node of here.values()) {
		const isBehind = last && last.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING;
		if ((isWhole || !isBehind) && !isInUse(node)) node.remove();
	}
	[...list.children].filter((child) => !articleOf(child)).forEach((child) => child.remove());
	list.append(...[...fresh.children].filter((child) => !articleOf(child)).map(adopt));
};
const mergeReplies = (node, freshNode, arrived) => {
	const replies = repliesOf(node);
	const freshReplies = repliesOf(freshNode);
	if (!freshReplies) {
		if (replies && !isInUse(replies)) replies.remove();
		return;
	}
	if (!replies) {
		const empty = freshReplies.cloneNode(true);
		empty.querySelector(":scope > ol").replaceChildren();
		node.append(adopt(empty));
	} else if (!replies.querySelector(":scope > summary").contains(document.activeElement)) {
		replies
			.querySelector(":scope > summary")
			.replaceChildren(...[...freshReplies.querySelector(":scope > summary").childNodes].map(adopt));
	}
	merge(
		repliesOf(node).querySelector(":scope > ol"),
		freshReplies.querySelector(":scope > ol"),
		true,
		arrived,
	);
};

const update = (bar, page) => {
	const arrived = [];
	const talk = bar.closest("section") || document;
	const freshList = page.querySelector("ol.talk");
	if (!freshList) return arrived;
	let list = talk.querySelector("ol.talk");
	if (!list) {
		list = adopt(freshList.cloneNode(false));
		const empty = talk.querySelector(".empty");
		if (empty) empty.replaceWith(list);
		else talk.querySelector("h2").after(list);
	}
	merge(list, freshList, false, arrived);
	const heading = talk.querySelector("h2");
	const freshHeading = heading && page.getElementById(heading.id);
	if (freshHeading) heading.textContent = freshHeading.textContent;
	return arrived;
};

/* Keep the topmost visible comment, or the one in use, in place on the screen. */
const stay = (bar, change) => {
	const root = document.documentElement;
	const isSeen = (element) => {
		const box = element.getBoundingClientRect();
		return box.bottom > 0 && box.top < innerHeight && box.height > 0;
	};
	const at = document.activeElement;
	const fixed = at !== document.body && !bar.contains(at) && isSeen(at)
		? at
		: [...document.querySelectorAll(".comment, .posthead, .words")].find(isSeen);
	const mark = fixed?.id && fixed !== at ? fixed.id : null;
	const before = fixed?.getBoundingClientRect().top;
	root.style.overflowAnchor = "none";
	const result = change();
	const now = mark ? document.getElementById(mark) : fixed;
	if (now?.isConnected) scrollBy({ top: now.getBoundingClientRect().top - before, behavior: "instant" });
	requestAnimationFrame(() => {
		root.style.overflowAnchor = "";
	});
	return result;
};

/* Returns the ids of new comments. */
export const mergeInto = (bar, page) => stay(bar, () => update(bar, page));
