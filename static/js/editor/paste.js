/* Pasting and dropping: structure is kept, other formatting is removed; pictures of other sites are fetched,
   and lost ones are reported. */
import { Extension, pm } from "django-prose-editor/editor";
import { alertUser, isWebAddress, say, send, urls } from "editor/dom";
import { takeForeign } from "editor/foreign";
import { toEditor } from "editor/html";
import { completeVideos } from "editor/insert";
import { expectPicture, fetchExpected, insertFiles } from "editor/pictures";

/* A page with more cells cannot be read or edited. */
const MAX_CELLS = 5000;
const JUNK =
	"script, style, meta, link, title, head, noscript, template, object, embed, iframe, svg, math, form, " +
	"input, select, textarea, button, xml, [hidden]";

export const Paste = Extension.create({
	name: "postPaste",
	priority: 1000,
	addProseMirrorPlugins() {
		const { editor } = this;
		return [
			new pm.state.Plugin({
				props: {
					transformPastedHTML: clean,
					/* Before it is parsed, which takes a browser many seconds. */
					handleDOMEvents: { paste: (_view, event) => refusePaste(event) },
					handlePaste: (_view, event) => handlePaste(editor, event),
					handleDrop: (view, event) => handleDrop(editor, view, event),
				},
				appendTransaction: (transactions) => {
					if (transactions.some((tr) => tr.getMeta("paste") || tr.getMeta("uiEvent") === "drop")) {
						queueMicrotask(() => {
							fetchExpected(editor);
							completeVideos(editor);
						});
					}
					return null;
				},
			}),
		];
	},
});

const handlePaste = (editor, event) => {
	const data = event.clipboardData;
	const files = [...data.files];
	const html = data.getData("text/html");
	const text = data.getData("text/plain");
	/* Word and spreadsheets add a picture of the text; a browser's "Copy picture" adds its HTML to the file. */
	if (files.length && (!html || isOnePicture(html)) && !text.trim()) {
		insertFiles(editor, files);
		return true;
	}
	if (html || !text) return false;
	const rows = tabulated(text);
	if (rows) {
		if (!refuseCells(rows.length, rows[0].length)) editor.commands.insertContent(tableOf(rows));
		return true;
	}
	if (isMarkdown(text) && !editor.isActive("codeBlock") && !editor.view.input?.shiftKey) {
		readMarkdown(editor, text);
		return true;
	}
	return isAddressAlone(editor, text.trim()) && editor.commands.insertAddress(text.trim());
};

/* Two lines that begin like headings, items, quotations or code, or a link. A single one may be a sentence
   with a dash. */
