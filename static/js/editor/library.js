/* Earlier uploads, to be used again. */
import { el, field, read, say, textButton, urls } from "editor/dom";
import { openDialog } from "editor/dialogs";

/* Opens the library; `then` is called with each chosen upload. kind: "" for all. */
export const openLibrary = (kind, then) => {
	let page = 1;
	const grid = el("ul", { class: "uploadgrid", role: "list" });
	const search = el("input", {
		type: "search",
		oninput: () => {
			clearTimeout(search.waiting);
			search.waiting = setTimeout(() => load(1), 250);
		},
	});
	const more = textButton(say("moreResults"), () => load(page + 1));
	const state = el("p", { role: "status", class: "hint" });
	const load = async (wanted) => {
		const query = new URLSearchParams({ q: search.value, kind, page: wanted });
		const answer = await read(`${urls().uploads}?${query}`);
		page = wanted;
		if (page === 1) grid.replaceChildren();
		grid.append(...(answer?.uploads ?? []).map((upload) => el("li", {}, choice(upload, choose))));
		more.hidden = !answer?.more;
		state.textContent = answer
			? (grid.children.length ? "" : say(search.value ? "nothing" : "noUploads"))
			: say("readFailed");
	};
	const choose = (upload) => {
		dialog.close();
		then(upload);
	};
	const dialog = openDialog(
		say("library"),
		{ wide: true },
		field(say("search"), search),
		state,
		grid,
		more,
	);
	search.focus();
	load(1);
};

const choice = (upload, choose) =>
	el(
		"button",
		{ type: "button", onclick: () => choose(upload) },
		upload.thumbnail ? el("img", { src: upload.thumbnail, alt: "", loading: "lazy" }) : null,
		el("span", {}, upload.alt || upload.title),
	);
