/* Blocks that show a file: pictures, galleries, recordings, and what is still on its way. */
import { Node } from "django-prose-editor/editor";
import { alertUser, el, iconButton, say, textButton } from "editor/dom";
import { underway, uploadFile } from "editor/pictures";
import {
	altField,
	choosePictures,
	given,
	movers,
	ownEvents,
	removeAt,
	setAttributes,
	unparsed,
} from "editor/views";

const MOST_IN_GALLERY = 9;

/* --- a file on its way ------------------------------------------------------------------------ */

export const Upload = Node.create({
	name: "upload",
	group: "block",
	atom: true,
	selectable: true,
	addAttributes: () => ({ id: { ...unparsed(), parseHTML: (e) => e.dataset.upload } }),
	parseHTML: () => [{ tag: "div[data-upload]" }],
	renderHTML: () => ["div", { "data-unfinished": "" }],
	addNodeView: () => ({ node }) => {
		const upload = underway.get(node.attrs.id);
		const bar = el("progress", { max: 1, "aria-label": upload?.name ?? "" });
		if (upload) {
			upload.show = () => {
				if (upload.part && upload.part < 1) bar.value = upload.part;
				else bar.removeAttribute("value");
			};
		}
		return {
			dom: el("div", { class: "uploading", role: "status" }, el("span", {}, upload?.name ?? ""), bar),
		};
	},
});

/* --- a picture with its caption ----------------------------------------------------------------- */

const SHAPES = { "": "shapeText", wide: "shapeWide", full: "shapeFull" };

export const Picture = Node.create({
	name: "picture",
	group: "block",
	content: "inline*",
	draggable: true,
	isolating: true,
	defining: true,

	addAttributes: () => ({
		src: unparsed(),
		alt: unparsed(""),
		width: unparsed(),
		height: unparsed(),
		link: unparsed(),
		shape: unparsed(""),
	}),

	parseHTML: () => [
		{
			tag: "figure",
			priority: 60,
			getAttrs: (figure) =>
				figure.querySelectorAll("img[src]").length === 1 && pictureAttributes(figure),
			contentElement: (figure) => figure.querySelector("figcaption") ?? document.createElement("span"),
		},
		{
			tag: "a:has(> img[src])",
			priority: 60,
			getAttrs: pictureAttributes,
			contentElement: () => document.createElement("span"),
		},
		{ tag: "img[src]", getAttrs: pictureAttributes },
	],

	renderHTML({ node }) {
		const { src, alt, width, height, link, shape } = node.attrs;
		const picture = ["img", given({ src, alt: alt ?? "", width, height })];
		return [
			"figure",
			shape ? { class: shape } : {},
			link ? ["a", { href: link }, picture] : picture,
			["figcaption", 0],
		];
	},

	addNodeView: () => pictureView,
});

const pictureAttributes = (element) => {
	const picture = element.tagName === "IMG" ? element : element.querySelector("img");
	return {
		src: picture.getAttribute("src"),
		alt: picture.getAttribute("alt") ?? "",
		width: Number.parseInt(picture.getAttribute("width"), 10) || null,
		height: Number.parseInt(picture.getAttribute("height"), 10) || null,
		link: picture.closest("a")?.getAttribute("href") ?? null,
		shape: ["wide", "full"].find((name) => element.classList.contains(name)) ?? "",
	};
};

const pictureView = ({ node, editor, getPos }) => {
	const picture = el("img", { draggable: "true" });
	const caption = el("figcaption", { "data-hint": say("captionHint") });
	const alt = altField(node.attrs.alt, (value) => setAttributes(editor, getPos, { alt: value }));
	const shapes = Object.entries(SHAPES).map(([shape, key]) =>
		textButton(say(key), () => setAttributes(editor, getPos, { shape }), { "data-shape": shape })
	);
	const tools = el(
		"div",
		{ class: "blocktools", contenteditable: "false" },
		el("div", { class: "seg", role: "group", "aria-label": say("width") }, ...shapes),
		el(
			"span",
			{ class: "row" },
			...movers(editor, getPos),
			textButton(
				say("replace"),
				() => choosePictures(false, ([file]) => replacePicture(editor, getPos, file)),
			),
			textButton(say("remove"), () => removeAt(editor, getPos)),
		),
	);
	const dom = el("figure", { class: "picture" }, picture, caption, tools, alt.box);
	alt.box.contentEditable = "false";
	const update = (now) => {
		if (now.type.name !== "picture") return false;
		for (
			const [name, value] of Object.entries(
				given({ src: now.attrs.src, width: now.attrs.width, height: now.attrs.height }),
			)
		) {
			if (picture.getAttribute(name) !== String(value)) picture.setAttribute(name, value);
		}
		picture.alt = now.attrs.alt ?? "";
		dom.dataset.shape = now.attrs.shape || "text";
		dom.toggleAttribute("data-no-alt", !now.attrs.alt);
		caption.toggleAttribute("data-empty", now.content.size === 0);
		for (const button of shapes) {
			button.setAttribute("aria-pressed", button.dataset.shape === now.attrs.shape);
		}
		if (document.activeElement !== alt.input) {
			alt.input.value = now.attrs.alt ?? "";
			alt.show();
		}
		return true;
	};
	update(node);
	return {
		dom,
		contentDOM: caption,
		update,
		stopEvent: ownEvents,
		ignoreMutation: (mutation) => mutation.type !== "selection" && !caption.contains(mutation.target),
	};
};

const replacePicture = async (editor, getPos, file) => {
	try {
		const { src, width, height } = await uploadFile(file);
		setAttributes(editor, getPos, { src, width, height });
	} catch (error) {
		alertUser(`${file.name}: ${error}`);
	}
};

