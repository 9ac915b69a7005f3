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

/* Every place of a text, in any case, within one paragraph each. */
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
	const open = shell.querySelector(".findbar");
	if (open) {
		open.querySelector("input").focus();
		return true;
	}
	const state = el("p", { role: "status" });
	const tell = () => {
		const { found, at } = key.getState(editor.state);
		state.textContent = found.length
			? say("foundAt", { number: at + 1, count: found.length })
			: input.value
			? say("nothing")
			: "";
	};
	const look = (asked) => {
		editor.view.dispatch(editor.state.tr.setMeta(key, asked));
		const { found, at } = key.getState(editor.state);
		if (found[at]) {
			const { node } = editor.view.domAtPos(found[at].from);
			(node.nodeType === 1 ? node : node.parentElement).scrollIntoView({ block: "center" });
		}
		tell();
	};
	const step = (by) => look({ at: key.getState(editor.state).at + by });
	const replaceOne = () => {
		const { found, at } = key.getState(editor.state);
		if (!found[at]) return;
		editor.view.dispatch(editor.state.tr.insertText(other.value, found[at].from, found[at].to));
		look({ at });
	};
	const replaceAll = () => {
		const { found } = key.getState(editor.state);
		const { tr } = editor.state;
		for (const { from, to } of [...found].reverse()) tr.insertText(other.value, from, to);
		editor.view.dispatch(tr);
		state.textContent = say("replaced", { count: found.length });
	};
	const close = () => {
		look({ wanted: "" });
		bar.remove();
		editor.commands.focus();
	};
	const input = el("input", {
		type: "search",
		"aria-label": say("findWhat"),
		placeholder: say("findWhat"),
		oninput: () => look({ wanted: input.value, at: 0 }),
	});
	const other = el("input", {
		type: "text",
		"aria-label": say("replaceWith"),
		placeholder: say("replaceWith"),
	});
	const bar = el(
		"div",
		{
			class: "findbar",
			role: "search",
			onkeydown: (event) => {
				if (event.key === "Escape") {
					event.preventDefault();
					close();
				} else if (event.key === "Enter" && event.target.matches("input")) {
					event.preventDefault();
					if (event.target === input) step(event.shiftKey ? -1 : 1);
					else replaceOne();
				}
			},
		},
		input,
		iconButton("up", say("previous"), () => step(-1)),
		iconButton("down", say("next"), () => step(1)),
		other,
		textButton(say("replaceOne"), replaceOne),
		textButton(say("replaceAll"), replaceAll),
		state,
		iconButton("x", say("close"), close),
	);
	shell.querySelector(".toolhead").append(bar);
	input.focus();
	return true;
};
