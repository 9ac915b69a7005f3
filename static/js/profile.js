/* Preview and crop a picture before it is sent; add and move links. Without this file the server does both. */
(() => {
	"use strict";
	document.querySelectorAll("[data-cut]").forEach((field) => {
		const find = (selector) => field.querySelector(selector);
		const [input, canvas, sliders, now] = ["[type=file]", "canvas", "[data-sliders]", "[data-now]"].map(
			find,
		);
		const crop = find("[data-crop]");
		const [x, y, zoom] = ["x", "y", "zoom"].map((name) => find(`[name$=_${name}]`));
		const at = { x: 50, y: 50 }; /* finer than the sliders, so that a slow hand moves it too */
		let picture = null;

		/* The same as Cut.box in core/utils/images.py. */
		const part = () => {
			const width =
				Math.min(picture.naturalWidth, (picture.naturalHeight * canvas.width) / canvas.height) /
				(zoom.value / 100);
			const height = (width * canvas.height) / canvas.width;
			return {
				width,
				height,
				roomX: picture.naturalWidth - width,
				roomY: picture.naturalHeight - height,
			};
		};
		const draw = () => {
			const { width, height, roomX, roomY } = part();
			canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
			canvas
				.getContext("2d")
				.drawImage(
					picture,
					(roomX * at.x) / 100,
					(roomY * at.y) / 100,
					width,
					height,
					0,
					0,
					canvas.width,
					canvas.height,
				);
		};
		const show = (isShown) => {
			[canvas.hidden, sliders.hidden] = [!isShown, !isShown];
			if (now) now.hidden = isShown;
			if (crop) crop.hidden = isShown;
		};
		input.addEventListener("change", () => {
			picture = null;
			show(false);
			if (!input.files[0]) return;
			const reader = new FileReader();
			reader.addEventListener("load", () => {
				const chosen = new Image();
				chosen.addEventListener("load", () => {
					[picture, at.x, at.y, zoom.value] = [chosen, 50, 50, 100];
					[x.value, y.value] = [at.x, at.y];
					const isCropped = document.activeElement === crop;
					show(true);
					draw();
					if (isCropped) x.focus();
				});
				chosen.src = reader.result;
			});
			reader.readAsDataURL(input.files[0]);
		});
		/* The current picture is cropped like a new one. */
		crop?.addEventListener("click", async () => {
			const answer = await fetch(find("img[data-now]").src).catch(() => null);
			if (!answer?.ok) return;
			const blob = await answer.blob();
			const files = new DataTransfer();
			files.items.add(new File([blob], "picture", { type: blob.type }));
			input.files = files.files;
			input.dispatchEvent(new Event("change"));
		});
		sliders.addEventListener("input", () => {
			[at.x, at.y] = [Number(x.value), Number(y.value)];
			if (picture) draw();
		});

		/* The picture can be dragged, too. */
		canvas.addEventListener("pointerdown", (event) => {
			canvas.setPointerCapture(event.pointerId);
		});
		canvas.addEventListener("pointermove", (event) => {
			if (!picture || !canvas.hasPointerCapture(event.pointerId)) return;
			const { width, roomX, roomY } = part();
			const scale = (100 * width) / canvas.getBoundingClientRect().width;
			const moved = (place, pixels, room) =>
				room ? Math.min(100, Math.max(0, place - (pixels * scale) / room)) : place;
			[at.x, at.y] = [moved(at.x, event.movementX, roomX), moved(at.y, event.movementY, roomY)];
			[x.value, y.value] = [at.x, at.y];
			draw();
		});
	});

	/* Links: rows are added from a template and moved in the page. The result is the same as with the server's
	   buttons. */
	const rows = document.querySelector("[data-rows]");
	if (!rows) return;
	const form = rows.closest("form");
	const all = () => [...rows.children];
	const total = form.querySelector("[name=links-TOTAL_FORMS]");
	const add = form.querySelector("[name=add_link]");
	const moved = form.querySelector("[data-moved]");
	const number = () => {
		all().forEach((row, index, { length }) => {
			row.id = `link-${index + 1}`;
			row.querySelectorAll("[data-numbered]").forEach((one) => {
				one.textContent = one.dataset.numbered.replace("{number}", index + 1);
			});
			row.querySelector("[name$=-ORDER]").value = index + 1;
			const [up, down] = row.querySelectorAll("[name=move_link]");
			[up.value, up.hidden, down.value, down.hidden] = [
				`${index}-up`,
				index === 0,
				`${index}-down`,
				index === length - 1,
			];
		});
		if (add) add.parentElement.hidden = all().length >= rows.dataset.max;
	};
	add?.addEventListener("click", (event) => {
		event.preventDefault();
		const holder = document.createElement("div");
		holder.innerHTML = document.getElementById("link-row").innerHTML.replaceAll(
			"__prefix__",
			total.value,
		);
		rows.append(...holder.children);
		total.value = Number(total.value) + 1;
		number();
		rows.lastElementChild.querySelector("[name$=-label]").focus();
	});
	/* A link to be removed is reduced to the checkbox that restores it. */
	const fold = (box) => {
		box.closest(".linkrow").querySelectorAll(":scope > .field").forEach((field) => {
			field.hidden = box.checked;
		});
	};
	rows.querySelectorAll("[name$=-DELETE]:checked").forEach(fold);
	rows.addEventListener("change", ({ target }) => {
		if (!target.name.endsWith("-DELETE")) return;
		fold(target);
		const words = target.checked ? moved.dataset.removed : moved.dataset.kept;
		moved.textContent = words.replace("{number}", all().indexOf(target.closest(".linkrow")) + 1);
	});
	rows.addEventListener("click", (event) => {
		const button = event.target.closest("[name=move_link]");
		if (!button) return;
		event.preventDefault();
		const row = button.closest(".linkrow");
		const isUp = button.value.endsWith("-up");
		if (isUp) row.previousElementSibling?.before(row);
		else row.nextElementSibling?.after(row);
		number();
		const again = button.hidden ? row.querySelector("[name=move_link]:not([hidden])") : button;
		(again ?? row).focus();
		moved.textContent = moved.dataset.moved.replace("{number}", all().indexOf(row) + 1);
	});
})();
