/* The toolbar above the text, the row for the current selection, and the status line with word count and
   state. */
import { el, icon, iconButton, isWebAddress, say, textButton } from "editor/dom";
import { ask } from "editor/dialogs";
import { openFind } from "editor/find";
import { insertCard } from "editor/insert";
import { insertButton, popMenu } from "editor/menus";
import { insertFiles } from "editor/pictures";
import { tableTools } from "editor/tables";
import { choosePictures } from "editor/views";

const WORDS_PER_MINUTE = 220;
/* In characters; words of longer texts are counted by spaces, which is faster. */
const LONG_TEXT = 300_000;
const LANGUAGES =
	"bash c cpp csharp css diff django go html java javascript json kotlin lua markdown php powershell python " +
	"ruby rust scala sql swift toml typescript xml yaml";

/* [name, icon or letter, is active, action] */
const toggles = [
	["bold", "bold", ["bold"], "toggleBold"],
	["italic", "italic", ["italic"], "toggleItalic"],
	null,
	["h2", "h2", ["heading", { level: 2 }], "toggleHeading", { level: 2 }],
	["h3", "h3", ["heading", { level: 3 }], "toggleHeading", { level: 3 }],
	["quote", "quote", ["blockquote"], "toggleBlockquote"],
	["bullets", "list", ["bulletList"], "toggleBulletList"],
	["numbers", "numbers", ["orderedList"], "toggleOrderedList"],
	null,
];
const SHORTCUTS = {
	bold: "B",
	italic: "I",
	h2: "Alt+2",
	h3: "Alt+3",
	quote: "Shift+B",
	bullets: "Shift+8",
	numbers: "Shift+7",
	link: "K",
	undo: "Z",
	redo: "Shift+Z",
	find: "Shift+F",
};
const MOD = /Mac|iP(hone|ad)/.test(navigator.platform) ? ["⌘", "Meta"] : ["Ctrl", "Control"];
const rarer = [
	["strike", ["strike"], "toggleStrike"],
	["code", ["code"], "toggleCode"],
	["sub", ["subscript"], "toggleSubscript"],
	["sup", ["superscript"], "toggleSuperscript"],
	["h4", ["heading", { level: 4 }], "toggleHeading", { level: 4 }],
];

