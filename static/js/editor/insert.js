/* What can be inserted into the text, with dialogs. menus.js shows it. */
import { Extension } from "django-prose-editor/editor";
import { alertUser, isWebAddress, say, send, urls } from "editor/dom";
import { ask } from "editor/dialogs";
import { chooseFiles, choosePictures } from "editor/views";
import { openLibrary } from "editor/library";
import { blockOf, insertBlocks, insertFiles, uploadFile } from "editor/pictures";

const MAX_IN_GALLERY = 9;
const address = (value) => ({
	label: say("url"),
	type: "url",
	value,
	check: (text) => (isWebAddress(text) ? "" : say("badAddress")),
});

const insertGallery = (editor) =>
	choosePictures(true, async (files) => {
		if (files.length > MAX_IN_GALLERY) alertUser(say("galleryFull"));
		const pictures = [];
		for (const file of files.slice(0, MAX_IN_GALLERY)) {
			try {
				const { src, alt, width, height } = await uploadFile(file);
				pictures.push({ src, alt, width, height });
			} catch (error) {
				alertUser(`${file.name}: ${error}`);
			}
		}
		if (pictures.length) insertBlocks(editor, [{ type: "gallery", attrs: { pictures } }]);
	});

const insertFootnote = (editor) => {
	const pos = editor.state.selection.to;
	editor.chain().insertContentAt(pos, { type: "footnote", attrs: { text: "" } }).run();
	editor.commands.editFootnote(pos);
};

const askForVideo = async (editor, pos = null) => {
	const now = pos === null ? {} : editor.state.doc.nodeAt(pos).attrs;
	const values = await ask(say("video"), {
		href: { ...address(now.href), help: say("videoHint") },
		...(pos === null ? {} : { title: { label: say("title"), value: now.title } }),
	});
	if (!values) return;
	if (pos !== null && values.href === now.href) return replaceAttributes(editor, pos, values);
	const { data, status } = await send(urls().card, { url: values.href });
	if (status === 0) alertUser(say("readFailed"));
	else if (!data?.video) alertUser(data?.error ?? say("notAVideo"));
	else if (pos === null) insertBlocks(editor, [videoBlock(data)]);
	else replaceAttributes(editor, pos, videoBlock(data).attrs);
	editor.commands.focus();
};

const asked = new Set();

/* Cards of pasted videos get the site's title and picture. */
export const completeVideos = (editor) => {
	editor.state.doc.descendants(({ type, attrs }) => {
		if (type.name !== "video" || attrs.src || asked.has(attrs.href)) return;
		asked.add(attrs.href);
		send(urls().card, { url: attrs.href }).then(({ data }) => {
			if (data?.video) completeVideo(editor, attrs.href, videoBlock(data).attrs);
		});
	});
};

const completeVideo = (editor, href, { title, site, ...picture }) => {
	const { tr, doc } = editor.state;
	doc.descendants((node, pos) => {
		if (node.type.name !== "video" || node.attrs.href !== href || node.attrs.src) return;
		const named = node.attrs.title && node.attrs.title !== href
			? node.attrs.title
			: title || node.attrs.title;
		tr.setNodeMarkup(pos, undefined, { ...node.attrs, ...picture, site, title: named });
	});
	editor.view.dispatch(tr.setMeta("addToHistory", false));
};

const pictureOf = (picture) => ({
	src: picture?.src ?? null,
	width: picture?.width ?? null,
	height: picture?.height ?? null,
});

const videoBlock = ({ url, title, video, picture }) => ({
	type: "video",
	attrs: { href: url, title, site: video, ...pictureOf(picture) },
});

const bookmarkBlock = ({ url, title, description, site, picture }) => ({
	type: "bookmark",
	attrs: {
		href: url,
		title,
		description,
		site,
		src: picture?.src,
		width: picture?.width,
		height: picture?.height,
	},
});

const replaceAttributes = (editor, pos, attributes) => {
	const node = editor.state.doc.nodeAt(pos);
	editor.view.dispatch(editor.state.tr.setNodeMarkup(pos, undefined, { ...node.attrs, ...attributes }));
};

/* A card for a URL. If the site cannot be read, an error and a card with the URL only. */
export const insertCard = async (editor, url) => {
	const { data } = await send(urls().card, { url });
	if (data?.error) alertUser(data.error);
	const read = data?.title !== undefined ? data : { url, title: url, site: new URL(url).hostname };
	insertBlocks(editor, [read.video ? videoBlock(read) : bookmarkBlock(read)]);
	editor.commands.focus();
};

const askForCard = async (editor) => {
	const values = await ask(say("bookmark"), { href: address("") });
	if (values) await insertCard(editor, values.href);
};

