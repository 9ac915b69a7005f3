/* The editor of posts: replaces a text field, and writes into it. */
import {
	Bold,
	BulletList,
	Code,
	CodeBlock,
	Document,
	Dropcursor,
	Editor,
	Extension,
	Gapcursor,
	HardBreak,
	Heading,
	History,
	HorizontalRule,
	Italic,
	Link,
	ListItem,
	OrderedList,
	Paragraph,
	Placeholder,
	pm,
	Strike,
	Subscript,
	Superscript,
	TableRow,
	Text,
	TrailingNode,
	Underline,
} from "django-prose-editor/editor";
import { Autosave } from "editor/autosave";
import * as blocks from "editor/blocks";
import * as figures from "editor/figures";
import { alertUser, el, say, setUp } from "editor/dom";
import { Find } from "editor/find";
import { fromEditor, toEditor } from "editor/html";
import { InsertCommands } from "editor/insert";
import { SlashMenu } from "editor/menus";
import { Paste } from "editor/paste";
import { arrival, isUnderway } from "editor/pictures";
import { TabStops } from "editor/stops";
import { PostTable, PostTableCell, PostTableHeader } from "editor/tables";
import { moveBlock } from "editor/views";
import { editLink, makeStatus, makeToolbar } from "editor/toolbar";

/* The direction of a block that its author or an import has set. */
const Direction = Extension.create({
	name: "direction",
	addGlobalAttributes: () => [
		{
			types: ["paragraph", "heading", "blockquote", "bulletList", "orderedList", "listItem"],
			attributes: {
				dir: {
					default: null,
					parseHTML: (
						e,
					) => (["ltr", "rtl"].includes(e.getAttribute("dir")) ? e.getAttribute("dir") : null),
				},
			},
		},
	],
});

const Keys = Extension.create({
	name: "postKeys",
	addKeyboardShortcuts: () => ({
		"Mod-k": ({ editor }) => {
			editLink(editor);
			return true;
		},
		"Alt-ArrowUp": ({ editor }) => moveSelected(editor, -1),
		"Alt-ArrowDown": ({ editor }) => moveSelected(editor, 1),
		ArrowUp: ({ editor }) => crossPicture(editor, "up", -1),
		ArrowDown: ({ editor }) => crossPicture(editor, "down", 1),
		Enter: ({ editor }) => {
			const { node } = editor.state.selection;
			if (node?.type.name === "video") return editor.commands.editVideo(editor.state.selection.from);
			if (node?.type.name === "bookmark") {
				return editor.commands.editBookmark(editor.state.selection.from);
			}
			return leaveCaption(editor);
		},
	}),
});

/* The selected block, or the one with the caption under the cursor. */
const moveSelected = (editor, step) => {
	const { selection } = editor.state;
	const pos = selection.node ? selection.from : selection.$from.depth ? selection.$from.before(1) : null;
	return pos !== null && moveBlock(editor, pos, step);
};

const CAPTIONED = ["picture", "gallery", "audio"];

/* From a caption to the text above or below it, and back: browsers stop at the picture. */
const crossPicture = (editor, direction, step) => {
	const { doc, selection, tr } = editor.state;
	const { $from, empty } = selection;
	if (!empty || !$from.parent.isTextblock) return false;
	const edge = doc.resolve(step < 0 ? $from.before() : $from.after());
	const next = pm.state.Selection.findFrom(edge, step);
	const isAtCaption = [$from, next?.$from].some((place) => CAPTIONED.includes(place?.parent.type.name));
	if (!next || !isAtCaption || !editor.view.endOfTextblock(direction)) return false;
	editor.view.dispatch(tr.setSelection(next).scrollIntoView());
	return true;
};

/* Enter in a caption or a button continues below it. */
const leaveCaption = (editor) => {
	const { $from } = editor.state.selection;
	if (![...CAPTIONED, "buttonLink"].includes($from.parent.type.name)) return false;
	const after = $from.after();
	const { tr } = editor.state;
	tr.insert(after, editor.schema.nodes.paragraph.create());
	tr.setSelection(pm.state.TextSelection.create(tr.doc, after + 1));
	editor.view.dispatch(tr.scrollIntoView());
	return true;
};

