/* A button that prints the page. */
(() => {
	"use strict";
	for (const button of document.querySelectorAll("[data-print]")) {
		button.hidden = false;
		button.addEventListener("click", () => globalThis.print());
	}
})();