export const editLink = async (editor) => {
	const { href } = editor.getAttributes("link");
	const { from, to, empty } = editor.state.selection;
	const isNew = empty && !href;
	const check = (text) =>
		/^(https?:\/\/|mailto:|\/|#)/i.test(text) || isWebAddress(`https://${text}`) ? "" : say("badAddress");
	const values = await ask(say("link"), {
		href: { label: say("url"), value: href ?? "", check },
		...(isNew ? { label: { label: say("label") } } : {}),
	});
	if (!values) return editor.commands.focus();
	const address = /^(https?:\/\/|mailto:|\/|#)/i.test(values.href) ? values.href : `https://${values.href}`;
	const mark = { type: "link", attrs: { href: address } };
	if (isNew) {
		editor.chain().focus().insertContent({
			type: "text",
			text: values.label || values.href,
			marks: [mark],
		}).run();
	} else {
		const chain = editor.chain().focus(null, { scrollIntoView: false });
		(href ? chain.extendMarkRange("link") : chain.setTextSelection({ from, to })).setMark(
			"link",
			mark.attrs,
		).run();
	}
};

export const makeToolbar = (editor, shell) => {
	const shown = [];
	const button = (name, picture, isOn, run) => {
		const keys = SHORTCUTS[name];
		const made = iconButton(picture, say(name), run, {
			...(isOn ? { "aria-pressed": "false" } : {}),
			...(keys
				? { "aria-keyshortcuts": `${MOD[1]}+${keys}`, title: `${say(name)} (${MOD[0]}+${keys})` }
				: {}),
		});
		if (isOn) shown.push([made, isOn]);
		return made;
	};
	const bar = el("div", { class: "tools", role: "toolbar", "aria-label": say("formatting") });
	for (const toggle of toggles) {
		if (!toggle) {
			bar.append(el("span", { class: "sep", "aria-hidden": "true" }));
			continue;
		}
		const [name, picture, on, command, ...values] = toggle;
		bar.append(
			button(
				name,
				picture,
				() => editor.isActive(...on),
				() => editor.chain().focus()[command](...values).run(),
			),
		);
	}
	bar.append(
		button("link", "link", () => editor.isActive("link"), () => editLink(editor)),
		button("picture", "image", null, () => choosePictures(true, (files) => insertFiles(editor, files))),
		button(
			"table",
			"table",
			() => editor.isActive("table"),
			() => editor.chain().focus().insertTable({ rows: 3, cols: 3, withHeaderRow: true }).run(),
		),
		...insertButton(editor),
		el("span", { class: "sep", "aria-hidden": "true" }),
		...moreButton(editor),
		button("undo", "undo", null, () => editor.chain().focus().undo().run()),
		button("redo", "redo", null, () => editor.chain().focus().redo().run()),
		button("find", "search", null, () => openFind(editor, shell)),
		fullButton(shell, shown),
	);
	roveFocus(bar);
	const contexts = [tableTools(editor), codeTools(editor), linkTools(editor), buttonTools(editor)];
	const update = () => {
		for (const [made, isOn] of shown) made.setAttribute("aria-pressed", `${isOn()}`);
		for (const context of contexts) context.show();
	};
	editor.on("transaction", update);
	update();
	return el("div", { class: "toolhead" }, bar, ...contexts.map(({ row }) => row));
};

const moreButton = (editor) => {
	const [button, list] = popMenu("dots", say("more"), () => [
		...rarer.map(([name, on, command, ...values]) =>
			item(name, () => editor.chain().focus()[command](...values).run(), {
				role: "menuitemcheckbox",
				"aria-checked": `${editor.isActive(...on)}`,
			})
		),
		item("clear", () => editor.chain().focus().unsetAllMarks().clearNodes().run(), { role: "menuitem" }),
	]);
	const item = (name, run, attributes) =>
		el(
			"button",
			{
				type: "button",
				...attributes,
				onclick: () => {
					list.hidePopover();
					run();
				},
			},
			el("span", {}, say(name)),
		);
	return [button, list];
};

const fullButton = (shell, shown) => {
	const isFull = () => shell.classList.contains("full");
	const toggle = () => {
		shell.classList.toggle("full");
		document.documentElement.classList.toggle("editor-full", isFull());
		made.title = say(isFull() ? "leaveFull" : "full");
		made.setAttribute("aria-label", made.title);
		made.setAttribute("aria-pressed", `${isFull()}`);
	};
	const made = iconButton("full", say("full"), toggle, { "aria-pressed": "false" });
	shown.push([made, isFull]);
	shell.addEventListener("keydown", (event) => {
		if (event.key === "Escape" && isFull() && !event.defaultPrevented) toggle();
	});
	return made;
};

/* One Tab stop for the whole toolbar; arrow keys move within it (ARIA Authoring Practices, toolbar). */
const roveFocus = (bar) => {
	const buttons = () => [...bar.querySelectorAll(":scope > button")];
	buttons().forEach((button, index) => (button.tabIndex = index ? -1 : 0));
	bar.addEventListener("keydown", (event) => {
		const all = buttons();
		const at = all.indexOf(document.activeElement);
		const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
		if (at < 0 || to === undefined) return;
		event.preventDefault();
		const next = all[(to + all.length) % all.length];
		all.forEach((button) => (button.tabIndex = button === next ? 0 : -1));
		next.focus();
	});
};

const codeTools = (editor) => {
	const list = el("select", {
		onchange: () =>
			editor.chain().focus().updateAttributes("codeBlock", { language: list.value || null }).run(),
	});
	list.append(
		el("option", { value: "" }, say("plainText")),
		...LANGUAGES.split(" ").map((name) => el("option", { value: name }, name)),
	);
	const row = el("div", { class: "context" }, el("label", {}, `${say("language")} `, list));
	return {
		row,
		show: () => {
			row.hidden = !editor.isActive("codeBlock");
			const language = editor.getAttributes("codeBlock").language ?? "";
			if (language && ![...list.options].some((option) => option.value === language)) {
				list.append(el("option", { value: language }, language));
			}
			list.value = language;
		},
	};
};

const linkTools = (editor) => {
	const open = el("a", { target: "_blank", rel: "noopener" });
	const asCard = textButton(say("asCard"), () => {
		const { href } = editor.getAttributes("link");
		const { $from } = editor.state.selection;
		editor.chain().focus().deleteRange({ from: $from.start(), to: $from.end() }).run();
		insertCard(editor, href);
	});
	const row = el(
		"div",
		{ class: "context" },
		open,
		textButton(say("edit"), () => editLink(editor)),
		asCard,
		textButton(say("removeLink"), () => editor.chain().focus().extendMarkRange("link").unsetLink().run()),
	);
	return {
		row,
		show: () => {
			const { href } = editor.getAttributes("link");
			row.hidden = !href;
			if (!href) return;
			open.href = href;
			open.textContent = href.length > 60 ? `${href.slice(0, 59)}…` : href;
			const { parent, depth } = editor.state.selection.$from;
			let isAlone = depth === 1 && /^https?:/.test(href) && parent.childCount === 1;
			parent.forEach((child) => (isAlone &&= child.marks.some((mark) => mark.attrs.href === href)));
			asCard.hidden = !isAlone;
		},
	};
};

const buttonTools = (editor) => {
	const input = el("input", {
		type: "url",
		"aria-label": say("url"),
		onchange: () => editor.commands.updateAttributes("buttonLink", { href: input.value.trim() }),
		onkeydown: (event) => {
			if (event.key !== "Enter") return;
			event.preventDefault();
			editor.chain().updateAttributes("buttonLink", { href: input.value.trim() }).focus().run();
		},
	});
	const row = el("div", { class: "context" }, el("label", {}, `${say("url")} `, input));
	return {
		row,
		show: () => {
			row.hidden = !editor.isActive("buttonLink");
			if (document.activeElement !== input) input.value = editor.getAttributes("buttonLink").href ?? "";
		},
	};
};

/* Words and reading time, counted as on the page, and the state of saving. */
export const makeStatus = (editor, language) => {
	const count = el("p", { class: "count" });
	const state = el("p", { class: "state", role: "status" });
	const segments = new Intl.Segmenter(language, { granularity: "word" });
	const update = () => {
		const text = editor.state.doc.textBetween(0, editor.state.doc.content.size, " ", " ");
		let words = 0;
		if (text.length > LONG_TEXT) words = text.split(/\s+/).length;
		else for (const { isWordLike } of segments.segment(text)) words += isWordLike ? 1 : 0;
		const minutes = Math.max(1, Math.ceil(words / WORDS_PER_MINUTE));
		count.textContent = [
			say(words === 1 ? "word" : "words", { count: words }),
			say(minutes === 1 ? "minute" : "minutes", { count: minutes }),
		].join(" · ");
	};
	let waiting = 0;
	editor.on("update", () => {
		clearTimeout(waiting);
		waiting = setTimeout(update, 300);
	});
	update();
	const show = (key, isGood) => {
		state.replaceChildren(isGood ? icon("check") : "", say(key));
		state.dataset.state = key;
	};
	return { row: el("div", { class: "statusline" }, count, state), show };
};
