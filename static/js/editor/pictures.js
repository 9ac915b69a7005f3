/* Uploads: files that are chosen, dropped or pasted, and pictures of other sites. Until it is done a block
   takes the place of each; it is never stored. */
import { pm } from "django-prose-editor/editor";
import { alertUser, fileSize, say, send, uniqueId, urls } from "editor/dom";

/* Uploads in progress by the id of their block: {name, part, show()}. */
export const underway = new Map();

export const blockOf = (upload) => {
	const { src, alt, width, height, kind, title, size } = upload;
	if (kind === "picture" || kind === "card") return { type: "picture", attrs: { src, alt, width, height } };
	if (kind === "audio") return { type: "audio", attrs: { src, title } };
	const ending = title.includes(".") ? title.split(".").pop().toUpperCase() : "";
	return {
		type: "file",
		attrs: { href: src, title, note: [ending, fileSize(size)].filter(Boolean).join(", ") },
	};
};

const placeOf = (editor, id) => {
	let place = null;
	editor.state.doc.descendants((node, pos) => {
		const { id: own, upload, pictures } = node.attrs;
		if (own === id || upload === id || pictures?.some((picture) => picture.upload === id)) place = pos;
		return place === null;
	});
	return place;
};

/* Replaces the placeholder by the finished block, or removes it. Undo reverts the whole insertion, not this
   step. */
const settle = (editor, id, block) => {
	underway.delete(id);
	const place = placeOf(editor, id);
	if (place !== null) {
		/* otherwise it was deleted */
		const tr = editor.state.tr.setMeta("addToHistory", false);
		const node = editor.state.doc.nodeAt(place);
		if (node.type.name === "gallery") settleInGallery(tr, place, node, id, block);
		else if (node.type.name === "picture" && block) {
			tr.setNodeMarkup(place, undefined, filled(node.attrs, block));
		} else if (block) tr.replaceWith(place, place + 1, editor.schema.nodeFromJSON(block));
		else removePlace(tr, place, node);
		editor.view.dispatch(tr);
	}
	done(Boolean(block));
};

const filled = (picture, { attrs: { src, alt, width, height } }) => ({
	...picture,
	src,
	width,
	height,
	alt: picture.alt || alt,
	upload: null,
});

/* Keep the caption of a picture. */
const removePlace = (tr, place, node) => {
	const { paragraph } = node.type.schema.nodes;
	if (node.content.size) tr.replaceWith(place, place + node.nodeSize, paragraph.create(null, node.content));
	else tr.delete(place, place + node.nodeSize);
};

const settleInGallery = (tr, place, node, id, block) => {
	const pictures = node.attrs.pictures.flatMap((picture) =>
		picture.upload !== id ? [picture] : block ? [filled(picture, block)] : []
	);
	if (pictures.length) tr.setNodeMarkup(place, undefined, { ...node.attrs, pictures });
	else removePlace(tr, place, node);
};

/* --- when all are done --------------------------------------------------------------------- */

let sending = 0; /* files without a place in the text yet */
let waiting = [];

export const isUnderway = () => underway.size + sending > 0;

/* Resolves with whether all uploads succeeded. */
export const arrival = () => new Promise((resolve) => waiting.push({ resolve, isComplete: true }));

const done = (isThere) => {
	waiting.forEach((one) => (one.isComplete &&= isThere));
	if (isUnderway()) return;
	const arrived = waiting;
	waiting = [];
	arrived.forEach(({ resolve, isComplete }) => resolve(isComplete));
};

const failed = ({ status, data }, name) =>
	data?.error ??
		(status === 401 || status === 403 ? say("signedOut") : say("uploadFailed", { name }));

export const uploadFile = async (file, onProgress = () => {}) => {
	sending++;
	let answer = {};
	try {
		answer = await send(urls().uploads, { file }, { onProgress });
	} finally {
		sending--;
		/* after those who wait for this file have inserted it */
		setTimeout(() => done(Boolean(answer.data?.src)));
	}
	return answer.data?.src ? answer.data : Promise.reject(failed(answer, file.name));
};

const begin = (name) => {
	const id = uniqueId("upload");
	underway.set(id, { name, part: 0, show: () => {} });
	return id;
};

const progress = (id) => (part) => {
	const upload = underway.get(id);
	if (!upload) return;
	upload.part = part;
	upload.show();
};

