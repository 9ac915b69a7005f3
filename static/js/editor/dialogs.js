/* Dialogs: a few fields, "Done" and "Cancel". Without a form element, because they are inside one. */
import { el, field, iconButton, say, textButton } from "editor/dom";

/* Opens a modal dialog; `onclose` is called when it is closed in any way. Returns it. */
export const openDialog = (title, { onclose = () => {}, wide = false } = {}, ...content) => {
	const dialog = el(
		"dialog",
		{ class: wide ? "editor-dialog wide" : "editor-dialog", "aria-label": title },
		el(
			"header",
			{},
			el("h2", {}, title),
			iconButton("x", say("close"), () => dialog.close()),
		),
		...content,
	);
	dialog.addEventListener("close", () => {
		dialog.remove();
		onclose();
	});
	document.body.append(dialog);
	dialog.showModal();
	return dialog;
};

/* Asks for some values. fields: {name: {label, value, help, type, rows, check(value) → error}}. Resolves with
   the values, or null. */
export const ask = (title, fields, { submit = say("done") } = {}) =>
	new Promise((resolve) => {
		let answer = null;
		const inputs = {};
		const rows = Object.entries(fields).map(([name, about]) => {
			const input = about.rows
				? el("textarea", { rows: about.rows, value: about.value ?? "" })
				: el("input", {
					type: about.type ?? "text",
					value: about.value ?? "",
					...(about.attributes ?? {}),
				});
			inputs[name] = input;
			return field(about.label, input, about.help);
		});
		const error = el("p", { role: "alert", class: "wrong" });
		const done = () => {
			const values = Object.fromEntries(
				Object.entries(inputs).map(([name, input]) => [name, input.value.trim()]),
			);
			for (const [name, about] of Object.entries(fields)) {
				const wrong = about.check?.(values[name], values);
				if (wrong) {
					error.textContent = wrong;
					inputs[name].setAttribute("aria-invalid", "true");
					inputs[name].focus();
					return;
				}
			}
			answer = values;
			dialog.close();
		};
		const box = el(
			"div",
			{
				onkeydown: (event) => {
					if (event.key === "Enter" && event.target.matches("input")) {
						event.preventDefault();
						done();
					}
				},
			},
			...rows,
			error,
			el(
				"footer",
				{},
				textButton(submit, done, { class: "btn" }),
				textButton(say("cancel"), () => dialog.close()),
			),
		);
		const dialog = openDialog(title, { onclose: () => resolve(answer) }, box);
		Object.values(inputs)[0]?.focus();
	});
