/* The menu of "+", and of "/" at the beginning of a line or word. */
import { Extension, pm } from "django-prose-editor/editor";
import { el, icon, iconButton, say, uniqueId } from "editor/dom";
import { items } from "editor/insert";

const matching = (query) => {
	const wanted = query.toLocaleLowerCase();
	return items.filter(([key, , , words]) =>
		`${say(key)} ${words} ${say(`${key}Hint`)}`.toLocaleLowerCase().split(/\s+/).some((word) =>
			word.startsWith(wanted)
		)
	);
};

/* A list of matches, one of which is active. */
class Menu {
	constructor(editor, choose) {
		this.editor = editor;
		this.choose = choose;
		this.list = el("ul", {
			class: "insertmenu",
			role: "listbox",
			id: uniqueId("insert"),
			"aria-label": say("insert"),
		});
		this.at = 0;
	}
	show(query) {
		this.found = matching(query);
		this.at = Math.min(this.at, Math.max(0, this.found.length - 1));
		this.list.replaceChildren(
			...this.found.map(([key, picture], index) => {
				const hint = say(`${key}Hint`);
				return el(
					"li",
					{
						role: "option",
						id: `${this.list.id}-${index}`,
						"aria-selected": `${index === this.at}`,
						onmousedown: (event) => event.preventDefault(), /* the text keeps the focus */
						onclick: () => this.take(index),
					},
					icon(picture),
					el("span", {}, say(key)),
					hint === `${key}Hint` ? null : el("small", {}, hint),
				);
			}),
		);
		if (!this.found.length) this.list.append(el("li", { class: "none" }, say("nothing")));
		this.list.children[this.at]?.scrollIntoView({ block: "nearest" });
	}
	move(step, query) {
		this.at = (this.at + step + this.found.length) % Math.max(1, this.found.length);
		this.show(query);
	}
	take(index = this.at) {
		const found = this.found[index];
		if (found) this.choose(found[2]);
		return Boolean(found);
	}
}

/* --- "/" ---------------------------------------------------------------------------------- */

export const SlashMenu = Extension.create({
	name: "slashMenu",
	priority: 900,
	addProseMirrorPlugins() {
		const { editor } = this;
		return [
			new pm.state.Plugin({
				view: (view) => new Slash(editor, view),
				props: { handleKeyDown: (_view, event) => editor.slash?.key(event) ?? false },
			}),
		];
	},
});

class Slash {
	constructor(editor, view) {
		this.editor = editor;
		this.menu = new Menu(editor, (run) => {
			const { from, to } = this.range;
			this.close();
			editor.chain().focus().deleteRange({ from, to }).run();
			run(editor);
		});
		this.dismissed = null;
		editor.slash = this;
		this.onBlur = () => this.close();
		view.dom.addEventListener("blur", this.onBlur);
	}
	update(view) {
		const { $from, empty } = view.state.selection;
		const before = empty && $from.parent.type.name === "paragraph"
			? $from.parent.textBetween(0, $from.parentOffset, null, "\ufffc")
			: "";
		const found = /(?:^|\s)\/([\p{L}\p{N}]{0,20})$/u.exec(before);
		if (!found || !view.hasFocus() || this.dismissed === $from.pos - found[1].length) {
			if (!found) this.dismissed = null;
			return this.close();
		}
		this.query = found[1];
		this.range = { from: $from.pos - found[1].length - 1, to: $from.pos };
		if (this.query && !matching(this.query).length) return this.close();
		this.open(view);
	}
	open(view) {
		if (!this.menu.list.isConnected) {
			this.menu.at = 0;
			view.dom.closest(".post-editor").append(this.menu.list);
		}
		this.menu.show(this.query);
		const box = view.dom.closest(".post-editor").getBoundingClientRect();
		const cursor = view.coordsAtPos(this.range.from);
		const left = Math.min(cursor.left - box.left, box.width - this.menu.list.offsetWidth - 4);
		this.menu.list.style.left = `${Math.max(4, left)}px`;
		const roomBelow = innerHeight - cursor.bottom > this.menu.list.offsetHeight + 8;
		const top = roomBelow ? cursor.bottom + 4 : cursor.top - this.menu.list.offsetHeight - 4;
		this.menu.list.style.top = `${Math.max(top, 4) - box.top}px`;
		view.dom.setAttribute("aria-controls", this.menu.list.id);
		view.dom.setAttribute("aria-activedescendant", `${this.menu.list.id}-${this.menu.at}`);
	}
	close() {
		if (!this.menu.list.isConnected) return;
		this.menu.list.remove();
		this.editor.view.dom.removeAttribute("aria-activedescendant");
		this.editor.view.dom.removeAttribute("aria-controls");
	}
	key(event) {
		if (!this.menu.list.isConnected || event.isComposing) return false;
		if (event.key === "ArrowDown" || event.key === "ArrowUp") {
			this.menu.move(event.key === "ArrowDown" ? 1 : -1, this.query);
			this.editor.view.dom.setAttribute(
				"aria-activedescendant",
				`${this.menu.list.id}-${this.menu.at}`,
			);
			return true;
		}
		if (event.key === "Enter" || event.key === "Tab") return this.menu.take();
		if (event.key === "Escape") {
			this.dismissed = this.range.from + 1;
			this.close();
			return true;
		}
		return false;
	}
	destroy() {
		this.close();
	}
}

/* --- "+" -------------------------------------------------------------------------------------- */

export const insertButton = (editor) => {
	const [button, list] = popMenu("plus", say("insert"), () =>
		items.map(([key, picture, run]) => {
			const hint = say(`${key}Hint`);
			return el(
				"button",
				{
					type: "button",
					role: "menuitem",
					onclick: () => {
						list.hidePopover();
						run(editor);
					},
				},
				icon(picture),
				el("span", {}, say(key)),
				hint === `${key}Hint` ? null : el("small", {}, hint),
			);
		}));
	button.classList.add("plus");
	return [button, list];
};

/* A button with a menu; `fill` returns its current items. */
export const popMenu = (picture, label, fill) => {
	const list = el("div", { class: "insertmenu", role: "menu", popover: "auto", id: uniqueId("menu") });
	const button = iconButton(picture, label, () => {}, { "aria-haspopup": "menu", popovertarget: list.id });
	list.addEventListener(
		"beforetoggle",
		(event) => event.newState === "open" && list.replaceChildren(...fill()),
	);
	list.addEventListener("toggle", (event) => {
		if (event.newState !== "open") return;
		const place = button.getBoundingClientRect();
		const most = [innerWidth - list.offsetWidth - 4, innerHeight - list.offsetHeight - 4];
		list.style.left = `${Math.max(4, Math.min(place.left, most[0]))}px`;
		list.style.top = `${Math.max(4, Math.min(place.bottom + 4, most[1]))}px`;
		list.querySelector("button")?.focus();
	});
	list.addEventListener("keydown", (event) => {
		const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
		if (!step) return;
		event.preventDefault();
		const all = [...list.querySelectorAll("button")];
		all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
	});
	return [button, list];
};