const isMarkdown = (text) =>
	(text.match(/^(?:#{1,4}|[-*+]|\d{1,3}[.)]|>)[ \t]+\S|^```/gm) ?? []).length > 1 ||
	/\[[^\]\n]+\]\((?:https?:\/\/|\/)[^\s)]+\)/.test(text);

/* Convert Markdown like the server does without scripts. If it can't be reached, the text as it is. */
const readMarkdown = async (editor, text) => {
	const { data } = await send(urls().markdown, { text });
	if (data?.error) alertUser(data.error);
	if (data?.html) editor.commands.insertContent(toEditor(data.html));
	else {
		const lines = text.split(/\n+/).filter((line) => line.trim());
		editor.commands.insertContent(
			lines.map((line) => ({ type: "paragraph", content: [{ type: "text", text: line }] })),
		);
	}
};

const refusePaste = (event) => {
	const html = event.clipboardData?.getData("text/html");
	if (!html || !hasTooManyCells(html)) return false;
	event.preventDefault();
	return true;
};

const isOnePicture = (html) => {
	const { body } = new DOMParser().parseFromString(withoutStyles(html), "text/html");
	return body.querySelectorAll("img").length === 1 && !body.textContent.trim();
};

const isAddressAlone = (editor, text) => {
	const { $from, empty } = editor.state.selection;
	return empty && $from.parent.type.name === "paragraph" && $from.parent.content.size === 0 &&
		isWebAddress(text);
};

const handleDrop = (editor, view, event) => {
	const files = [...(event.dataTransfer?.files ?? [])];
	if (!files.length || view.dragging) {
		return false; /* Chromium also gives a file for a picture that is only moved */
	}
	event.preventDefault();
	const place = view.posAtCoords({ left: event.clientX, top: event.clientY });
	insertFiles(editor, files, place?.pos ?? null);
	return true;
};

/* --- tables ----------------------------------------------------------------------------- */

const refuseCells = (rows, columns) => {
	if (rows * columns <= MAX_CELLS) return false;
	alertUser(say("tooManyCells", { rows, columns, limit: MAX_CELLS }));
	return true;
};

const hasTooManyCells = (html) => {
	if ((html.match(/<t[dh]\b/gi) ?? []).length <= MAX_CELLS) return false;
	const table = new DOMParser().parseFromString(withoutStyles(html), "text/html").querySelector("table");
	return refuseCells(table?.rows.length ?? 0, table?.rows[0]?.cells.length ?? 0);
};

/* The cells of plain text from a spreadsheet, or null. */
const tabulated = (text) => {
	const rows = text.replace(/\r/g, "").replace(/\n$/, "").split("\n").map((line) => line.split("\t"));
	const columns = rows[0].length;
	return rows.length > 1 && columns > 1 && rows.every((row) => row.length === columns) ? rows : null;
};

const tableOf = (rows) => ({
	type: "table",
	content: rows.map((cells) => ({
		type: "tableRow",
		content: cells.map((text) => ({
			type: "tableCell",
			content: [{ type: "paragraph", content: text ? [{ type: "text", text }] : [] }],
		})),
	})),
});

/* --- foreign HTML ------------------------------------------------------------------------ */

/* Style and event attributes violate our policy when parsed, which the console reports; what a style says is
   still needed. */
const withoutStyles = (html) =>
	html.replace(/<(style|script|xml)\b[\s\S]*?<\/\1\s*>/gi, "").replace(
		/<[a-z][^<>]*>/gi,
		(tag) =>
			tag.replace(/([\s/"'])(?:style|(on[a-z]+))\s*=/gi, (_all, before, on) =>
				`${before}data-${on ?? "style"}=`),
	);

const clean = (html) => {
	const page = new DOMParser().parseFromString(withoutStyles(html), "text/html");
	const { body } = page;
	takeForeign(page);
	body.querySelectorAll(JUNK).forEach((element) => element.remove());
	markBullets(page);
	removeComments(page);
	takeWordLists(page);
	joinLists(page);
	takeNotes(page);
	takeStyles(page);
	body.querySelectorAll('b[id^="docs-internal"], font, center, o\\:p').forEach((element) =>
		element.replaceWith(...element.childNodes)
	);
	for (const heading of body.querySelectorAll("h1, h5, h6")) {
		const level = heading.tagName === "H1" ? "h2" : "h4";
		const other = page.createElement(level);
		other.append(...heading.childNodes);
		heading.replaceWith(other);
	}
	takePictures(page);
	/* Line breaks between paragraphs that other programs use as gaps. */
	body.querySelectorAll("br").forEach((gap) => {
		const { previousElementSibling: before, nextElementSibling: after, parentElement: parent } = gap;
		const isBetween = [gap.previousSibling, gap.nextSibling].every((beside) =>
			!beside || beside.nodeType === Node.ELEMENT_NODE || !beside.textContent.trim()
		) && [before, after].some((beside) =>
			beside?.matches(BLOCKS)
		);
		if (
			isBetween || (parent.matches("p") && !parent.textContent.trim() && parent.children.length === 1)
		) {
			(parent.matches("p") ? parent : gap).remove();
		}
	});
	body.querySelectorAll("p:has(img)").forEach((box) => {
		if (!box.textContent.trim()) box.replaceWith(...box.querySelectorAll("img"));
	});
	body.querySelectorAll("p:not(td p, th p)").forEach((gap) => {
		if (!gap.textContent.trim() && !gap.querySelector("img, audio, a, [data-footnote]")) gap.remove();
	});
	return toEditor(body.innerHTML);
};
const BLOCKS = "p, div, ul, ol, table, h1, h2, h3, h4, blockquote, pre, figure, hr";

const removeComments = (page) => {
	const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_COMMENT);
	const found = [];
	while (walker.nextNode()) found.push(walker.currentNode);
	found.forEach((comment) => comment.remove());
};

/* Bold and italic that are styles, as in Google Docs. */
const takeStyles = (page) => {
	for (const cell of page.querySelectorAll("td[data-style]")) {
		if (!/font-weight:\s*(bold|[6-9]00)/i.test(cell.dataset.style) || !cell.textContent.trim()) continue;
		const mark = page.createElement("strong");
		mark.append(...cell.childNodes);
		cell.append(mark);
	}
	for (const element of page.querySelectorAll("span[data-style], b[data-style]")) {
		const style = element.dataset.style.replace(/\s/g, "").toLowerCase();
		const tags = [];
		if (/font-weight:(bold|[6-9]00)/.test(style)) tags.push("strong");
		if (/font-style:italic/.test(style)) tags.push("em");
		if (/text-decoration[^;]*line-through/.test(style)) tags.push("s");
		if (/vertical-align:super/.test(style)) tags.push("sup");
		if (/vertical-align:sub/.test(style)) tags.push("sub");
		const isPlain = element.tagName === "B" && /font-weight:(normal|400)/.test(style);
		let inner = [...element.childNodes];
		for (const tag of tags) {
			const mark = page.createElement(tag);
			mark.append(...inner);
			inner = [mark];
		}
		if (tags.length || isPlain) element.replaceWith(...inner);
	}
	for (const note of page.querySelectorAll("sup > [data-footnote]:only-child")) {
		if (!note.parentElement.textContent.trim()) note.parentElement.replaceWith(note);
	}
};

/* Word's bullets are text, in comments ("[if !supportLists]") or a span with a tiny font: mark both. */
const markBullets = (page) => {
	const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_COMMENT);
	const begins = [];
	while (walker.nextNode()) {
		if (/^\[if !supportLists\]/i.test(walker.currentNode.data.trim())) begins.push(walker.currentNode);
	}
	for (const begin of begins) {
		const bullet = page.createElement("span");
		bullet.dataset.bullet = "";
		while (begin.nextSibling && begin.nextSibling.nodeType !== Node.COMMENT_NODE) {
			bullet.append(begin.nextSibling);
		}
		begin.replaceWith(bullet);
	}
	for (
		const gap of page.querySelectorAll(
			"[class*=MsoList] [data-style*='7.0pt'], [class*=MsoList] [data-style*='7pt']",
		)
	) {
		const item = gap.closest("[class*=MsoList]");
		if (item.querySelector("[data-bullet], [data-style*='mso-list:Ignore']")) continue;
		let bullet = gap;
		while (bullet.parentElement !== item && !textAfter(bullet)) bullet = bullet.parentElement;
		bullet.dataset.bullet = "";
	}
};

const textAfter = (element) => {
	for (let next = element.nextSibling; next; next = next.nextSibling) {
		if (next.textContent.trim()) return true;
	}
	return false;
};

/* Word's lists are paragraphs with bullets as text: <p class=MsoListParagraph style="mso-list:l0 level2
   lfo1">. */
const BULLET = "[data-bullet], [data-style*='mso-list:Ignore'], [data-style*='mso-list: Ignore']";
const takeWordLists = (page) => {
	const isItem = (element) =>
		/mso-list:\s*l\d/i.test(element?.dataset?.style ?? "") || Boolean(element?.querySelector?.(BULLET));
	for (const first of page.querySelectorAll("p, div[class*=MsoList]")) {
		if (!first.isConnected || !isItem(first)) continue;
		const stack = [];
		let item = first;
		const place = page.createElement("div");
		first.before(place);
		while (item?.matches("p, div[class*=MsoList]") && isItem(item)) {
			const next = item.nextElementSibling;
			const level = Math.min(9, Number(/level(\d)/i.exec(item.dataset.style ?? "")?.[1] ?? 1) || 1);
			const mark = item.querySelector(BULLET);
			const isNumbered = /^\s*\(?(\d+|[a-z]|[ivx]+)[.)]/i.test(mark?.textContent ?? item.textContent);
			mark?.remove();
			stack.length = Math.min(stack.length, level);
			while (stack.length < level) {
				const list = page.createElement(isNumbered ? "ol" : "ul");
				(stack.at(-1)?.lastElementChild ?? stack.at(-1) ?? place).append(list);
				stack.push(list);
			}
			const entry = page.createElement("li");
			entry.append(...item.childNodes);
			stack.at(-1).append(entry);
			item.remove();
			item = next;
		}
		place.replaceWith(...place.childNodes);
	}
};

/* Word on the web puts each item into a list of its own, with its level as an attribute. */
const joinLists = (page) => {
	let stack = [];
	for (const item of page.querySelectorAll("li[data-aria-level]")) {
		const own = item.parentElement;
		const box = own.closest("[class*=ListContainer]") ?? own;
		const level = Math.min(9, Number(item.dataset.ariaLevel) || 1);
		if (stack[0]?.end !== box.previousElementSibling && stack[0]?.end !== box) stack = [];
		stack = stack.slice(0, level);
		const list = stack.at(-1)?.list;
		if (stack.length < level && list?.lastElementChild) {
			const nested = page.createElement(own.tagName);
			list.lastElementChild.append(nested);
			nested.append(item);
			stack.push({ list: nested });
		} else if (list && list !== own) {
			list.append(item);
		} else {
			stack = [{ list: own, end: box }];
		}
		if (!own.children.length) (box.textContent.trim() ? own : box).remove();
	}
};

/* Footnotes of Word, Google Docs, WordPress and Substack: a number that links to the note at the end, which
   links back. Browsers copy absolute URLs. */
const takeNotes = (page) => {
	for (const mark of page.querySelectorAll("a[href*='#']")) {
		const name = mark.getAttribute("href").split("#")[1];
		if (!mark.isConnected || !name || !/^\[?[\divx]{1,5}\]?$/i.test(mark.textContent.trim())) continue;
		const back = page.getElementById(name) ?? page.getElementsByName(name)[0];
		const note = back?.closest("p, li, div");
		if (
			!note || note.contains(mark) ||
			!(mark.compareDocumentPosition(back) & Node.DOCUMENT_POSITION_FOLLOWING)
		) {
			continue;
		}
		note.querySelectorAll("a[href*='#']").forEach((link) => {
			if (/^\W*(\d+|[ivx]+)?\W*$/i.test(link.textContent)) link.remove();
		});
		const reference = page.createElement("span");
		reference.dataset.footnote = note.textContent.replace(/\s+/g, " ").trim();
		(mark.closest("sup") ?? mark).replaceWith(reference);
		removeWithBox(note);
	}
	/* Links to notes that were not copied. */
	page.querySelectorAll("a[href^='#_']").forEach((link) => link.replaceWith(...link.childNodes));
};

/* Remove a note with its list and rule if nothing else is in them. */
const removeWithBox = (note) => {
	let gone = note;
	while (gone.parentElement.matches("ol, ul, section, div") && gone.parentElement.children.length === 1) {
		gone = gone.parentElement;
	}
	const line = gone.previousElementSibling;
	if (line?.matches("hr") && !gone.nextElementSibling) line.remove();
	gone.remove();
};

/* Pictures of this site stay; others have no source until the server has fetched them. */
const takePictures = (page) => {
	let local = 0;
	for (const picture of page.querySelectorAll("img")) {
		const source = picture.getAttribute("src") ?? "";
		const isTiny = ["width", "height"].some((name) => Number(picture.getAttribute(name) ?? 9) <= 2);
		if (isOurs(source)) continue;
		if (/^(https?:\/\/|\/\/|data:image\/)/i.test(source) && !isTiny) {
			picture.dataset.upload = expectPicture(
				source.startsWith("//") ? `https:${source}` : source,
				picture.alt,
			);
			picture.setAttribute("src", "");
			picture.removeAttribute("width");
			picture.removeAttribute("height");
		} else {
			if (source && !isTiny) local++;
			picture.remove();
		}
	}
	if (local) alertUser(say(local === 1 ? "localPicture" : "localPictures", { count: local }));
};

const isOurs = (source) => {
	try {
		return new URL(source, location.href).origin === location.origin &&
			!/^(data|blob|file):/i.test(source);
	} catch {
		return false;
	}
};
