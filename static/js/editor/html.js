/* Converts between the stored HTML and that of the editor: footnotes, captions of tables, cards. */
import { pm } from "django-prose-editor/editor";

const parse = (html) => new DOMParser().parseFromString(html, "text/html");

const CARDS = "a.video, a.bookmark, a.btn, a.file";

/* Stored or foreign HTML as expected by the editor's rules (blocks.js). */
export const toEditor = (html) => {
	const page = parse(html);
	const body = page.body;
	readFootnotes(page);
	for (const figure of body.querySelectorAll("figure:has(> table)")) {
		const table = figure.querySelector("table");
		const caption = figure.querySelector("figcaption");
		if (caption && !table.caption) table.createCaption().textContent = caption.textContent;
		figure.replaceWith(table);
	}
	body.querySelectorAll("figure").forEach(splitGallery);
	/* An item must begin with a paragraph, otherwise the list ends at a picture in it. */
	body.querySelectorAll("li > :is(figure, img, table, pre):first-child").forEach((block) => {
		if (!block.previousSibling?.textContent.trim()) block.before(page.createElement("p"));
	});
	for (const caption of body.querySelectorAll("table > caption")) {
		caption.parentElement.dataset.caption = caption.textContent.trim();
		caption.remove();
	}
	for (const card of body.querySelectorAll(CARDS)) {
		const parent = card.parentElement;
		const isAlone = parent.matches("p, div") && parent.textContent.trim() === card.textContent.trim();
		if (isAlone) parent.replaceWith(card);
	}
	return body.innerHTML;
};

/* Our galleries have at most nine pictures; further ones go into another, with the caption below the last. */
const MAX_IN_GALLERY = 9;
const splitGallery = (figure) => {
	const pictures = [...figure.querySelectorAll("img")];
	while (pictures.length > MAX_IN_GALLERY) {
		const before = figure.cloneNode(false);
		before.classList.add("gallery");
		before.append(...pictures.splice(0, MAX_IN_GALLERY));
		figure.before(before);
		figure.classList.add("gallery");
	}
};

const readFootnotes = (page) => {
	for (const reference of page.querySelectorAll("sup.fnref")) {
		const target = reference.querySelector("a")?.getAttribute("href")?.slice(1) ?? "";
		const note = target ? page.getElementById(target) : null;
		const text = note?.cloneNode(true);
		text?.querySelectorAll('a[href^="#fnref"]').forEach((back) => back.remove());
		const mark = page.createElement("span");
		mark.dataset.footnote = (text?.textContent ?? "").trim();
		reference.replaceWith(mark);
	}
	page.querySelectorAll("section.footnotes").forEach((section) => section.remove());
};

/* The content of the editor as HTML to store; "" if empty. */
export const fromEditor = (editor) => {
	const fragment = pm.model.DOMSerializer.fromSchema(editor.schema).serializeFragment(
		editor.state.doc.content,
	);
	const box = document.implementation.createHTMLDocument("").body;
	box.append(fragment);
	box.querySelectorAll("[data-unfinished]").forEach((block) => block.remove());
	box.querySelectorAll("table").forEach(writeTable);
	for (const only of box.querySelectorAll("li > p:first-child, th > p:only-child, td > p:only-child")) {
		if ([...only.parentElement.children].filter((child) => child.tagName === "P").length === 1) {
			only.replaceWith(...only.childNodes);
		}
	}
	box.querySelectorAll("figcaption:empty").forEach((caption) => caption.remove());
	writeFootnotes(box);
	while (box.lastElementChild?.matches("p:empty")) box.lastElementChild.remove();
	return box.innerHTML;
};

const writeTable = (table) => {
	const rows = [...table.rows];
	const heads = rows.findIndex((row) => [...row.cells].some((cell) => cell.tagName === "TD"));
	const count = heads < 0 ? (rows.length > 1 ? 1 : 0) : heads;
	if (count) {
		const head = table.ownerDocument.createElement("thead");
		head.append(...rows.slice(0, count));
		table.tBodies[0].before(head);
	}
	for (const cell of table.querySelectorAll("th")) {
		cell.setAttribute("scope", cell.closest("thead") ? "col" : "row");
	}
	if (table.dataset.caption) {
		const caption = table.ownerDocument.createElement("caption");
		caption.textContent = table.dataset.caption;
		table.prepend(caption);
	}
	delete table.dataset.caption;
};

const writeFootnotes = (box) => {
	const page = box.ownerDocument;
	const marks = [...box.querySelectorAll("span[data-footnote]")];
	if (!marks.length) return;
	const make = (tag, attributes, ...children) => {
		const element = page.createElement(tag);
		for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
		element.append(...children);
		return element;
	};
	const list = make("ol", {});
	marks.forEach((mark, index) => {
		const number = index + 1;
		const link = make("a", { href: `#fn-${number}` }, `${number}`);
		list.append(
			make(
				"li",
				{ id: `fn-${number}` },
				...linked(page, mark.dataset.footnote),
				" ",
				make("a", { href: `#fnref-${number}` }, "↩"),
			),
		);
		mark.replaceWith(make("sup", { class: "fnref", id: `fnref-${number}` }, link));
	});
	box.append(make("section", { class: "footnotes" }, list));
};

/* The text of a note, with its URLs as links. */
const linked = (page, text) =>
	text.split(/(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)])/).map((part, index) => {
		if (index % 2 === 0) return part;
		const link = page.createElement("a");
		link.href = part;
		link.textContent = part;
		return link;
	});
