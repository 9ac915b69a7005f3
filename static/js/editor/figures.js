/* Blocks with files: pictures, galleries, and uploads in progress. */
import { Node } from "django-prose-editor/editor";
import { alertUser, el, iconButton, say, textButton } from "editor/dom";
import { uploadFile } from "editor/pictures";
import {
	altField,
	captioned,
	captionOf,
	choosePictures,
	focusButton,
	given,
	movers,
	ownEvents,
	progressOf,
	removeAt,
	setAttributes,
	unparsed,
} from "editor/views";

const MAX_IN_GALLERY = 9;

/* --- an upload in progress -------------------------------------------------------------------- */

export const Upload = Node.create({
	name: "upload",
	group: "block",
	atom: true,
	selectable: true,
	addAttributes: () => ({ id: { ...unparsed(), parseHTML: (e) => e.dataset.upload } }),
	parseHTML: () => [{ tag: "div[data-upload]" }],
	renderHTML: () => ["div", { "data-unfinished": "" }],
	addNodeView: () => ({ node }) => ({ dom: progressOf(node.attrs.id) }),
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
		upload: unparsed(),
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
		const { src, alt, width, height, link, shape, upload } = node.attrs;
		if (upload) return ["figure", { "data-unfinished": "" }, ["figcaption", 0]];
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
		upload: picture.dataset.upload ?? null,
	};
};

/* The three widths as buttons. {box, show(shape)}. */
const shapeButtons = (editor, getPos) => {
	const buttons = Object.entries(SHAPES).map(([shape, key]) =>
		textButton(say(key), () => setAttributes(editor, getPos, { shape }), { "data-shape": shape })
	);
	const show = (now) => {
		for (const button of buttons) button.setAttribute("aria-pressed", `${button.dataset.shape === now}`);
	};
	return { box: el("div", { class: "seg", role: "group", "aria-label": say("width") }, ...buttons), show };
};

