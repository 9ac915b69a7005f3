/* Blocks of other systems: WordPress, Ghost, Substack, Notion, Word, Google Docs. They are converted to ours
   before paste.js reads the rest, so that nothing is lost. */
import { el } from "editor/dom";

export const takeForeign = (page) => {
	takeReadMore(page);
	takeLateSources(page);
	takePlayers(page);
	takeGalleries(page);
	takeFigures(page);
	takeQuotes(page);
	takeCards(page);
	takeSmallThings(page);
};

const all = (page, selector) => [...page.querySelectorAll(selector)].filter((one) => one.isConnected);

/* Move the children into another element. */
const become = (element, tag, attributes = {}) => {
	const other = el(tag, attributes);
	other.append(...element.childNodes);
	element.replaceWith(other);
	return other;
};

const takeReadMore = (page) => {
	const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_COMMENT);
	const found = [];
	while (walker.nextNode()) if (walker.currentNode.data.trim() === "more") found.push(walker.currentNode);
	found.slice(0, 1).forEach((mark) => mark.replaceWith(el("hr", { class: "more" })));
};

/* Lazily loaded pictures have their URL in another attribute, and a placeholder in its place. */
const takeLateSources = (page) => {
	for (const picture of all(page, "img")) {
		const { src: late, lazySrc, original, origFile } = picture.dataset;
		const now = picture.getAttribute("src") ?? "";
		const widest = (picture.getAttribute("srcset") ?? "").split(/,\s+/).map((one) =>
			one.trim().split(/\s+/)
		)
			.sort(([, a], [, b]) => Number.parseFloat(b) - Number.parseFloat(a))[0]?.[0];
		const real = [late, lazySrc, original, origFile, widest].find((one) =>
			/^(https?:)?\/\//i.test(one ?? "")
		);
		if (real && (!now || /^data:image\/(gif|svg)|^about:/i.test(now))) picture.setAttribute("src", real);
	}
};

const link = (href, text, look = null) => el("p", {}, el("a", { href, class: look }, text));

/* The page of a video instead of the URL of its player; "" if it is none. */
const pageOfVideo = (address) => {
	let url;
	try {
		url = new URL(address.startsWith("//") ? `https:${address}` : address);
	} catch {
		return "";
	}
	const host = url.hostname.replace(/^(www|m|player)\./, "");
	const [, first, second] = url.pathname.split("/");
	if (/^youtube(-nocookie)?\.com$/.test(host)) {
		const key = ["embed", "shorts", "v"].includes(first) ? second : url.searchParams.get("v");
		const start = url.searchParams.get("start") ?? url.searchParams.get("t");
		return key ? `https://www.youtube.com/watch?v=${key}${start ? `&t=${start}` : ""}` : "";
	}
	if (host === "vimeo.com" && first === "video") {
		const hash = url.searchParams.get("h");
		return `https://vimeo.com/${second}${hash ? `/${hash}` : ""}`;
	}
	return host === "youtu.be" || host === "vimeo.com" || first === "videos" ? url.href : "";
};

