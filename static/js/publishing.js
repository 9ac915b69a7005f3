/* The publishing panel: the button says what it will do, previews follow the text, tags are completed, the
   focal point is clicked. Without this script every field works. */
const MAX_CHARACTERS = 200;
const BLOCKS = "p, li, h1, h2, h3, h4, blockquote, td, th, tr, caption, figcaption, br, hr";
const PAUSES = "h1, h2, h3, h4, h5, h6, li, td, th, caption, figcaption";
const MARK = "\ue000", ENDS_A_SENTENCE = /[.,;:!?…。，、；：！？؟·–—-][)\]»”’"']*$/;

document.addEventListener("DOMContentLoaded", () => {
	const panel = document.getElementById("publish");
	if (!panel) return;
	const field = (name) => document.getElementById(`id_${name}`);
	const button = panel.querySelector("input[name=_publish]");

	/* --- when --- */
	const chosen = () => panel.querySelector("input[name=when]:checked")?.value;
	const sayWhen = () => {
		const isNow = chosen() === "now";
		panel.classList.toggle("is-now", isNow);
		if (!button) return;
		const day = field("published_at_0")?.value, time = field("published_at_1")?.value.slice(0, 5);
		button.value = isNow
			? panel.dataset.now
			: panel.dataset.at.replace("%s", `${day} ${time}`.trim() || "…");
	};
	if (chosen()) {
		panel.addEventListener("input", sayWhen);
		panel.addEventListener("focusout", sayWhen);
		sayWhen();
	}

	/* --- previews --- */
	const show = (name, text) => {
		for (const place of panel.querySelectorAll(`[data-preview=${name}]`)) place.textContent = text;
	};
	/* Like the server's description of a text: without notes and code, up to the "read more" mark. */
	const beginning = () => {
		const { body } = new DOMParser().parseFromString(field("body")?.value ?? "", "text/html");
		const more = body.querySelector("hr.more");
		while (more?.nextSibling) more.nextSibling.remove();
		body.querySelectorAll("sup.fnref, section.footnotes, pre").forEach((aside) => aside.remove());
		for (const block of body.querySelectorAll(BLOCKS)) block.after(" ");
		for (const list of body.querySelectorAll("ul, ol")) list.before(" ");
		for (const part of body.querySelectorAll(PAUSES)) part.append(MARK);
		const parts = body.textContent.replace(/\s+/g, " ").split(MARK).map((part) => part.trim()).filter(
			Boolean,
		);
		const text = parts.map((part, at) =>
			at === parts.length - 1 || ENDS_A_SENTENCE.test(part) ? part : `${part} ·`
		).join(" ");
		if (text.length <= MAX_CHARACTERS) return text;
		const words = text.slice(0, MAX_CHARACTERS - 1).replace(/ [^ ]*$/, "");
		return `${words.replace(/[.,;:!?\-–— ]+$/, "")}…`;
	};
	const preview = () => {
		show("title", field("meta_title")?.value || field("title")?.value || "");
		show("description", field("meta_description")?.value || field("summary")?.value || beginning());
	};
	panel.closest("form").addEventListener("input", preview);

	/* --- focal point --- */
	const focal = panel.querySelector("[data-focal]");
	if (focal) {
		const [x, y] = [field("cover_x"), field("cover_y")];
		const place = () => {
			const at = [x, y].map((box) => `${Math.min(100, Math.max(0, Number(box.value) || 0))}%`);
			const ring = focal.querySelector(".ring");
			[ring.style.left, ring.style.top] = at;
			focal.querySelector(".square").style.objectPosition = at.join(" ");
		};
		focal.querySelector("[data-spot]").addEventListener("click", (event) => {
			if (!event.detail) return x.focus(); // pressed with a key: use the two numbers
			const box = event.currentTarget.getBoundingClientRect();
			x.value = Math.round((event.clientX - box.left) / box.width * 100);
			y.value = Math.round((event.clientY - box.top) / box.height * 100);
			place();
		});
		x.addEventListener("input", place);
		y.addEventListener("input", place);
		place();
	}

	/* --- tags --- */
	const store = field("tag_names");
	if (store && store.type !== "hidden" && !store.readOnly) completeTags(store, panel);
});

