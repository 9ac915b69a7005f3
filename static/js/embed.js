// Embeds the discussion of a post in a page of another site:
// <script src="https://site.example/embed.js" data-slug="the-post" async></script>
// Without data-slug the page is identified by its own URL (link rel="canonical", or location).
// It loads nothing else, and the frame can only set its own height.
(() => {
	const script = document.currentScript;
	const site = new URL(script.src).origin;
	const frame = document.createElement("iframe");
	const { slug } = script.dataset;
	const page = document.querySelector('link[rel="canonical"]')?.href || location.href;
	frame.src = slug
		? `${site}/embed/${encodeURIComponent(slug)}/`
		: `${site}/embed/?url=${encodeURIComponent(page)}`;
	frame.title = script.dataset.title || "Comments";
	Object.assign(frame.style, { width: "100%", height: "30rem", border: "0" });
	addEventListener("message", (event) => {
		if (event.origin !== site || event.source !== frame.contentWindow) return;
		const height = event.data?.longTableHeight;
		if (Number.isFinite(height)) frame.style.height = `${Math.min(Math.max(height, 100), 50_000)}px`;
	});
	script.after(frame);
})();
