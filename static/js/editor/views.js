/* Shared by the views of all blocks: attributes, fields and buttons inside a block, moving it. */
import { pm } from "django-prose-editor/editor";
import { el, iconButton, say, textButton, uniqueId } from "editor/dom";
import { underway } from "editor/pictures";

const ALT_CHARACTERS = 250;

export const attribute = (name, fallback = null) => ({
	default: fallback,
	rendered: false,
	parseHTML: (e) => e.getAttribute(name) ?? fallback,
});
export const unparsed = (fallback = null) => ({ default: fallback, rendered: false });
export const number = (name) => ({
	default: null,
	rendered: false,
	parseHTML: (e) => Number.parseInt(e.getAttribute(name), 10) || null,
});
export const given = (attributes) =>
	Object.fromEntries(Object.entries(attributes).filter(([, value]) => value || value === ""));

/* --- shared by all views of blocks ---------------------------------------------------------- */

export const setAttributes = (editor, getPos, attributes) => {
	const node = editor.state.doc.nodeAt(getPos());
	editor.view.dispatch(
		editor.state.tr.setNodeMarkup(getPos(), undefined, { ...node.attrs, ...attributes }),
	);
};

export const removeAt = (editor, getPos) => {
	const node = editor.state.doc.nodeAt(getPos());
	editor.view.dispatch(editor.state.tr.delete(getPos(), getPos() + node.nodeSize));
	editor.view.focus();
};

/* Moves a whole block up or down among its siblings: dragging, for the keyboard. */
export const moveBlock = (editor, pos, step) => {
	const { doc, tr } = editor.state;
	const $pos = doc.resolve(pos);
	const node = doc.nodeAt(pos);
	const index = $pos.index() + step;
	const other = index < 0 ? null : $pos.parent.maybeChild(index);
	if (!other) return false;
	const to = step < 0 ? pos - other.nodeSize : pos + other.nodeSize;
	tr.delete(pos, pos + node.nodeSize).insert(to, node);
	tr.setSelection(pm.state.NodeSelection.create(tr.doc, to));
	editor.view.dispatch(tr.scrollIntoView());
	return true;
};

/* Focus the button of that name: the one that was pressed is gone if the block was rendered again. */
export const focusButton = (root, label) =>
	[...(root?.querySelectorAll("button") ?? [])].find((button) => button.title === label)?.focus();

const mover = (editor, getPos, picture, label, step) =>
	iconButton(picture, label, () => {
		if (!moveBlock(editor, getPos(), step)) return;
		focusButton(editor.view.nodeDOM(editor.state.selection.from), label);
	});

export const movers = (editor, getPos) => [
	mover(editor, getPos, "up", say("moveUp"), -1),
	mover(editor, getPos, "down", say("moveDown"), 1),
];

/* Events in fields and buttons inside a block are not handled by the editor. */
export const ownEvents = (event) => Boolean(event.target.closest?.("input, textarea, select, button"));

/* The view of a block with a caption, which is all that the editor manages. */
export const captioned = (dom, caption, update) => ({
	dom,
	contentDOM: caption,
	update,
	stopEvent: ownEvents,
	ignoreMutation: (mutation) => mutation.type !== "selection" && !caption.contains(mutation.target),
});

export const captionOf = () => el("figcaption", { "data-hint": say("captionHint") });

export const altField = (value, onchange) => {
	const help = el("span", { class: "hint", id: uniqueId("alt") });
	const input = el("input", {
		type: "text",
		maxlength: ALT_CHARACTERS,
		value,
		"aria-describedby": help.id,
		oninput: () => show(),
		onchange: () => onchange(input.value.trim()),
		onkeydown: (event) => event.key === "Enter" && event.preventDefault(),
	});
	const show = () => {
		help.textContent = `${say("altHelp")} ${say("altCount", { count: input.value.length })}`;
	};
	show();
	input.id = uniqueId("alt-input");
	const box = el("div", { class: "field" }, el("label", { for: input.id }, say("alt")), help, input);
	return { box, input, show };
};

/* The device's own file dialog. */
export const chooseFiles = (accept, multiple, then) => {
	const input = el("input", { type: "file", accept, multiple, onchange: () => then([...input.files]) });
	input.click();
};
export const PICTURE_TYPES = "image/jpeg,image/png,image/gif,image/webp,image/heic,image/heif,image/avif";
export const choosePictures = (multiple, then) => chooseFiles(PICTURE_TYPES, multiple, then);

/* A block without editable content: shown as a card with "Edit" and "Remove". */
export const cardView = (content, edit) => ({ node, editor, getPos }) => {
	const body = el("div", { class: "body" });
	const dom = el(
		"div",
		{ class: `card ${node.type.name}`, contenteditable: "false" },
		body,
		el(
			"span",
			{ class: "row" },
			...movers(editor, getPos),
			edit ? textButton(say("edit"), () => edit(editor, getPos)) : null,
			textButton(say("remove"), () => removeAt(editor, getPos)),
		),
	);
	const update = (now) => {
		if (now.type.name !== node.type.name) return false;
		body.replaceChildren(...content(now.attrs));
		return true;
	};
	update(node);
	return { dom, update, stopEvent: ownEvents, ignoreMutation: () => true };
};

/* The progress of an upload. */
export const progressOf = (id) => {
	const upload = underway.get(id);
	const bar = el("progress", { max: 1, "aria-label": upload?.name ?? "" });
	if (upload) {
		upload.show = () => {
			if (upload.part && upload.part < 1) bar.value = upload.part;
			else bar.removeAttribute("value");
		};
	}
	const box = { class: "uploading", role: "status", contenteditable: "false" };
	return el("div", box, el("span", {}, upload?.name ?? ""), bar);
};
