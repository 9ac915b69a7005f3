/* Long work of the worker: how far it is, without a click; when it is over, the page is loaded anew. Without scripts a link or a reload does that. */
(() => {
	"use strict";
	const here = document.querySelector("[data-progress]");
	const look = async () => {
		try {
			const answer = document.hidden ? null : await fetch(location.href);
			if (answer?.ok) {
				const page = new DOMParser().parseFromString(await answer.text(), "text/html");
				const now = page.querySelector("[data-progress]");
				/* What is ticked in a list stays ticked. */
				if (!now && !document.querySelector("#changelist-form :checked")) return location.reload();
				if (now && now.innerHTML !== here.innerHTML) here.innerHTML = now.innerHTML;
			}
		} catch {
			/* No network: again in a moment. */
		}
		setTimeout(look, 3000);
	};
	if (here) setTimeout(look, 3000);
})();