/* Videos become cards, other frames and recordings become links. */
const takePlayers = (page) => {
	for (const frame of all(page, "iframe, embed, video, audio")) {
		const inside = frame.querySelector("source")?.getAttribute("src");
		const address = frame.getAttribute("src") || frame.dataset.src || inside || "";
		if (!/^(https?:)?\/\//i.test(address)) {
			if (frame.matches("iframe, embed, video")) frame.remove();
		} else if (!(frame.matches("audio") && new URL(address, location.href).origin === location.origin)) {
			const video = pageOfVideo(address);
			const file = decodeURI(address).replace(/[?#].*/, "").split("/").pop();
			const name = frame.title || (frame.matches("audio, video") && file) || address;
			frame.replaceWith(video ? link(video, video, "video") : link(address, name));
		}
	}
	for (const box of all(page, ".wp-block-embed__wrapper")) {
		const address = box.textContent.trim();
		if (box.querySelector("a") || !/^https?:\/\/\S+$/i.test(address)) continue;
		const video = pageOfVideo(address);
		box.replaceWith(link(video || address, video || address, video ? "video" : null));
	}
};

const GALLERIES =
	".wp-block-gallery, .wp-block-jetpack-tiled-gallery, .kg-gallery-card, .tiled-gallery, .gallery";
const shapeOf = (element) =>
	/\b(alignfull|kg-width-full)\b/.test(element.className)
		? "full"
		: /\b(alignwide|kg-width-wide|wide)\b/.test(element.className)
		? "wide"
		: null;

/* Captions of single pictures in a gallery are joined: ours has one caption. */
const takeGalleries = (page) => {
	for (const box of all(page, GALLERIES)) {
		const pictures = [...box.querySelectorAll("img")];
		if (!pictures.length) continue;
		const said = [...box.querySelectorAll("figcaption, .gallery-caption")].map((
			one,
		) => [...one.childNodes]);
		const caption = el("figcaption");
		said.filter((nodes) => nodes.length).forEach((nodes, index) =>
			caption.append(...(index ? [" · "] : []), ...nodes)
		);
		const look = pictures.length > 1 ? ["gallery"] : [];
		const name = [...look, shapeOf(box)].filter(Boolean).join(" ");
		box.replaceWith(
			el("figure", { class: name || null }, ...pictures, caption.hasChildNodes() ? caption : null),
		);
	}
};

const takeFigures = (page) => {
	for (const box of all(page, ".wp-caption, .thumb:has(.thumbcaption)")) {
		const caption = box.querySelector(".wp-caption-text, .thumbcaption");
		if (box.querySelectorAll("img").length !== 1 || !caption) continue;
		const inside = box.querySelector("a:has(img), img");
		box.replaceWith(el("figure", {}, inside, become(caption, "figcaption")));
	}
	for (const figure of all(page, "figure:has(img):not(.gallery)")) {
		const shape = shapeOf(figure);
		if (shape) figure.className = shape;
		/* A link that only enlarges the picture. */
		for (const anchor of figure.querySelectorAll("a:has(img)")) {
			if (/\.(jpe?g|png|gif|webp|avif)([?#]|$)/i.test(anchor.getAttribute("href") ?? "")) {
				anchor.replaceWith(...anchor.childNodes);
			}
		}
	}
};

const takeQuotes = (page) => {
	for (const box of all(page, "div.pullquote, p.MsoQuote, p.MsoIntenseQuote")) {
		const quote = become(box, "blockquote");
		if (!box.matches(".MsoQuote")) quote.className = "pull";
	}
	for (
		const quote of all(
			page,
			".wp-block-pullquote blockquote, blockquote.wp-block-pullquote, .kg-blockquote-alt",
		)
	) {
		quote.className = "pull";
	}
	for (const source of all(page, "blockquote cite, blockquote footer")) {
		if (source.parentElement.closest("cite, footer")) continue;
		const line = el("p");
		if (!/^\s*[–—-]/.test(source.textContent)) line.append("— ");
		line.append(...source.childNodes);
		const [quote, paragraph] = [source.closest("blockquote"), source.closest("blockquote p")];
		source.remove();
		if (paragraph && !paragraph.textContent.trim()) paragraph.replaceWith(line);
		else quote.append(line);
	}
};

const BUTTONS = "a.wp-block-button__link, a.kg-btn, .button-wrapper a.button";

const takeCards = (page) => {
	for (const button of all(page, BUTTONS)) button.className = "btn";
	for (const card of all(page, "a.kg-bookmark-container")) {
		const part = (name) => card.querySelector(`.kg-bookmark-${name}`)?.textContent.trim() ?? "";
		const site = part("publisher") || part("author") || new URL(card.href, location.href).hostname;
		const description = part("description");
		card.replaceWith(
			el(
				"p",
				{},
				el(
					"a",
					{ class: "bookmark", href: card.getAttribute("href") },
					el("strong", {}, part("title") || card.getAttribute("href")),
					" ",
					description ? el("small", {}, description) : null,
					" ",
					el("cite", {}, site),
				),
			),
		);
	}
	for (const box of all(page, ".kg-callout-card, aside:not([class])")) {
		const emoji = box.querySelector(".kg-callout-emoji");
		const text = box.querySelector(".kg-callout-text");
		if (emoji && text) text.prepend(`${emoji.textContent.trim()} `);
		emoji?.remove();
		become(box, "aside", { class: "callout" });
	}
	all(page, ".wp-block-file__button, .kg-bookmark-icon").forEach((one) => one.remove());
};

const takeSmallThings = (page) => {
	for (const title of all(page, "p.MsoTitle")) become(title, "h2");
	for (const verse of all(page, "pre.wp-block-verse")) {
		const lines = verse.innerHTML.split("\n");
		const paragraph = become(verse, "p");
		paragraph.innerHTML = lines.join("<br>");
	}
	for (const box of all(page, "img[aria-roledescription=checkbox]")) {
		const mark = box.alt === "checked" ? "☑ " : "☐ ";
		(box.nextElementSibling ?? box.parentElement).prepend(mark);
		box.remove();
	}
	for (const table of all(page, "table:not(:has(th))")) takeHeadRow(table);
};

/* Spreadsheets and Google Docs have no table headers: if only the first row is bold, it becomes one. */
const isBold = (cell) => {
	const text = cell.textContent.trim();
	const bold = [...cell.querySelectorAll("b, strong, [data-style*=font-weight]")].filter((one) =>
		one.matches("b, strong") || /font-weight:\s*(bold|[6-9]00)/i.test(one.dataset.style)
	);
	return /font-weight:\s*(bold|[6-9]00)/i.test(cell.dataset.style ?? "") ||
		Boolean(text) && bold.some((one) => one.textContent.trim() === text);
};

const takeHeadRow = (table) => {
	const [first, ...rest] = table.rows;
	if (!rest.length || ![...first.cells].every(isBold) || [...rest[0].cells].every(isBold)) return;
	for (const cell of [...first.cells]) {
		cell.querySelectorAll("b, strong").forEach((one) => one.replaceWith(...one.childNodes));
		cell.querySelectorAll("[data-style]").forEach((one) => delete one.dataset.style);
		become(cell, "th", { colspan: cell.getAttribute("colspan"), rowspan: cell.getAttribute("rowspan") });
	}
};