const pictureTools = (editor, getPos, shapes) =>
	el(
		"div",
		{ class: "blocktools", contenteditable: "false" },
		shapes.box,
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

const pictureView = ({ node, editor, getPos }) => {
	const picture = el("img", { draggable: "true" });
	const caption = captionOf();
	const alt = altField(node.attrs.alt, (value) => setAttributes(editor, getPos, { alt: value }));
	alt.box.contentEditable = "false";
	const shapes = shapeButtons(editor, getPos);
	const dom = el(
		"figure",
		{ class: "picture" },
		picture,
		caption,
		pictureTools(editor, getPos, shapes),
		alt.box,
	);
	const busy = node.attrs.upload ? progressOf(node.attrs.upload) : null;
	if (busy) dom.prepend(busy);
	const update = (now) => {
		if (now.type.name !== "picture") return false;
		const { src, width, height, shape, upload } = now.attrs;
		dom.toggleAttribute("data-busy", Boolean(upload));
		if (!upload) busy?.remove();
		picture.hidden = Boolean(upload);
		for (const [name, value] of Object.entries(given({ src, width, height }))) {
			if (picture.getAttribute(name) !== String(value)) picture.setAttribute(name, value);
		}
		picture.alt = now.attrs.alt ?? "";
		dom.dataset.shape = shape || "text";
		dom.toggleAttribute("data-no-alt", !now.attrs.alt);
		caption.toggleAttribute("data-empty", now.content.size === 0);
		shapes.show(shape);
		if (document.activeElement !== alt.input) {
			alt.input.value = now.attrs.alt ?? "";
			alt.show();
		}
		return true;
	};
	update(node);
	return captioned(dom, caption, update);
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
					pictures: found.slice(0, MAX_IN_GALLERY).map((picture) => {
						const { src, alt, width, height, upload } = pictureAttributes(picture);
						return { src, alt, width, height, ...(upload ? { upload } : {}) };
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
		...node.attrs.pictures.filter((picture) => !picture.upload)
			.map(({ src, alt, width, height }) => ["img", given({ src, alt: alt ?? "", width, height })]),
		["figcaption", 0],
	],

	addNodeView: () => (about) => new GalleryView(about),
});

const IN_GALLERY = "application/x-gallery";

class GalleryView {
	constructor({ node, editor, getPos }) {
		Object.assign(this, { editor, getPos });
		this.grid = el("div", { class: "gallerygrid", contenteditable: "false" });
		this.contentDOM = captionOf();
		this.shapes = shapeButtons(editor, getPos);
		this.dom = el("figure", { class: "galleryedit" }, this.grid, this.contentDOM, this.tools());
		this.update(node);
	}
	tools() {
		const add = () => choosePictures(true, (files) => addToGallery(this.editor, this.getPos, files));
		return el(
			"div",
			{ class: "blocktools", contenteditable: "false" },
			this.shapes.box,
			el(
				"span",
				{ class: "row" },
				textButton(say("addPictures"), add),
				...movers(this.editor, this.getPos),
				textButton(say("remove"), () => removeAt(this.editor, this.getPos)),
			),
		);
	}
	update(node) {
		if (node.type.name !== "gallery") return false;
		this.contentDOM.toggleAttribute("data-empty", node.content.size === 0);
		this.dom.dataset.shape = node.attrs.shape || "text";
		this.shapes.show(node.attrs.shape);
		if (node.attrs.pictures !== this.pictures) this.draw(node.attrs.pictures);
		return true;
	}
	/* Rendered again only if pictures were added, removed or moved: fields for alt texts keep their state. */
	draw(pictures) {
		const isSame = pictures.length === this.pictures?.length &&
			pictures.every(({ src, upload }, at) =>
				src === this.pictures[at].src && upload === this.pictures[at].upload
			);
		this.pictures = pictures;
		if (!isSame) {
			this.cells = pictures.map((picture, index) => this.cell(picture, index));
			this.grid.replaceChildren(...this.cells.map(({ dom }) => dom));
		} else this.cells.forEach(({ show }, index) => show(pictures[index].alt ?? ""));
	}
	change(pictures) {
		if (pictures.length) setAttributes(this.editor, this.getPos, { pictures });
		else removeAt(this.editor, this.getPos);
	}
	/* Returns the new position of the picture. */
	move(from, to) {
		if (to < 0 || to >= this.pictures.length || from === to) return from;
		this.change(this.pictures.toSpliced(from, 1).toSpliced(to, 0, this.pictures[from]));
		return to;
	}
	remove(index) {
		this.change(this.pictures.toSpliced(index, 1));
		return Math.min(index, this.pictures.length - 1);
	}
	cell(picture, index) {
		const { src, width, height } = picture;
		const alt = altField(
			picture.alt,
			(value) => this.change(this.pictures.with(index, { ...this.pictures[index], alt: value })),
		);
		const image = picture.upload
			? progressOf(picture.upload)
			: el("img", given({ src, alt: picture.alt ?? "", width, height }));
		const show = (text) => {
			if (!picture.upload) image.alt = text;
			if (document.activeElement === alt.input) return;
			alt.input.value = text;
			alt.show();
		};
		/* `run` returns the position where the button of that name keeps the focus. */
		const button = (name, key, run) =>
			iconButton(name, say(key), () => focusButton(this.grid.children[run()], say(key)));
		const dom = el(
			"div",
			{ class: "cell", draggable: "true", ...this.dragging(index) },
			image,
			el(
				"span",
				{ class: "row" },
				button("left", "moveLeft", () => this.move(index, index - 1)),
				button("right", "moveRight", () => this.move(index, index + 1)),
				button("trash", "remove", () => this.remove(index)),
			),
			alt.box,
		);
		return { dom, show };
	}
	dragging(index) {
		return {
			ondragstart: (event) => {
				event.stopPropagation();
				event.dataTransfer.setData(IN_GALLERY, `${index}`);
			},
			ondragover: (event) => event.dataTransfer.types.includes(IN_GALLERY) && event.preventDefault(),
			ondrop: (event) => {
				const from = event.dataTransfer.getData(IN_GALLERY);
				if (from === "") return;
				event.preventDefault();
				event.stopPropagation();
				this.move(Number(from), index);
			},
		};
	}
	stopEvent(event) {
		return ownEvents(event) || /^(drag|drop)/.test(event.type);
	}
	ignoreMutation(mutation) {
		return mutation.type !== "selection" && !this.contentDOM.contains(mutation.target);
	}
}

const addToGallery = async (editor, getPos, files) => {
	for (const file of files) {
		const { pictures } = editor.state.doc.nodeAt(getPos()).attrs;
		if (pictures.length >= MAX_IN_GALLERY) {
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
