/* Selecting comments in a list: a counter, all at once, or a range with Shift. Without this file the page
   does the same. */
(() => {
	"use strict";
	const place = document.querySelector("[data-choose]");
	if (!place) return;
	const boxes = [...place.closest("form").querySelectorAll(".pick > [type=checkbox]")];
	const said = place.querySelector("[data-chosen]");
	const all = place.querySelector("[data-choose-all]");
	const counts = [...place.querySelectorAll("[data-count]")];
	const single = [...document.querySelectorAll(".case .decide [name=action]")];
	let isNone = false;
	const showCount = (opens) => {
		const chosen = boxes.filter((box) => box.checked).length;
		counts.forEach((count) => {
			count.textContent = chosen ? ` (${chosen})` : "";
		});
		single.forEach((button) => {
			button.disabled = chosen > 0;
		});
		if (said) said.textContent = chosen ? said.dataset.chosen.replace("{count}", chosen) : "";
		if (all && boxes.every((box) => box.checked) !== isNone) {
			isNone = !isNone;
			[all.textContent, all.dataset.none] = [all.dataset.none, all.textContent];
		}
		if (opens && chosen && place.matches("details")) place.open = true;
	};
	let last = null;
	boxes.forEach((box, at) =>
		box.addEventListener("click", (event) => {
			if (event.shiftKey && last !== null) {
				boxes.slice(Math.min(at, last), Math.max(at, last) + 1).forEach((one) => {
					one.checked = box.checked;
				});
			}
			last = at;
			showCount(true);
		})
	);
	all?.addEventListener("click", (event) => {
		event.preventDefault();
		const wish = boxes.some((box) => !box.checked);
		boxes.forEach((box) => {
			box.checked = wish;
		});
		showCount(true);
	});
	showCount(false);
})();