function completeTags(store, panel) {
	const split = (text) => text.split(",").map((name) => name.trim().replace(/\s+/g, " ")).filter(Boolean);
	let names = split(store.value), found = [], active = -1, asked = 0;
	const box = document.createElement("div");
	box.className = "tagbox";
	const chips = document.createElement("ul");
	chips.className = "chips";
	const input = document.createElement("input");
	Object.assign(input, { type: "text", id: "tag-input", autocomplete: "off" });
	const list = document.createElement("ul");
	list.className = "complete";
	list.id = "tag-list";
	list.hidden = true;
	list.setAttribute("role", "listbox");
	const label = store.labels[0];
	list.setAttribute("aria-label", label?.textContent.trim() ?? "");
	for (
		const [name, value] of Object.entries({
			role: "combobox",
			"aria-expanded": "false",
			"aria-controls": list.id,
			"aria-autocomplete": "list",
		})
	) input.setAttribute(name, value);
	const help = document.getElementById("id_tag_names_helptext");
	if (help) input.setAttribute("aria-describedby", help.id);
	if (label) label.htmlFor = input.id;
	store.type = "hidden";
	store.before(box);
	box.append(chips, input, list);

	const close = () => {
		found = [];
		active = -1;
		list.hidden = true;
		input.setAttribute("aria-expanded", "false");
		input.removeAttribute("aria-activedescendant");
	};
	const draw = () => {
		store.value = names.join(", ");
		chips.hidden = !names.length;
		chips.replaceChildren(...names.map((name) => {
			const chip = document.createElement("li"), remove = document.createElement("button");
			remove.type = "button";
			remove.textContent = "×";
			remove.setAttribute("aria-label", panel.dataset.remove.replace("%s", name));
			remove.addEventListener("click", () => {
				names = names.filter((other) => other !== name);
				draw();
				input.focus();
			});
			chip.append(name, remove);
			return chip;
		}));
		store.dispatchEvent(new Event("input", { bubbles: true }));
	};
	const add = (text) => {
		for (const name of split(text)) {
			if (!names.some((other) => other.toLowerCase() === name.toLowerCase())) names.push(name);
		}
		input.value = "";
		close();
		draw();
	};
	const select = (index) => {
		active = index;
		[...list.children].forEach((option, at) =>
			option.setAttribute("aria-selected", String(at === index))
		);
		if (index < 0) input.removeAttribute("aria-activedescendant");
		else input.setAttribute("aria-activedescendant", list.children[index].id);
	};
	const offer = (tags, mayAdd, typed) => {
		const before = found[active]?.[0]; // chosen with the arrow keys before the response arrived
		found = tags.filter((tag) => !names.includes(tag.name)).map((
			tag,
		) => [tag.name, tag.name, String(tag.posts)]);
		const isKnown = tags.some((tag) => tag.name.toLowerCase() === typed.toLowerCase());
		if (mayAdd && !isKnown) found.push([typed, panel.dataset.create.replace("%s", typed), ""]);
		list.replaceChildren(...found.map(([name, words, posts], index) => {
			const option = document.createElement("li"), count = document.createElement("span");
			option.id = `tag-${index}`;
			option.setAttribute("role", "option");
			count.textContent = posts;
			option.append(words, count);
			option.addEventListener("mousedown", (event) => {
				event.preventDefault();
				add(name);
			});
			return option;
		}));
		list.hidden = !found.length;
		input.setAttribute("aria-expanded", String(found.length > 0));
		const again = found.findIndex(([name]) => name === before);
		select(found.length ? Math.max(0, again) : -1);
	};
	input.addEventListener("input", async () => {
		if (input.value.includes(",")) return add(input.value);
		const typed = input.value.trim(), mine = ++asked;
		if (!typed) return close();
		const response = await fetch(`${panel.dataset.tagsUrl}?q=${encodeURIComponent(typed)}`).catch(() =>
			null
		);
		if (!response?.ok || mine !== asked || !input.value.trim()) return;
		const { tags, may_add: mayAdd } = await response.json();
		offer(tags, mayAdd, typed);
	});
	input.addEventListener("keydown", (event) => {
		if (event.key === "Enter" && (input.value.trim() || active >= 0)) {
			event.preventDefault();
			add(active >= 0 ? found[active][0] : input.value);
		} else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
			if (!found.length) return;
			event.preventDefault();
			select((active + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length);
		} else if (event.key === "Escape") {
			close();
		} else if (event.key === "Backspace" && !input.value && names.length) {
			names.pop();
			draw();
		}
	});
	input.addEventListener("blur", () => {
		if (input.value.trim()) add(input.value);
		close();
	});
	draw();
}
