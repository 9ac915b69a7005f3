/* Plays videos in place. Without this file a card is a link. */
(() => {
	"use strict";
	const PLAYERS = {
		youtube: ([key], start) =>
			`https://www.youtube-nocookie.com/embed/${key}?autoplay=1&rel=0&start=${start}`,
		vimeo: ([key, hash], start) =>
			`https://player.vimeo.com/video/${key}?dnt=1&autoplay=1${hash ? `&h=${hash}` : ""}#t=${start}s`,
		peertube: ([host, key], start) =>
			`https://${host}/videos/embed/${key}?autoplay=1&p2p=0&start=${start}s`,
	};
	addEventListener("click", (event) => {
		const card = event.target.closest("a[data-video]");
		if (!card || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
		const [site, ...key] = card.dataset.video.split(":");
		event.preventDefault();
		const frame = document.createElement("iframe");
		frame.title = card.querySelector("b").textContent;
		frame.allow = "autoplay; fullscreen; encrypted-media; picture-in-picture";
		frame.sandbox =
			"allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-presentation";
		frame.referrerPolicy =
			"strict-origin-when-cross-origin"; /* YouTube plays nothing for a page that it cannot name */
		frame.src = PLAYERS[site](key, card.dataset.start || 0);
		const box = document.createElement("span");
		box.className = "video";
		box.append(frame);
		card.replaceWith(box);
		frame.focus();
	});
})();
