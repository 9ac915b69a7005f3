/* Names after "@": a list below the line; the field keeps the focus. drafts.js loads it at the first "@". */
(() => {
	"use strict";
	const $ = (selector, within = document) => within.querySelector(selector);
	const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
	const asked = new Map();
	const names = { list: null, words: null, from: -1, left: -1, timer: 0 };
	const begunName = (words) => {
		const before = words.value.slice(0, words.selectionStart);
		const match = words.selectionStart === words.selectionEnd &&
			before.slice(-64).match(/(?:^|[^\w@/.+-])@([\p{L}\p{N}_-]{0,30})$/u);
		return match ? { from: before.length - match[1].length - 1, letters: match[1] } : null;
	};
	const closeNames = () => {
		clearTimeout(names.timer);
		names.list?.remove();
		names.list = null;
		["aria-controls", "aria-activedescendant", "aria-haspopup", "aria-autocomplete"].forEach((name) =>
			names.words?.removeAttribute(name)
		);
	};
	const mark = (option) => {
		$$("[role=option]", names.list).forEach((some) =>
			some.setAttribute("aria-selected", some === option)
		);
		if (option) names.words.setAttribute("aria-activedescendant", option.id);
		else names.words.removeAttribute("aria-activedescendant");
	};
	const takeName = (option) => {
		const { words, from } = names;
		words.setRangeText(`@${option.dataset.name} `, from, words.selectionEnd, "end");
		closeNames();
		words.focus();
		words.dispatchEvent(new Event("input", { bubbles: true }));
	};
	/* The end of the cursor's line, measured in a copy of the field. */
	const lineBottom = (words) => {
		const mirror = document.createElement("div");
		const cursor = document.createElement("span");
		const style = getComputedStyle(words);
		["font", "letterSpacing", "padding", "direction"].forEach((name) => {
			mirror.style[name] = style[name];
		});
		Object.assign(mirror.style, {
			position: "absolute",
			visibility: "hidden",
			boxSizing: "border-box",
			whiteSpace: "pre-wrap",
			overflowWrap: "break-word",
			width: `${words.clientWidth}px`,
		});
		cursor.textContent = "\u200b";
		mirror.append(words.value.slice(0, words.selectionStart), cursor);
		words.after(mirror);
		const bottom = Math.min(cursor.offsetTop + cursor.offsetHeight - words.scrollTop, words.clientHeight);
		mirror.remove();
		return words.offsetTop + bottom;
	};
	const showNames = (words, found, piece) => {
		closeNames();
		const holder = document.createElement("template");
		holder.innerHTML = piece;
		const list = $("[role=listbox]", holder.content);
		if (!list) return;
		Object.assign(names, { list, words, from: found.from });
		list.id = "names";
		list.addEventListener("pointerdown", (event) => event.preventDefault());
		list.addEventListener("click", ({ target }) => {
			const option = target.closest("[role=option]");
			if (option) takeName(option);
		});
		words.closest(".writing").append(list);
		list.style.insetBlockStart = `${lineBottom(words) + 4}px`;
		words.setAttribute("aria-autocomplete", "list");
		words.setAttribute("aria-haspopup", "listbox");
		words.setAttribute("aria-controls", "names");
		if (found.letters) mark(list.firstElementChild);
		$("p.vh[role=status]", words.form).textContent = list.dataset.said;
		list.scrollIntoView({ block: "nearest" });
	};
	const askNames = async (words) => {
		const found = begunName(words);
		const address = words.form.dataset.names;
		if (!found || !address || found.from === names.left) {
			closeNames();
			return;
		}
		names.left = -1;
		const query = `${address}&q=${encodeURIComponent(found.letters)}`;
		if (!asked.has(query)) {
			if (!navigator.onLine) return;
			const answer = await fetch(query).catch(() => null);
			if (!answer?.ok) return;
			asked.set(query, await answer.text());
		}
		const now = begunName(words);
		if (
			now && now.from === found.from && now.letters === found.letters &&
			document.activeElement === words
		) {
			showNames(words, found, asked.get(query));
		}
	};
	addEventListener("input", ({ target, isComposing }) => {
		if (isComposing || !target.matches("textarea[data-words]") || !target.form?.dataset.names) return;
		if (!begunName(target)) {
			closeNames();
			names.left = -1;
			return;
		}
		clearTimeout(names.timer);
		names.timer = setTimeout(askNames, 120, target);
	});
	document.addEventListener(
		"keydown",
		(event) => {
			if (
				!names.list ||
				event.target !== names.words ||
				event.isComposing ||
				event.ctrlKey ||
				event.metaKey ||
				event.altKey
			) {
				return;
			}
			const options = $$("[role=option]", names.list);
			const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
			if (event.key === "ArrowDown") mark(options[(at + 1) % options.length]);
			else if (event.key === "ArrowUp") mark(options.at(at < 0 ? -1 : at - 1));
			else if (event.key === "Escape") {
				names.left = names.from;
				closeNames();
			} else if ((event.key === "Enter" || event.key === "Tab") && at >= 0 && !event.shiftKey) {
				takeName(options[at]);
			} else {
				if (["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) closeNames();
				return;
			}
			event.preventDefault();
			event.stopPropagation();
		},
		true,
	);
	addEventListener("focusout", ({ target }) => {
		if (target === names.words) closeNames();
	});
})();
