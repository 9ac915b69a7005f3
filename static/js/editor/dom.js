/* Shared by all parts of the editor: elements, icons, texts, requests. */

const about = { words: {}, icons: "", urls: {}, token: "", alerts: null };

export const setUp = (config) => Object.assign(about, config);
export const urls = () => about.urls;

/* A sentence from the server, with {names} filled in. */
export const say = (key, values = {}) =>
	(about.words[key] ?? key).replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);

/* el("p", {class: "x", onclick: f, "aria-label": "y"}, "text", element) */
export const el = (tag, attributes = {}, ...children) => {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes)) {
		if (value === null || value === undefined || value === false) continue;
		if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
		else if (name === "value" || name === "checked") element[name] = value;
		else element.setAttribute(name, value === true ? "" : value);
	}
	element.append(...children.filter((child) => child !== null && child !== undefined));
	return element;
};

export const icon = (name) => {
	const space = "http://www.w3.org/2000/svg";
	const svg = document.createElementNS(space, "svg");
	svg.setAttribute("class", "i");
	svg.setAttribute("aria-hidden", "true");
	const use = document.createElementNS(space, "use");
	use.setAttribute("href", `${about.icons}#${name}`);
	svg.append(use);
	return svg;
};

export const iconButton = (name, label, onclick, more = {}) =>
	el(
		"button",
		{ type: "button", class: "ico", title: label, "aria-label": label, onclick, ...more },
		icon(name),
	);

export const textButton = (label, onclick, more = {}) =>
	el("button", { type: "button", class: "act", onclick, ...more }, label);

let number = 0;
export const uniqueId = (prefix) => `${prefix}-${++number}`;

/* A label, its field, and help that is linked to it. */
export const field = (label, input, help = "") => {
	input.id ||= uniqueId("editor-field");
	const hint = help ? el("span", { class: "hint", id: `${input.id}-help` }, help) : null;
	if (hint) input.setAttribute("aria-describedby", hint.id);
	return el("div", { class: "field" }, el("label", { for: input.id }, label), hint, input);
};

/* Messages stay above the text until they are closed. */
export const alertUser = (text) => {
	const line = el("p", { role: "alert" }, text);
	line.append(iconButton("x", say("close"), () => line.remove()));
	about.alerts.append(line);
	return line;
};

/* A POST with a form or a JSON body. {status, data}; status 0: the site cannot be reached. */
export const send = (url, body, { onProgress = null, json = false } = {}) =>
	new Promise((resolve) => {
		const request = new XMLHttpRequest(); /* fetch() does not report upload progress */
		request.open("POST", url);
		request.setRequestHeader("X-CSRFToken", about.token());
		request.setRequestHeader("Accept", "application/json");
		if (json) request.setRequestHeader("Content-Type", "application/json");
		request.responseType = "json";
		request.timeout = 300_000;
		if (onProgress) {
			request.upload.addEventListener("progress", (event) => {
				if (event.lengthComputable) onProgress(event.loaded / event.total);
			});
		}
		request.addEventListener("loadend", () =>
			resolve({ status: request.status, data: request.response ?? {} }));
		request.send(json ? JSON.stringify(body) : toForm(body));
	});

const toForm = (values) => {
	const form = new FormData();
	for (const [name, value] of Object.entries(values)) form.append(name, value);
	return form;
};

export const read = async (url) => {
	try {
		const response = await fetch(url, { headers: { Accept: "application/json" } });
		return response.ok ? await response.json() : null;
	} catch {
		return null;
	}
};

export const fileSize = (bytes) =>
	bytes < 1024 * 1024
		? `${Math.max(1, Math.round(bytes / 1024))} kB`
		: `${(bytes / 1024 / 1024).toFixed(1).replace(/\.0$/, "")} MB`;

export const isWebAddress = (text) => /^https?:\/\/[^\s/]+\.[^\s]+$/i.test(text);
