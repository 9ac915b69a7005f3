/* Site settings: the preview follows what is typed. Without this script, the button "Preview" does it. */
const mini = document.querySelector("[data-mini]");
const form = document.getElementById("settings-form");

if (mini && form) {
	const sheet = document.createElement("link");
	sheet.rel = "stylesheet";
	const text = (selector, field) => {
		mini.querySelector(selector).textContent = form.elements[field].value ||
			form.elements[field].placeholder;
	};
	const follow = () => {
		text("[data-mini-name]", "name");
		text("[data-mini-tagline]", "tagline");
		const scheme = form.elements.colour_scheme.value;
		if (scheme === "auto") delete mini.dataset.scheme;
		else mini.dataset.scheme = scheme;
		document.documentElement.style.setProperty("--hue", form.elements.accent_hue.value);
	};
	const applyTypeface = () => {
		sheet.href = `/site/${form.elements.accent_hue.value}-${form.elements.typeface.value}.css`;
		if (!sheet.isConnected) document.head.append(sheet);
	};
	form.addEventListener("input", follow);
	form.addEventListener("change", (event) => {
		if (event.target.name === "typeface") applyTypeface();
	});
	follow();
	/* Swap a link with its neighbour. The result is the same as with the server's own button. */
	form.addEventListener("click", (event) => {
		const button = event.target.closest("[name=move_link]");
		if (!button) return;
		event.preventDefault();
		const way = button.value.split("-").pop();
		const row = button.closest("li");
		const other = way === "up" ? row.previousElementSibling : row.nextElementSibling;
		const theirs = other.querySelectorAll("input");
		row.querySelectorAll("input").forEach((input, index) => {
			[input.value, theirs[index].value] = [theirs[index].value, input.value];
		});
		const buttons = [...other.querySelectorAll("[name=move_link]")];
		(buttons.find((one) => one.value.endsWith(way)) ?? buttons[0]).focus();
		const said = row.parentElement.nextElementSibling;
		said.textContent = said.dataset.moved.replace(
			"{number}",
			[...row.parentElement.children].indexOf(other) + 1,
		);
	});
	/* Ask before leaving the page if anything was typed. */
	const typed = () =>
		[...new FormData(form)].map(([name, value]) => `${name}=${value.name ?? value}`).join("&");
	const before = typed();
	let isSent = false;
	form.addEventListener("submit", () => isSent = true);
	addEventListener("beforeunload", (event) => {
		if (!isSent && ("unsaved" in form.dataset || typed() !== before)) event.preventDefault();
	});
}
