/* Blocks besides paragraphs and lists, as extensions of the editor. For the stored HTML see
   core/markup/posts.py. */
import { Blockquote, Node } from "django-prose-editor/editor";
import { openDialog } from "editor/dialogs";
import { el, field, say, textButton } from "editor/dom";
import {
	attribute,
	captioned,
	captionOf,
	cardView,
	given,
	movers,
	number,
	removeAt,
	unparsed,
} from "editor/views";

/* --- quotes and callouts ------------------------------------------------------------------------- */

export const Quote = Blockquote.extend({
	addAttributes: () => ({
		pull: {
			default: false,
			parseHTML: (e) => e.classList.contains("pull"),
			renderHTML: ({ pull }) => (pull ? { class: "pull" } : {}),
		},
	}),
});

export const Callout = Node.create({
	name: "callout",
	group: "block",
	content: "block+",
	defining: true,
	parseHTML: () => [{ tag: "aside.callout" }],
	renderHTML: () => ["aside", { class: "callout" }, 0],
});

/* --- footnotes ----------------------------------------------------------------------------------- */

export const Footnote = Node.create({
	name: "footnote",
	group: "inline",
	inline: true,
	atom: true,
	addAttributes: () => ({ text: { ...unparsed(""), parseHTML: (e) => e.dataset.footnote } }),
	parseHTML: () => [{ tag: "span[data-footnote]" }],
	renderHTML: ({ node }) => ["span", { "data-footnote": node.attrs.text }],
	addNodeView: () => ({ node, editor, getPos }) => {
		const dom = el("button", { type: "button", class: "footnote" });
		const update = (now) => {
			if (now.type.name !== "footnote") return false;
			dom.title = now.attrs.text;
			dom.setAttribute("aria-label", `${say("footnote")}: ${now.attrs.text}`);
			return true;
		};
		update(node);
		dom.addEventListener("click", () => editor.commands.editFootnote(getPos()));
		return { dom, update };
	},
	addCommands: () => ({
		editFootnote: (pos) => ({ editor }) => {
			editFootnote(editor, pos);
			return true;
		},
	}),
});

const editFootnote = (editor, pos) => {
	const text = el("textarea", { rows: 4, value: editor.state.doc.nodeAt(pos)?.attrs.text ?? "" });
	openDialog(
		say("footnote"),
		{
			onclose: () => {
				const note = text.value.trim();
				const { tr } = editor.state;
				if (note) tr.setNodeMarkup(pos, undefined, { text: note });
				else tr.delete(pos, pos + 1);
				editor.view.dispatch(tr);
				editor.view.focus();
			},
		},
		field(say("note"), text),
		el(
			"footer",
			{},
			textButton(say("done"), (event) => event.target.closest("dialog").close(), { class: "btn" }),
		),
	);
	text.focus();
};

/* --- links that stand out, files, recordings, videos, cards ---------------------------------------- */

export const ButtonLink = Node.create({
	name: "buttonLink",
	group: "block",
	content: "text*",
	marks: "",
	defining: true,
	addAttributes: () => ({ href: attribute("href", "") }),
	parseHTML: () => [{ tag: "a.btn", priority: 70 }],
	renderHTML: ({ node }) => ["p", {}, ["a", { class: "btn", href: node.attrs.href }, 0]],
	addNodeView: () => ({ node }) => {
		const label = el("span", { class: "btn" });
		const address = el("small", { contenteditable: "false" });
		const update = (now) => {
			if (now.type.name !== "buttonLink") return false;
			address.textContent = now.attrs.href;
			return true;
		};
		update(node);
		return { dom: el("div", { class: "buttonlink" }, label, address), contentDOM: label, update };
	},
});

const card = (name, rest) =>
	Node.create({ name, group: "block", atom: true, draggable: true, selectable: true, ...rest });

/* The picture of a card, stored on this site. */
const pictureInside = {
	src: { ...unparsed(), parseHTML: (e) => e.querySelector("img")?.getAttribute("src") ?? null },
	width: {
		...number("width"),
		parseHTML: (e) => Number.parseInt(e.querySelector("img")?.getAttribute("width"), 10) || null,
	},
	height: {
		...number("height"),
		parseHTML: (e) => Number.parseInt(e.querySelector("img")?.getAttribute("height"), 10) || null,
	},
};
const pictureFirst = ({ src, width, height }) =>
	src ? [["img", given({ src, alt: "", width, height })], " "] : [];

export const File = card("file", {
	addAttributes: () => ({
		href: attribute("href"),
		title: {
			...unparsed(""),
			parseHTML: (e) => e.getAttribute("download") || e.firstChild?.textContent.trim(),
		},
		note: { ...unparsed(""), parseHTML: (e) => e.querySelector("small")?.textContent ?? "" },
	}),
	parseHTML: () => [{ tag: "a.file", priority: 70 }],
	renderHTML: ({ node: { attrs } }) => [
		"p",
		{},
		["a", { class: "file", href: attrs.href, download: attrs.title }, `${attrs.title} `, [
			"small",
			{},
			attrs.note,
		]],
	],
	addNodeView: () => cardView(({ title, note }) => [el("b", {}, title), el("small", {}, note)]),
});

