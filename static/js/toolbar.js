/* Buttons below the field, and Ctrl+B, Ctrl+I, Ctrl+K, insert Markdown. */
(() => {
	"use strict";
	const { uploads } = document.currentScript.dataset;
	const FIELD = "textarea[data-words]";
	/* By the browser's own editing, so that Ctrl+Z works. */
	const put = (words, from, to, text, start, end) => {
		words.focus();
		words.setSelectionRange(from, to);
		if (!document.execCommand("insertText", false, text)) {
			words.setRangeText(text, from, to, "end");
			words.dispatchEvent(new Event("input", { bubbles: true }));
		}
		words.setSelectionRange(start, end);
	};
	const around = (words, mark) => {
		const { value, selectionStart: from, selectionEnd: to } = words;
		const inside = value.slice(from, to);
		const stars = (text) => /^\**/.exec(text)[0].length;
		const here = Math.min(stars([...value.slice(0, from)].reverse().join("")), stars(value.slice(to)));
		const long = mark.length;
		if (long === 1 ? here % 2 : here >= 2) {
			put(words, from - long, to + long, inside, from - long, to - long);
		} else put(words, from, to, mark + inside + mark, from + long, to + long);
	};
	const before = (words, mark) => {
		const { value, selectionStart, selectionEnd: to } = words;
		const from = value.lastIndexOf("\n", selectionStart - 1) + 1;
		const lines = value.slice(from, to).split("\n");
		const isOn = lines.every((line) => line.startsWith(mark));
		const text = lines.map((line) => isOn ? line.slice(mark.length) : mark + line).join("\n");
		const at = from + text.length;
		put(words, from, to, text, lines.length > 1 ? from : at, at);
	};
	const link = (words) => {
		const { value, selectionStart: from, selectionEnd: to } = words;
		const inside = value.slice(from, to).trim();
		const isAddress = /^(https?:\/\/|www\.)\S+$/.test(inside);
		const address = isAddress ? inside : "https://";
		const at = from + 1 + (isAddress ? 0 : inside.length + 2);
		put(words, from, to, `[${isAddress ? "" : inside}](${address})`, at, isAddress ? at : at + 8);
	};
	addEventListener("click", ({ target }) => {
		const button = target.closest?.("[data-md]");
		if (!button) return;
		const words = button.form.querySelector(FIELD);
		const { md } = button.dataset;
		if (md === "picture") button.form.querySelector("[data-pictures]").click();
		else if (md === "](") link(words);
		else (md.trim() === md ? around : before)(words, md);
	});
	addEventListener("keydown", (event) => {
		const { target, key } = event;
		if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && target.matches?.(FIELD)) {
			const button = target.form.querySelector(`[data-with="${CSS.escape(key)}"]`);
			if (button) {
				event.preventDefault();
				button.click();
			}
			return;
		}
		const bar = target.closest?.("[role=toolbar]");
		const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
		if (!bar || !step) return;
		const buttons = [...bar.querySelectorAll("button")];
		const next = buttons.at((buttons.indexOf(target) + step) % buttons.length);
		buttons.forEach((one) => {
			one.tabIndex = one === next ? 0 : -1;
		});
		next.focus();
	});

	/* The upload script is loaded when the user begins to write. */
	let sender;
	const hand = async ({ target, type }) => {
		if (sender || !target.matches?.(`${FIELD}, [data-pictures]`)) return;
		sender = await import(uploads);
		if (type === "change" && target.files?.length) {
			target.dispatchEvent(new Event("change", { bubbles: true }));
		}
	};
	for (const type of ["focusin", "dragenter", "change"]) addEventListener(type, hand);
})();
