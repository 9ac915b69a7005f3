/* Quotes the selected text of a comment: by a button beside it, or the key "q". drafts.js opens the form. */
(() => {
	"use strict";
	const $ = (selector, within = document) => within.querySelector(selector);
	const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
	const MARKS = { EM: "*", STRONG: "**", S: "~~" };
	const BLOCKS = new Set(["P", "UL", "OL", "LI", "BLOCKQUOTE", "PRE", "HR"]);
	const escaped = (text) => text.replace(/[\\`*]|(?<!\w)_(?=\w)/g, "\\$&");
	const markdown = (node) => {
		if (node.nodeType === Node.TEXT_NODE) {
			const isBetweenBlocks = !node.data.trim() &&
				[node.previousSibling, node.nextSibling].some((one) => BLOCKS.has(one?.nodeName));
			return isBetweenBlocks ? "" : escaped(node.data.replace(/\s+/g, " "));
		}
		const inner = () => [...node.childNodes].map(markdown).join("");
		const lines = (text, first, rest) =>
			text
				.trim()
				.split("\n")
				.map((line, index) => `${index ? rest : first}${line}`.trimEnd())
				.join("\n");
		switch (node.nodeName) {
			case "BR":
				return "\n";
			case "SUMMARY":
			case "BUTTON":
				return "";
			case "EM":
			case "STRONG":
			case "S":
				return `${MARKS[node.nodeName]}${inner()}${MARKS[node.nodeName]}`;
			case "CODE":
				return `\`${node.textContent}\``;
			case "PRE":
				return `\`\`\`\n${node.textContent.trimEnd()}\n\`\`\`\n\n`;
			case "P":
				return `${
					inner()
						.replace(/ *\n */g, "\n")
						.trim()
				}\n\n`;
			case "BLOCKQUOTE":
				return `${lines(inner(), "> ", "> ")}\n\n`;
			case "LI": {
				const list = node.parentNode;
				const mark = list.nodeName === "OL"
					? `${(list.start || 1) + [...list.children].indexOf(node)}. `
					: "- ";
				return `${lines(inner(), mark, " ".repeat(mark.length))}\n`;
			}
			case "UL":
			case "OL":
				return `${node.parentNode.nodeName === "LI" ? "\n" : ""}${
					[...node.children].map(markdown).join("")
				}\n`;
			default:
				return inner();
		}
	};
	const quoted = (fragment) => {
		const text = markdown(fragment)
			.replace(/\n{3,}/g, "\n\n")
			.trim();
		return (
			text &&
			`${
				text
					.split("\n")
					.map((line) => `> ${line}`.trimEnd())
					.join("\n")
			}\n\n`
		);
	};
	/* The selection within one comment's text; one that extends beyond it is cut. */
	const selectedWords = () => {
		const selection = getSelection();
		if (!selection.rangeCount || selection.isCollapsed) return null;
		const range = selection.getRangeAt(0).cloneRange();
		const start = range.startContainer;
		const body = (start.closest ? start : start.parentElement)?.closest(".comment-body");
		if (!body) return null;
		if (!body.contains(range.endContainer)) range.setEnd(body, body.childNodes.length);
		return range.toString().trim() ? { body, range } : null;
	};
	const replyLink = (body) => $(".acts a[href*='reply']", body.closest(".comment"));
	const quote = (body, fragment) => {
		const link = replyLink(body);
		const words = quoted(fragment);
		if (!link || !words) return;
		const parent = body.closest(".comment").id.split("-")[1];
		const form = $$("form[data-draft]").find((some) => some.dataset.draft.endsWith(`#${parent}`));
		if (form) {
			form.dispatchEvent(new CustomEvent("draft:append", { bubbles: true, detail: words }));
			return;
		}
		try {
			sessionStorage.setItem("quote", JSON.stringify({ parent, words }));
		} catch {
			/* private mode */
		}
		link.click();
	};
	let button = null;
	const showButton = () => {
		button?.remove();
		const found = selectedWords();
		if (!found || !replyLink(found.body)) return;
		button = $("#quote-button").content.firstElementChild.cloneNode(true);
		button.addEventListener("pointerdown", (event) => event.preventDefault()); /* the selection stays */
		button.addEventListener("click", () => {
			button.remove();
			quote(found.body, found.range.cloneContents());
			getSelection().removeAllRanges();
		});
		found.body.append(button);
		const place = found.range.getClientRects();
		const last = place[place.length - 1];
		/* Within the text, also in a window of another size, so that it hides no other control. */
		const body = found.body.getBoundingClientRect();
		const within = (from, size) => `clamp(0px, ${from}px, 100% - ${size}px)`;
		found.body.style.position = "relative";
		button.style.insetBlockStart = within(last.bottom + 8 - body.top, button.offsetHeight);
		button.style.left = within(last.right - body.left - button.offsetWidth / 2, button.offsetWidth);
	};
	let selecting = 0;
	document.addEventListener("selectionchange", () => {
		clearTimeout(selecting);
		selecting = setTimeout(showButton, 250);
	});
	addEventListener("keydown", (event) => {
		const isTyping = event.ctrlKey ||
			event.metaKey ||
			event.altKey ||
			event.target.closest("input, textarea, select, dialog, [contenteditable]");
		let off = null;
		try {
			off = localStorage.getItem("keys");
		} catch {
			/* private mode */
		}
		if (event.key !== "q" || isTyping || off === "off") return;
		const found = selectedWords();
		const body = found?.body ??
			$(".comment-body", document.activeElement.closest(".comment") ?? undefined);
		if (!body || (!found && !document.activeElement.closest(".comment"))) return;
		event.preventDefault();
		quote(body, found ? found.range.cloneContents() : (body.firstElementChild ?? body).cloneNode(true));
	});
})();
