/* Chosen, dropped or pasted pictures: each is uploaded at once, and its Markdown inserted. Below are small
   pictures with fields for their descriptions. Loaded by toolbar.js; without it pictures are sent with the
   form. */
(() => {
	"use strict";
	const send = (url, file, token, onProgress) =>
		new Promise((resolve) => {
			if (!navigator.onLine) return resolve({});
			const request = new XMLHttpRequest(); /* fetch() tells nothing of how far it is */
			const data = new FormData();
			data.append("csrfmiddlewaretoken", token);
			data.append("picture", file);
			request.upload.addEventListener("progress", (event) => {
				if (event.lengthComputable) onProgress(event.loaded / event.total);
			});
			request.responseType = "json";
			request.addEventListener("loadend", () => resolve(request.response || {}));
			request.open("POST", url);
			request.send(data);
		});
	const insert = (words, line) => {
		const end = words.value.indexOf("\n", words.selectionEnd);
		const at = end < 0 ? words.value.length : end;
		const before = at && words.value[at - 1] !== "\n" ? "\n" : "";
		const behind = at === words.value.length ? "\n" : "";
		words.setRangeText(before + line + behind, at, at, "end");
		const between = at + before.length + 2;
		words.setSelectionRange(between, between + line.indexOf("](") - 2);
		words.dispatchEvent(new Event("input", { bubbles: true }));
	};
	/* The field writes into the brackets of its picture's line, wherever that is now. */
	const describe = (form, state, src, line) => {
		const words = form.querySelector("textarea[data-words]");
		const where = line.slice(line.indexOf("]("));
		const row = document.createElement("div");
		row.className = "row";
		const label = Object.assign(document.createElement("label"), {
			textContent: `${state.dataset.describe}: `,
		});
		const field = Object.assign(document.createElement("input"), {
			type: "text",
			maxLength: 200,
			className: "grow",
		});
		field.value = line.slice(2, line.indexOf(where));
		label.append(field);
		row.append(
			Object.assign(document.createElement("img"), { src, alt: "", width: 64, className: "thumb" }),
			label,
		);
		field.addEventListener("input", () => {
			const end = words.value.indexOf(where);
			const start = words.value.lastIndexOf("![", end);
			if (end < 0 || start < 0) return;
			words.setRangeText(field.value.replace(/[[\]]/g, ""), start + 2, end);
			words.dispatchEvent(new Event("input", { bubbles: true }));
		});
		field.addEventListener("keydown", (event) => {
			if (event.key !== "Enter") return;
			event.preventDefault();
			words.focus();
		});
		state.before(row);
		return field;
	};
	const take = async (form, files) => {
		const input = form.querySelector("[data-pictures]");
		const words = form.querySelector("textarea[data-words]");
		const state = form.querySelector("[data-picture-state]");
		const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
		const refused = [];
		let field = words;
		const bar = document.createElement("progress");
		bar.max = 1;
		for (const file of files) {
			bar.value = 0;
			bar.setAttribute("aria-label", file.name);
			state.replaceChildren(`${state.dataset.sending} ${file.name} `, bar);
			const { line, src, error } = await send(input.dataset.pictures, file, token, (part) => {
				bar.value = part;
			});
			if (line) {
				insert(words, line);
				field = describe(form, state, src, line);
			} else refused.push(`${file.name}: ${error || state.dataset.failed}`);
		}
		state.textContent = refused.length ? refused.join(" ") : state.dataset.done;
		input.value = "";
		field.focus();
	};
	const formOf = (target) => {
		const form = target.matches?.("textarea[data-words]") && target.form;
		return form && form.querySelector("[data-pictures]") ? form : null;
	};
	const picturesIn = (transfer) =>
		[...(transfer?.files || [])].filter((file) => file.type.startsWith("image/"));
	addEventListener("change", ({ target }) => {
		if (target.matches("[data-pictures]") && target.files.length) take(target.form, [...target.files]);
	});
	addEventListener("paste", (event) => {
		const form = formOf(event.target);
		const files = picturesIn(event.clipboardData);
		if (!form || !files.length || event.clipboardData.types.includes("text/plain")) {
			return; /* word processors send a picture of the text too */
		}
		event.preventDefault();
		take(form, files);
	});
	for (const name of ["dragover", "dragleave", "drop"]) {
		addEventListener(name, (event) => {
			const form = formOf(event.target);
			if (!form || !event.dataTransfer?.types.includes("Files")) return;
			event.target.classList.toggle("dropping", name === "dragover");
			if (name === "dragleave") return;
			event.preventDefault();
			if (name === "drop") take(form, picturesIn(event.dataTransfer));
		});
	}
})();