export const Video = card("video", {
	addAttributes: () => ({
		href: attribute("href"),
		title: { ...unparsed(""), parseHTML: (e) => e.querySelector("b")?.textContent ?? e.textContent },
		site: unparsed(""),
		...pictureInside,
	}),
	parseHTML: () => [{ tag: "a.video", priority: 70 }],
	renderHTML: ({ node: { attrs } }) => [
		"p",
		{},
		["a", { class: "video", href: attrs.href }, ...pictureFirst(attrs), attrs.title || attrs.href],
	],
	addNodeView: () =>
		cardView(
			({ href, title, site, src }) => [
				src ? el("img", { src, alt: "" }) : "",
				el("span", { class: "go" }),
				el("b", {}, title || href),
				el("small", {}, say("loadsFrom", { site: site || siteOf(href) })),
			],
			(editor, getPos) => editor.commands.editVideo(getPos()),
		),
});

const siteOf = (href) => {
	try {
		const host = new URL(href).hostname.replace(/^(www|m|player)\./, "");
		return { "youtu.be": "YouTube", "youtube.com": "YouTube", "vimeo.com": "Vimeo" }[host] ?? host;
	} catch {
		return "";
	}
};

const textOf = (tag) => (e) => e.querySelector(tag)?.textContent.trim() ?? "";

export const Bookmark = card("bookmark", {
	addAttributes: () => ({
		href: attribute("href"),
		title: { ...unparsed(""), parseHTML: (e) => textOf("strong")(e) || e.textContent.trim() },
		description: { ...unparsed(""), parseHTML: textOf("small") },
		site: { ...unparsed(""), parseHTML: textOf("cite") },
		...pictureInside,
	}),
	parseHTML: () => [{ tag: "a.bookmark", priority: 70 }],
	renderHTML: ({ node: { attrs } }) => {
		const description = attrs.description ? [["small", {}, attrs.description], " "] : [];
		return [
			"p",
			{},
			[
				"a",
				{ class: "bookmark", href: attrs.href },
				...pictureFirst(attrs),
				["strong", {}, attrs.title],
				" ",
				...description,
				["cite", {}, attrs.site],
			],
		];
	},
	addNodeView: () =>
		cardView(
			({ title, description, site, src }) =>
				[
					src ? el("img", { src, alt: "" }) : null,
					el("b", {}, title),
					description ? el("small", {}, description) : null,
					el("cite", {}, site),
				].filter(Boolean),
			(editor, getPos) => editor.commands.editBookmark(getPos()),
		),
});

export const ReadMore = Node.create({
	name: "readMore",
	group: "block",
	atom: true,
	selectable: true,
	parseHTML: () => [{ tag: "hr.more", priority: 70 }],
	renderHTML: () => ["hr", { class: "more" }],
	addNodeView: () => () => ({
		dom: el("div", { class: "readmore", contenteditable: "false" }, say("readMore")),
	}),
});

/* --- a recording --- */

export const Audio = Node.create({
	name: "audio",
	group: "block",
	content: "inline*",
	draggable: true,
	isolating: true,
	defining: true,
	addAttributes: () => ({ src: unparsed(), title: unparsed("") }),
	parseHTML: () => [
		{
			tag: "figure.audio",
			priority: 80,
			getAttrs: (figure) => ({ src: figure.querySelector("audio")?.getAttribute("src") }),
			contentElement: (figure) => figure.querySelector("figcaption") ?? document.createElement("span"),
		},
		{ tag: "audio[src]", getAttrs: (audio) => ({ src: audio.getAttribute("src") }) },
	],
	renderHTML: ({ node }) => [
		"figure",
		{ class: "audio" },
		["audio", { src: node.attrs.src, controls: "", preload: "none" }],
		["figcaption", 0],
	],
	addNodeView: () => ({ node, editor, getPos }) => {
		const caption = captionOf();
		const update = (now) => {
			caption.toggleAttribute("data-empty", now.content.size === 0);
			return now.type.name === "audio";
		};
		update(node);
		const remove = textButton(say("remove"), () => removeAt(editor, getPos));
		const tools = el(
			"div",
			{ class: "blocktools", contenteditable: "false" },
			el("span", { class: "row" }, ...movers(editor, getPos), remove),
		);
		const { src } = node.attrs;
		const player = el("audio", { src, controls: true, preload: "none", contenteditable: "false" });
		return captioned(el("figure", { class: "audio" }, player, caption, tools), caption, update);
	},
});
