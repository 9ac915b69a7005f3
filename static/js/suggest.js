/* Suggestions below the search box, an ARIA combobox with a list. Without this file Enter searches. In the header app.js loads it. */
(() => {
	"use strict";
	const box = document.querySelector("input[data-suggest]");
	if (!box) return;
	const form = box.form;
	const list = document.createElement("ul");
	const said = document.createElement("p");
	const asked = new Map();
	let timer = 0;
	let running = null;
	Object.assign(list, { id: "suggestions", hidden: true, className: "names" });
	list.setAttribute("role", "listbox");
	list.setAttribute("aria-label", box.dataset.label);
	said.className = "vh";
	said.setAttribute("role", "status");
	form.append(list, said);
	Object.entries({
		role: "combobox",
		"aria-autocomplete": "list",
		"aria-expanded": "false",
		"aria-controls": list.id,
	}).forEach(([name, value]) => box.setAttribute(name, value));

	const options = () => [...list.children];
	const chosen = () => options().find((option) => option.getAttribute("aria-selected") === "true");
	const choose = (option) => {
		options().forEach((one) => one.setAttribute("aria-selected", one === option));
		if (option) {
			box.setAttribute("aria-activedescendant", option.id);
			option.scrollIntoView({ block: "nearest" });
		} else box.removeAttribute("aria-activedescendant");
	};
	const close = () => {
		clearTimeout(timer);
		running?.abort();
		list.hidden = true;
		list.replaceChildren();
		box.setAttribute("aria-expanded", "false");
		box.removeAttribute("aria-activedescendant");
	};
	const optionFor = ({ kind, text, url }, number) => {
		const option = document.createElement("li");
		const line = document.createElement("span");
		const words = document.createElement("bdi");
		const what = document.createElement("span");
		Object.assign(option, { id: `suggestion-${number}` });
		words.textContent = text;
		Object.assign(what, { textContent: kind, className: "soft" });
		option.setAttribute("role", "option");
		option.setAttribute("aria-selected", "false");
		option.dataset.url = url;
		line.append(words, " ", what);
		option.append(line);
		return option;
	};
	const show = (answer) => {
		list.replaceChildren(...answer.suggestions.map(optionFor));
		list.hidden = !answer.suggestions.length;
		list.style.insetBlockStart = `${box.offsetTop + box.offsetHeight + 4}px`;
		box.setAttribute("aria-expanded", String(!list.hidden));
		box.removeAttribute("aria-activedescendant");
		said.textContent = answer.said;
	};
	const ask = async () => {
		const words = box.value.trim();
		if (words.length < 1 || words.length > 60 || words.includes(":")) return close();
		running?.abort();
		running = new AbortController();
		try {
			if (!asked.has(words)) {
				const address = `${box.dataset.suggest}?q=${encodeURIComponent(words)}`;
				const answer = await fetch(address, { signal: running.signal });
				if (!answer.ok) return close();
				asked.set(words, await answer.json());
			}
			if (box.value.trim() === words && document.activeElement === box) show(asked.get(words));
		} catch {
			/* typed further, or offline: Enter still searches */
		}
	};
	const open = (option) => {
		close();
		location.assign(option.dataset.url);
	};
	box.addEventListener("input", (event) => {
		clearTimeout(timer);
		if (!event.isComposing) timer = setTimeout(ask, 150);
	});
	box.addEventListener("keydown", (event) => {
		if (event.isComposing || event.ctrlKey || event.metaKey) return;
		const all = options();
		const at = all.indexOf(chosen());
		const isArrow = event.key === "ArrowDown" || event.key === "ArrowUp";
		if (isArrow && !all.length) ask();
		else if (event.key === "ArrowDown") choose(all[at + 1]);
		else if (event.key === "ArrowUp") choose(all.at(at < 0 ? -1 : at - 1 < 0 ? all.length : at - 1));
		else if (event.key === "Escape" && !list.hidden) close();
		else if (event.key === "Enter" && at >= 0) open(all[at]);
		else return;
		event.preventDefault();
	});
	list.addEventListener("pointerdown", (event) => event.preventDefault());
	list.addEventListener("click", ({ target }) => {
		const option = target.closest("[role=option]");
		if (option) open(option);
	});
	box.addEventListener("blur", close);
	form.addEventListener("submit", close);
})();