/* --- a gallery --------------------------------------------------------------------------------- */

export const Gallery = Node.create({
	name: "gallery",
	group: "block",
	content: "inline*",
	draggable: true,
	isolating: true,
	defining: true,

	addAttributes: () => ({ pictures: unparsed([]), shape: unparsed("") }),

	parseHTML: () => [
		{
			tag: "figure",
			priority: 70,
			getAttrs: (figure) => {
				const found = [...figure.querySelectorAll("img[src]")];
				if (found.length < 2 && !figure.classList.contains("gallery")) return false;
				return found.length > 0 && {
					pictures: found.slice(0, MOST_IN_GALLERY).map((picture) => {
						const { src, alt, width, height } = pictureAttributes(picture);
						return { src, alt, width, height };
					}),
					shape: ["wide", "full"].find((name) => figure.classList.contains(name)) ?? "",
				};
			},
			contentElement: (figure) => figure.querySelector("figcaption") ?? document.createElement("span"),
		},
	],

	renderHTML: ({ node }) => [
		"figure",
		{ class: ["gallery", node.attrs.shape].filter(Boolean).join(" ") },
		...node.attrs.pictures.map((picture) => ["img", given({ ...picture, alt: picture.alt ?? "" })]),
		["figcaption", 0],
	],

	addNodeView: () => galleryView,
});

const galleryView = ({ node, editor, getPos }) => {
	let pictures = node.attrs.pictures;
	const grid = el("div", { class: "gallerygrid", contenteditable: "false" });
	const caption = el("figcaption", { "data-hint": say("captionHint") });
	const change = (
		now,
	) => (now.length ? setAttributes(editor, getPos, { pictures: now }) : removeAt(editor, getPos));
	const move = (from, to) => {
		if (to < 0 || to >= pictures.length || from === to) return;
		const now = pictures.toSpliced(from, 1);
		change(now.toSpliced(to, 0, pictures[from]));
	};
	const add = () => choosePictures(true, (files) => addToGallery(editor, getPos, files));
	const cell = (picture, index) => {
		const alt = altField(
			picture.alt,
			(value) => change(pictures.with(index, { ...picture, alt: value })),
		);
		return el(
			"div",
			{
				class: "cell",
				draggable: "true",
				ondragstart: (event) => {
					event.stopPropagation();
					event.dataTransfer.setData("application/x-gallery", `${index}`);
				},
				ondragover: (event) =>
					event.dataTransfer.types.includes("application/x-gallery") && event.preventDefault(),
				ondrop: (event) => {
					const from = event.dataTransfer.getData("application/x-gallery");
					if (from === "") return;
					event.preventDefault();
					event.stopPropagation();
					move(Number(from), index);
				},
			},
			el(
				"img",
				given({
					src: picture.src,
					alt: picture.alt ?? "",
					width: picture.width,
					height: picture.height,
				}),
			),
			el(
				"span",
				{ class: "row" },
				iconButton("left", say("moveLeft"), () => move(index, index - 1)),
				iconButton("right", say("moveRight"), () => move(index, index + 1)),
				iconButton("trash", say("remove"), () => change(pictures.toSpliced(index, 1))),
			),
			alt.box,
		);
	};
	const tools = el(
		"div",
		{ class: "blocktools", contenteditable: "false" },
		textButton(say("addPictures"), add),
		el(
			"span",
			{ class: "row" },
			...movers(editor, getPos),
			textButton(say("remove"), () => removeAt(editor, getPos)),
		),
	);
	const update = (now) => {
		if (now.type.name !== "gallery") return false;
		caption.toggleAttribute("data-empty", now.content.size === 0);
		if (now.attrs.pictures !== pictures || !grid.children.length) {
			pictures = now.attrs.pictures;
			grid.dataset.count = pictures.length;
			grid.replaceChildren(...pictures.map(cell));
		}
		return true;
	};
	update(node);
	return {
		dom: el("figure", { class: "galleryedit" }, grid, caption, tools),
		contentDOM: caption,
		update,
		stopEvent: (event) => ownEvents(event) || /^drag|drop/.test(event.type),
		ignoreMutation: (mutation) => mutation.type !== "selection" && !caption.contains(mutation.target),
	};
};

const addToGallery = async (editor, getPos, files) => {
	for (const file of files) {
		const { pictures } = editor.state.doc.nodeAt(getPos()).attrs;
		if (pictures.length >= MOST_IN_GALLERY) {
			alertUser(say("galleryFull"));
			return;
		}
		try {
			const { src, alt, width, height } = await uploadFile(file);
			const now = editor.state.doc.nodeAt(getPos()).attrs.pictures;
			setAttributes(editor, getPos, { pictures: [...now, { src, alt, width, height }] });
		} catch (error) {
			alertUser(`${file.name}: ${error}`);
		}
	}
};

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
		const caption = el("figcaption", { "data-hint": say("captionHint") });
		const update = (now) => {
			caption.toggleAttribute("data-empty", now.content.size === 0);
			return now.type.name === "audio";
		};
		update(node);
		const tools = el(
			"div",
			{ class: "blocktools", contenteditable: "false" },
			el(
				"span",
				{ class: "row" },
				...movers(editor, getPos),
				textButton(say("remove"), () => removeAt(editor, getPos)),
			),
		);
		const player = el("audio", {
			src: node.attrs.src,
			controls: true,
			preload: "none",
			contenteditable: "false",
		});
		return {
			dom: el("figure", { class: "audio" }, player, caption, tools),
			contentDOM: caption,
			update,
			stopEvent: ownEvents,
			ignoreMutation: (mutation) => mutation.type !== "selection" && !caption.contains(mutation.target),
		};
	},
});