/* Two at a time, in order. */
const runAll = async (jobs) => {
	const waiting = [...jobs];
	const worker = async () => {
		while (waiting.length) await waiting.shift()();
	};
	await Promise.all([worker(), worker()]);
};

/* Uploads files to `pos` (default: the selection), each with a block that shows the progress. */
export const insertFiles = (editor, files, pos = null) => {
	const ids = files.map((file) => begin(say("uploading", { name: file.name })));
	const blocks = ids.map((id) => ({ type: "upload", attrs: { id } }));
	insertBlocks(editor, blocks, pos);
	return runAll(
		files.map((file, index) => async () => {
			try {
				const upload = await uploadFile(file, progress(ids[index]));
				settle(editor, ids[index], blockOf(upload));
			} catch (error) {
				settle(editor, ids[index], null);
				alertUser(`${file.name}: ${error}`);
			}
		}),
	);
};

/* Inserts blocks between those of the text, replacing an empty paragraph; the cursor goes behind them. */
export const insertBlocks = (editor, blocks, pos = null) => {
	const { state } = editor;
	const { node: selected, to: behind, $from } = state.selection;
	const $pos = pos !== null ? state.doc.resolve(pos) : selected ? state.doc.resolve(behind) : $from;
	const nodes = blocks.map((block) => editor.schema.nodeFromJSON(block));
	let depth = $pos.depth;
	const canHold = (parent) => nodes.every((node) => parent.type.contentMatch.matchType(node.type));
	while (depth > 1 && !canHold($pos.node(depth - 1))) depth--;
	const tr = state.tr;
	let from;
	let to;
	if (depth === 0) {
		from = to = $pos.pos;
	} else {
		const block = $pos.node(depth);
		const isEmpty = block.type.name === "paragraph" && block.content.size === 0;
		from = isEmpty ? $pos.before(depth) : $pos.after(depth);
		to = isEmpty ? $pos.after(depth) : from;
	}
	tr.replaceWith(from, to, nodes);
	const end = from + nodes.reduce((size, node) => size + node.nodeSize, 0);
	const next = tr.doc.resolve(end);
	if (!next.nodeAfter) tr.insert(end, editor.schema.nodes.paragraph.create());
	tr.setSelection(pm.state.Selection.near(tr.doc.resolve(Math.min(end + 1, tr.doc.content.size)), 1));
	editor.view.dispatch(tr.scrollIntoView());
};

/* --- pictures in pasted HTML ------------------------------------------------------------ */

/* Pictures in pasted HTML as <img data-upload>; paste.js calls it for each. */
export const expectPicture = (source, alt) => {
	const id = begin(say("fetching", { name: hostOf(source) }));
	Object.assign(underway.get(id), { source, alt });
	return id;
};

const hostOf = (source) => {
	try {
		return new URL(source).hostname || say("picture");
	} catch {
		return say("picture");
	}
};

/* Fetches expected pictures that are in the text. */
export const fetchExpected = (editor) => {
	const ids = [...underway].filter(([, upload]) => upload.source).map(([id]) => id);
	return runAll(ids.map((id) => () => fetchOne(editor, id)));
};

const fetchOne = async (editor, id) => {
	const { source, alt } = underway.get(id);
	delete underway.get(id).source;
	try {
		const upload = source.startsWith("data:")
			? await uploadFile(fileOf(source), progress(id))
			: await send(urls().fetch, { url: source }).then(({ data }) =>
				data?.src ? data : Promise.reject(data?.error ?? say("fetchFailed"))
			);
		settle(editor, id, blockOf({ ...upload, alt: upload.alt || alt }));
	} catch (error) {
		settle(editor, id, null);
		alertUser(`${error}`);
	}
};

/* The file in a data: URL. fetch() would need an exception in the policy. */
const fileOf = (source) => {
	const [head, data] = source.split(",", 2);
	const type = /^data:([\w/+.-]+)/.exec(head)?.[1] ?? "";
	try {
		const bytes = /;base64/i.test(head)
			? Uint8Array.from(atob(data), (char) => char.charCodeAt(0))
			: new TextEncoder().encode(decodeURIComponent(data));
		return new File([bytes], `picture.${type.split("/")[1] ?? "png"}`, { type });
	} catch {
		return new File([], "picture", { type });
	}
};
