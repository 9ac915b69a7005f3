/* Find and replace in the text. */
import { Extension, pm } from "django-prose-editor/editor";
import { el, iconButton, say, textButton } from "editor/dom";

const key = new pm.state.PluginKey("find");

export const Find = Extension.create({
	name: "find",
	addProseMirrorPlugins: () => [
		new pm.state.Plugin({
			key,
			state: {
				init: () => ({ wanted: "", at: 0, found: [], marks: pm.view.DecorationSet.empty }),
				apply: (tr, before) => {
					const asked = tr.getMeta(key);
					if (!asked && !(tr.docChanged && before.wanted)) return before;
					const { wanted, at } = { ...before, ...asked };
					const found = search(tr.doc, wanted);
					const place = found.length ? (at + found.length) % found.length : 0;
					return { wanted, at: place, found, marks: marksOf(tr.doc, found, place) };
				},
			},
			props: { decorations: (state) => key.getState(state).marks },
		}),
	],
	addKeyboardShortcuts() {
		return { "Mod-Shift-f": ({ editor }) => openFind(editor, editor.view.dom.closest(".post-editor")) };
	},
});

/* All occurrences of a text, ignoring case, each within one paragraph. */
const search = (doc, wanted) => {
	const found = [];
	const small = wanted.toLocaleLowerCase();
	if (!small) return found;
	doc.descendants((node, pos) => {
		if (!node.isTextblock) return true;
		const text = node.textBetween(0, node.content.size, "\ufffc", "\ufffc").toLocaleLowerCase();
		for (let at = text.indexOf(small); at >= 0; at = text.indexOf(small, at + small.length)) {
			found.push({ from: pos + 1 + at, to: pos + 1 + at + small.length });
		}
		return false;
	});
	return found;
};

const marksOf = (doc, found, place) =>
	pm.view.DecorationSet.create(
		doc,
		found.map(({ from, to }, index) =>
			pm.view.Decoration.inline(from, to, { class: index === place ? "found here" : "found" })
		),
	);

export const openFind = (editor, shell) => {
	const open = shell.querySelector(".findbar input");
	if (open) open.focus();
	else new FindBar(editor, shell);
	return true;
};

class FindBar {
	constructor(editor, shell) {
		this.editor = editor;
		this.state = el("p", { role: "status" });
		this.input = this.box("search", "findWhat", () => this.look({ wanted: this.input.value, at: 0 }));
		this.other = this.box("text", "replaceWith");
		this.bar = el(
			"div",
			{ class: "findbar", role: "search", onkeydown: (event) => this.key(event) },
			this.input,
			iconButton("up", say("previous"), () => this.step(-1)),
			iconButton("down", say("next"), () => this.step(1)),
			this.other,
			textButton(say("replaceOne"), () => this.replaceOne()),
			textButton(say("replaceAll"), () => this.replaceAll()),
			this.state,
			iconButton("x", say("close"), () => this.close()),
		);
		shell.querySelector(".toolhead").append(this.bar);
		this.input.focus();
	}
	box(type, label, oninput = () => {}) {
		return el("input", { type, "aria-label": say(label), placeholder: say(label), oninput });
	}
	key(event) {
		if (event.key === "Escape") {
			event.preventDefault();
			this.close();
		} else if (event.key === "Enter" && event.target.matches("input")) {
			event.preventDefault();
			if (event.target === this.input) this.step(event.shiftKey ? -1 : 1);
			else this.replaceOne();
		}
	}
	now() {
		return key.getState(this.editor.state);
	}
	look(asked) {
		this.editor.view.dispatch(this.editor.state.tr.setMeta(key, asked));
		const { found, at } = this.now();
		if (found[at]) {
			const { node } = this.editor.view.domAtPos(found[at].from);
			(node.nodeType === 1 ? node : node.parentElement).scrollIntoView({ block: "center" });
		}
		const none = this.input.value ? say("nothing") : "";
		this.state.textContent = found.length
			? say("foundAt", { number: at + 1, count: found.length })
			: none;
	}
	step(by) {
		this.look({ at: this.now().at + by });
	}
	replaceOne() {
		const { found, at } = this.now();
		if (!found[at]) return;
		this.editor.view.dispatch(
			this.editor.state.tr.insertText(this.other.value, found[at].from, found[at].to),
		);
		this.look({ at });
	}
	replaceAll() {
		const { found } = this.now();
		const { tr } = this.editor.state;
		for (const { from, to } of [...found].reverse()) tr.insertText(this.other.value, from, to);
		this.editor.view.dispatch(tr);
		this.state.textContent = say("replaced", { count: found.length });
	}
	close() {
		this.look({ wanted: "" });
		this.bar.remove();
		this.editor.commands.focus();
	}
}
