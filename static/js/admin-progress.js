/* Progress of a long task: shown without a click, with a reload at the end. Without this script a link or a
   reload does it. */
(() => {
	"use strict";
	const here = document.querySelector("[data-progress]");
	const look = async () => {
		try {
			const answer = document.hidden ? null : await fetch(location.href);
			if (answer?.ok) {
				const page = new DOMParser().parseFromString(await answer.text(), "text/html");
				const now = page.querySelector("[data-progress]");
				/* Keep what is ticked in a list. */
				if (!now && !document.querySelector("#changelist-form :checked")) return location.reload();
				if (now && now.innerHTML !== here.innerHTML) here.innerHTML = now.innerHTML;
			}
		} catch {
			/* no network: try again soon */
		}
		setTimeout(look, 3000);
	};
	if (here) setTimeout(look, 3000);
})();
