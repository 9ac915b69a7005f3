// One burst of confetti in each visit of a party day. None for people who want less motion, and none in memory of somebody.
"use strict";
{
	const SEEN = "confetti";
	const PIECES = 90;
	const SECONDS = 2.6;

	const wasSeen = () => {
		try {
			const seen = sessionStorage.getItem(SEEN);
			sessionStorage.setItem(SEEN, "1");
			return Boolean(seen);
		} catch {
			return true; // no storage: it would come on every page
		}
	};

	/** Pieces thrown from the middle of the upper edge, in colours around the host's hue. */
	const pieces = (width, height, hue) =>
		Array.from({ length: PIECES }, (_, number) => ({
			x: width / 2,
			y: height * 0.15,
			across: (Math.random() - 0.5) * width * 0.9,
			up: Math.random() * height * 0.5,
			size: 5 + Math.random() * 6,
			turn: (Math.random() - 0.5) * 14,
			colour: `oklch(${number % 2 ? 0.72 : 0.82} 0.14 ${hue + (number % 5) * 72})`,
		}));

	const draw = (context, all, seconds, height) => {
		for (const piece of all) {
			const x = piece.x + piece.across * (1 - Math.exp(-2 * seconds));
			const y = piece.y - piece.up * seconds + height * 0.42 * seconds * seconds;
			context.save();
			context.translate(x, y);
			context.rotate(piece.turn * seconds);
			context.globalAlpha = Math.max(0, 1 - seconds / SECONDS);
			context.fillStyle = piece.colour;
			context.fillRect(-piece.size / 2, -piece.size / 4, piece.size, piece.size / 2);
			context.restore();
		}
	};

	const burst = () => {
		const canvas = document.createElement("canvas");
		canvas.className = "confetti";
		canvas.setAttribute("aria-hidden", "true");
		const width = canvas.width = innerWidth;
		const height = canvas.height = innerHeight;
		const hue = Number(getComputedStyle(document.documentElement).getPropertyValue("--hue")) || 0;
		const all = pieces(width, height, hue);
		const context = canvas.getContext("2d");
		document.body.append(canvas);
		let start;
		const step = (now) => {
			start ??= now;
			const seconds = (now - start) / 1000;
			context.clearRect(0, 0, width, height);
			if (seconds > SECONDS) return canvas.remove();
			draw(context, all, seconds, height);
			requestAnimationFrame(step);
		};
		requestAnimationFrame(step);
	};

	const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches ||
		document.documentElement.classList.contains("still");
	if (!isStill && document.visibilityState === "visible" && !wasSeen()) burst();
}