const extensions = () => [
	Document,
	Text,
	Paragraph,
	HardBreak,
	Bold,
	Italic,
	Strike,
	Subscript,
	Superscript,
	Underline,
	Code,
	Heading.configure({ levels: [2, 3, 4] }),
	CodeBlock,
	HorizontalRule,
	BulletList,
	ListItem,
	OrderedList.configure({ enableListAttributes: false }),
	Link.configure({
		enableTarget: false,
		openOnClick: false,
		autolink: true,
		protocols: ["http", "https", "mailto"],
	}),
	PostTable,
	TableRow,
	PostTableHeader,
	PostTableCell,
	History,
	Gapcursor,
	Dropcursor,
	TrailingNode,
	Placeholder.configure({ placeholder: say("placeholder") }),
	figures.Picture,
	figures.Gallery,
	blocks.Quote,
	blocks.Callout,
	blocks.Footnote,
	blocks.ButtonLink,
	blocks.File,
	blocks.Audio,
	blocks.Video,
	blocks.Bookmark,
	blocks.ReadMore,
	figures.Upload,
	Direction,
	Keys,
	Find,
	InsertCommands,
	SlashMenu,
	Paste,
	TabStops,
]; // deno-fmt-ignore

/* Creates the editor on an element, with the field's attributes for screen readers. */
const makeEditor = (textarea, sheet, onUpdate) => {
	const label = textarea.labels[0]?.textContent.trim().replace(/:$/, "") ?? say("text");
	const describedBy = textarea.getAttribute("aria-describedby");
	const attributes = { "aria-label": label, "aria-multiline": "true", role: "textbox", class: "words" };
	if (describedBy) attributes["aria-describedby"] = describedBy;
	const editor = new Editor({
		element: sheet,
		editable: !textarea.disabled,
		injectCSS: false,
		extensions: extensions(),
		content: toEditor(textarea.value),
		editorProps: { attributes },
		onUpdate,
	});
	/* Add the paragraph after a last picture or card before the first key; it does not count as a change. */
	editor.view.dispatch(editor.state.tr.setMeta("preventUpdate", true).setMeta("addToHistory", false));
	return editor;
};

/* The form is sent when all uploads are done, since unfinished ones would be missing. */
const waitForUploads = async (event) => {
	if (!isUnderway()) return;
	event.preventDefault();
	event.stopImmediatePropagation();
	const { target, submitter } = event;
	const line = alertUser(say("waitingForUploads"));
	const isComplete = await arrival();
	line.remove();
	if (isComplete) target.requestSubmit(submitter);
};

const start = (textarea) => {
	const config = JSON.parse(textarea.dataset.editor);
	const { form } = textarea;
	const [alerts, notices, sheet] = ["alerts", "notices", "sheet"].map((name) => el("div", { class: name }));
	setUp({ ...config, alerts, token: () => form.querySelector("[name=csrfmiddlewaretoken]").value });
	const shell = el("div", { class: "post-editor" });
	textarea.before(shell);
	/* The field is written when it is read, not at each key, since a long text takes a while. Untouched text
	   stays byte for byte. */
	let isWritten = true;
	const editor = makeEditor(textarea, sheet, () => {
		isWritten = false;
		textarea.dispatchEvent(new Event("input", { bubbles: true }));
	});
	const write = () => {
		if (!isWritten) textarea.value = fromEditor(editor);
		isWritten = true;
		return textarea.value;
	};
	const status = makeStatus(editor, config.language);
	shell.append(makeToolbar(editor, shell), notices, alerts, sheet, status.row, textarea);
	textarea.hidden = true;
	textarea.labels[0]?.addEventListener("click", () => editor.commands.focus());
	const other = (name) => form.querySelector(`[name=${name}]`) ?? { value: "" };
	const autosave = new Autosave(config, {
		form,
		notices,
		show: status.show,
		read: () => ({ title: other("title").value, summary: other("summary").value, body: write() }),
		write: ({ title, summary, body }) => {
			other("title").value = title;
			other("summary").value = summary;
			editor.commands.setContent(toEditor(body), { emitUpdate: false });
			textarea.value = body;
			isWritten = true;
		},
	});
	form.addEventListener("submit", waitForUploads, true);
	form.addEventListener("submit", write, true);
	form.addEventListener("formdata", write);
	const detail = { editor, autosave, textarea };
	textarea.dispatchEvent(new CustomEvent("post-editor:ready", { detail, bubbles: true }));
};

for (const textarea of document.querySelectorAll("textarea[data-editor]")) start(textarea);
