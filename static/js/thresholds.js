/* A slider beside the number, and a sentence that follows it. Without this file the button and the table do
   it. */
(() => {
	"use strict";
	const form = document.querySelector("[data-figures]");
	const said = document.querySelector("[data-said]");
	const number = form?.elements.hold_percent;
	if (!number || !said) return;
	const figures = new Map(
		JSON.parse(form.dataset.figures).map(([percent, waited, appeared]) => [
			percent,
			{ percent, waited, appeared },
		]),
	);
	const slider = Object.assign(document.createElement("input"), {
		type: "range",
		min: number.min,
		max: number.max,
		value: number.value,
	});
	const label = form.querySelector(`label[for="${number.id}"]`);
	label.id ||= "hold-label";
	slider.setAttribute("aria-labelledby", label.id);
	number.before(slider);
	const say = (percent) => {
		const step = figures.get(Number(percent));
		if (step) {
			said.querySelector("span").textContent = said.dataset.said.replace(
				/\{(\w+)\}/g,
				(_all, name) => step[name],
			);
		}
	};
	slider.addEventListener("input", () => {
		number.value = slider.value;
		say(slider.value);
	});
	number.addEventListener("input", () => {
		slider.value = number.value;
		say(number.value);
	});
})();