const editCard = async (editor, pos) => {
	const { attrs } = editor.state.doc.nodeAt(pos);
	const values = await ask(say("bookmark"), {
		title: { label: say("title"), value: attrs.title },
		description: { label: say("description"), value: attrs.description, rows: 3 },
		href: address(attrs.href),
	});
	if (values) replaceAttributes(editor, pos, values);
	editor.commands.focus();
};

const askForButton = async (editor) => {
	const values = await ask(say("button"), {
		label: { label: say("label"), check: (text) => (text ? "" : say("label")) },
		href: address(""),
	});
	if (!values) return;
	const content = [{ type: "text", text: values.label }];
	insertBlocks(editor, [{ type: "buttonLink", attrs: { href: values.href }, content }]);
	editor.commands.focus();
};

const AUDIO_TYPES = ".mp3,.m4a,.ogg,.oga,.opus,.wav,.flac";
const FILE_TYPES = ".pdf,.docx,.xlsx,.pptx,.odt,.ods,.odp,.epub,.zip,.txt,.csv,.ics,.gpx";

/* [name, icon, action, search terms] */
export const items = [
	[
		"picture",
		"image",
		(editor) => choosePictures(true, (files) => insertFiles(editor, files)),
		"image photo",
	],
	["gallery", "images", insertGallery, "images photos"],
	[
		"library",
		"images",
		(editor) => openLibrary("", (upload) => insertBlocks(editor, [blockOf(upload)])),
		"uploads",
	],
	["video", "play", (editor) => askForVideo(editor), "youtube vimeo peertube film"],
	[
		"table",
		"table",
		(editor) => editor.chain().focus().insertTable({ rows: 3, cols: 3, withHeaderRow: true }).run(),
		"rows columns",
	],
	["h2", "h2", (editor) => editor.chain().focus().setHeading({ level: 2 }).run(), "heading title"],
	["h3", "h3", (editor) => editor.chain().focus().setHeading({ level: 3 }).run(), "heading"],
	["bullets", "list", (editor) => editor.chain().focus().toggleBulletList().run(), "list"],
	["numbers", "numbers", (editor) => editor.chain().focus().toggleOrderedList().run(), "list"],
	["quote", "quote", (editor) => editor.chain().focus().toggleBlockquote().run(), "blockquote"],
	[
		"pull",
		"quote",
		(editor) => editor.chain().focus().wrapIn("blockquote", { pull: true }).run(),
		"pullquote",
	],
	["callout", "info", (editor) => editor.chain().focus().wrapIn("callout").run(), "note box aside"],
	["codeBlock", "code", (editor) => editor.chain().focus().setCodeBlock().run(), "pre program"],
	["footnote", "note", insertFootnote, "note reference"],
	["bookmark", "link", askForCard, "embed preview"],
	["button", "button", askForButton, "call to action link"],
	[
		"file",
		"file",
		(editor) => chooseFiles(FILE_TYPES, true, (files) => insertFiles(editor, files)),
		"download pdf",
	],
	[
		"audio",
		"audio",
		(editor) => chooseFiles(AUDIO_TYPES, true, (files) => insertFiles(editor, files)),
		"podcast sound mp3",
	],
	["rule", "line", (editor) => editor.chain().focus().setHorizontalRule().run(), "line hr separator"],
	["readMore", "more", (editor) => insertBlocks(editor, [{ type: "readMore" }]), "excerpt more"],
];

/* Commands used by other parts and by blocks. */
export const InsertCommands = Extension.create({
	name: "insertCommands",
	addCommands: () => ({
		editVideo: (pos) => ({ editor }) => {
			askForVideo(editor, pos);
			return true;
		},
		editBookmark: (pos) => ({ editor }) => {
			editCard(editor, pos);
			return true;
		},
		/* A URL that is pasted alone: a video becomes a card, anything else a link. */
		insertAddress: (url) => ({ editor }) => {
			const isVideo =
				/^https?:\/\/(?:[\w.]+\.)?(?:youtube\.com|youtu\.be|vimeo\.com|youtube-nocookie\.com)\//i
					.test(url) ||
				/^https:\/\/[\w.-]+\/(?:w|videos\/watch)\/[\w-]{16,40}\/?$/.test(url);
			if (!isVideo) return false;
			queueMicrotask(async () => {
				const { data } = await send(urls().card, { url });
				if (data?.video) insertBlocks(editor, [videoBlock(data)]);
				else {editor.commands.insertContent({
						type: "text",
						text: url,
						marks: [{ type: "link", attrs: { href: url } }],
					});}
			});
			return true;
		},
	}),
});
