/* Tables with a caption, in a view without column widths. */
import { Table, TableCell, TableHeader } from "django-prose-editor/editor";
import { el, say, textButton } from "editor/dom";

export const PostTable = Table.extend({
	addAttributes: () => ({
		caption: { default: "", rendered: false, parseHTML: (e) => e.dataset.caption ?? "" },
	}),
	renderHTML: ({ node }) => [
		"table",
		node.attrs.caption ? { "data-caption": node.attrs.caption } : {},
		["tbody", 0],
	],
	addNodeView: () => ({ node }) => {
		const caption = el("caption", { contenteditable: "false" });
		const body = el("tbody");
		const update = (now) => {
			if (now.type.name !== "table") return false;
			caption.textContent = now.attrs.caption;
			caption.hidden = !now.attrs.caption;
			return true;
		};
		update(node);
		return {
			dom: el("div", { class: "tablebox" }, el("table", {}, caption, body)),
			contentDOM: body,
			update,
			ignoreMutation: (mutation) => mutation.type !== "selection" && !body.contains(mutation.target),
		};
	},
});

/* Without cell alignment: it would be a style attribute, which neither our policy nor a stored post allows. */
const withoutAlignment = {
	addAttributes() {
		const { align: _align, ...others } = this.parent();
		return others;
	},
};
export const PostTableCell = TableCell.extend(withoutAlignment);
export const PostTableHeader = TableHeader.extend(withoutAlignment);

/* The buttons above the text while the selection is in a table. */
export const tableTools = (editor) => {
	const act = (key, command) => textButton(say(key), () => editor.chain().focus()[command]().run());
	const caption = el("input", {
		type: "text",
		"aria-label": say("caption"),
		placeholder: say("caption"),
		onchange: () => editor.commands.updateAttributes("table", { caption: caption.value.trim() }),
		onkeydown: (event) => {
			if (event.key !== "Enter") return;
			event.preventDefault();
			editor.chain().updateAttributes("table", { caption: caption.value.trim() }).focus().run();
		},
	});
	const row = el(
		"div",
		{ class: "context", role: "group", "aria-label": say("tableTools") },
		act("header", "toggleHeaderRow"),
		act("rowAbove", "addRowBefore"),
		act("rowBelow", "addRowAfter"),
		act("deleteRow", "deleteRow"),
		act("columnBefore", "addColumnBefore"),
		act("columnAfter", "addColumnAfter"),
		act("deleteColumn", "deleteColumn"),
		act("merge", "mergeOrSplit"),
		act("deleteTable", "deleteTable"),
		caption,
	);
	return {
		row,
		show: () => {
			row.hidden = !editor.isActive("table");
			if (document.activeElement !== caption) {
				caption.value = editor.getAttributes("table").caption ?? "";
			}
		},
	};
};
