// One burst of confetti per visit on a party day, at the first interaction. None with reduced motion or on memorials.
"use strict";
{
	const SEEN = "confetti";
	const PIECES = 60;
	const SECONDS = 2.6;
	const STEPS = 12;

	const wasSeen = () => {
		try {
			const seen = sessionStorage.getItem(SEEN);
			sessionStorage.setItem(SEEN, "1");
			return Boolean(seen);
		} catch {
			return true; // no storage: it would appear on every page
		}
	};

	/** Where a piece is that was thrown from the middle of the upper edge, step by step: up and out, then down.
	    It fades evenly, which two of the steps say for all: reading the others took two thirds of the script's time. */
	const path = (width, height) => {
		const across = (Math.random() - 0.5) * width * 0.9;
		const up = Math.random() * height * 0.5;
		const turn = (Math.random() - 0.5) * 800;
		const steps = Array.from({ length: STEPS + 1 }, (_, step) => {
			const seconds = SECONDS * step / STEPS;
			const x = across * (1 - Math.exp(-2 * seconds));
			const y = height * 0.42 * seconds * seconds - up * seconds;
			return { transform: `translate(${x}px, ${y}px) rotate(${turn * seconds}deg)` };
		});
		steps[0].opacity = 1;
		steps[STEPS].opacity = 0;
		return steps;
	};

	/* Animated by the browser: a script took half of all its time. */
	const burst = () => {
		const box = document.createElement("div");
		box.className = "confetti";
		box.setAttribute("aria-hidden", "true");
		const hue = Number(getComputedStyle(document.documentElement).getPropertyValue("--hue")) || 0;
		const pieces = Array.from({ length: PIECES }, (_, number) => {
			const piece = document.createElement("i");
			const size = 5 + Math.random() * 6;
			piece.style.width = `${size}px`;
			piece.style.height = `${size / 2}px`;
			piece.style.background = `oklch(${number % 2 ? 0.72 : 0.82} 0.14 ${hue + (number % 5) * 72})`;
			return piece;
		});
		box.append(...pieces);
		const { innerWidth: width, innerHeight: height } = globalThis;
		document.body.append(box);
		const thrown = pieces.map((piece) =>
			piece.animate(path(width, height), { duration: SECONDS * 1000 })
		);
		Promise.allSettled(thrown.map((one) => one.finished)).then(() => box.remove());
	};

	const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches ||
		document.documentElement.classList.contains("still");
	/* Wait until the reader interacts: scrolls, points or types. */
	const SIGNS = ["scroll", "pointermove", "pointerdown", "keydown"];
	const begin = () => {
		for (const sign of SIGNS) removeEventListener(sign, begin);
		if (!wasSeen()) (globalThis.requestIdleCallback ?? setTimeout)(burst);
	};
	if (!isStill) {
		for (const sign of SIGNS) addEventListener(sign, begin, { passive: true });
	}
}
