/* A button that prints the page it is on. */
(() => {
	"use strict";
	for (const button of document.querySelectorAll("[data-print]")) {
		button.hidden = false;
		button.addEventListener("click", () => globalThis.print());
	}
})();
