/* Saves the text: on the site every few seconds, on the device at once, and asks before it would be lost. The
   public text stays as it is until the post is saved; this text is in a row beside it
   (posts/editor/autosave.py). */
import { el, say, send, textButton, urls } from "editor/dom";
import { openDialog } from "editor/dialogs";

const WAIT = 2000; /* after the last key … */
const LONGEST_WAIT = 5000; /* … and at the latest */
const LOOK = 400;
const RETRY = 4000;
const FIELDS = ["title", "summary", "body"];

export class Autosave {
	/* read() → the texts of the form by name; write(texts) sets others; notices: the place for messages. */
	constructor(config, { form, read, write, show, notices }) {
		Object.assign(this, { config, form, read, write, show, notices });
		this.window = crypto.randomUUID?.() ?? `${Math.random()}`;
		this.revision = config.revision;
		this.saved = config.saved;
		/* The text of a form with errors is not saved anywhere. */
		this.last = config.isUnsaved ? "" : JSON.stringify(read());
		/* Drafts of this post, or of all new ones. */
		this.slots = `post-editor:${config.post ?? (config.kind === "page" ? "newpage" : "new")}:`;
		this.slot = `${this.slots}${config.key}`;
		this.dirtySince = 0;
		this.isOff = false;
		this.otherFields = null;
		/* Django's own scripts fill some fields when the page has loaded. */
		addEventListener("load", () => setTimeout(() => (this.otherFields = this.others())));
		form.addEventListener("input", () => this.changed());
		form.addEventListener("submit", (event) => {
			this.sayWhatWasSeen();
			this.leave();
			setTimeout(() => event.defaultPrevented && this.comeBack()); /* another script asks first */
		});
		addEventListener("pageshow", (event) => event.persisted && this.comeBack());
		addEventListener("beforeunload", (event) => {
			if (!this.isOff && (this.isDirty() || this.hasOtherChanges())) event.preventDefault();
		});
		addEventListener("online", () => this.now());
		document.addEventListener("visibilitychange", () => document.hidden && this.now());
		this.offerUnfinished();
		this.offerFromDevice();
		if (config.restored) this.tellRestored(config.restored);
		if (config.theirs) this.conflict(config.theirs);
		else if (config.isUnsaved) this.changed();
	}

	/* Unsaved text of another window that this one has not shown is not discarded on saving. */
	sayWhatWasSeen() {
		const set = (name, value) => {
			const field = this.form.querySelector(`[name=${name}]`);
			if (field) field.value = value;
		};
		set("autosave_revision", this.revision);
		set("autosave_window", this.window);
	}

	/* The other fields of the form as one text. They are only saved by its buttons. */
	others() {
		const values = [];
		for (const [name, value] of new FormData(this.form)) {
			if (![...FIELDS, "csrfmiddlewaretoken", "autosave_revision", "autosave_window"].includes(name)) {
				values.push(`${name}=${value.name ?? value}`);
			}
		}
		return values.join("\n");
	}

	hasOtherChanges() {
		return this.otherFields !== null && this.others() !== this.otherFields;
	}

	isDirty() {
		return this.dirtySince > 0 || this.isSending;
	}

	/* Called at each key, so it only stores the time; look() reads the whole text, which takes longer. */
	changed() {
		if (this.isOff) return;
		this.dirtySince ||= Date.now();
		this.looking ||= setTimeout(() => this.look(), LOOK);
	}

	look() {
		this.looking = 0;
		if (this.isOff) return;
		if (JSON.stringify(this.read()) === this.last) {
			if (!this.isSending && !this.isHeld) this.settle();
			return;
		}
		this.keepOnDevice();
		if (this.isHeld) return;
		if (!this.failed) this.show("unsaved", false);
		clearTimeout(this.timer);
		const wait = Math.min(WAIT, Math.max(0, this.dirtySince + LONGEST_WAIT - Date.now()));
		this.timer = setTimeout(() => this.now(), wait);
	}

	async now() {
		clearTimeout(this.timer);
		if (this.isOff || this.isHeld || this.isSending) return;
		const texts = this.read();
		const written = JSON.stringify(texts);
		if (written === this.last) {
			this.settle();
			return;
		}
		this.isSending = true;
		if (!this.failed) this.show("saving", false);
		const { status, data } = await send(
			urls().autosave,
			{
				...texts,
				key: this.config.key,
				kind: this.config.kind,
				window: this.window,
				revision: this.revision,
				saved: this.saved,
			},
			{ json: true },
		);
		this.isSending = false;
		if (this.isOff) return;
		if (status === 200 && data?.revision) this.kept(written, data.revision);
		else if (status === 409) this.conflict(data);
		else this.notKept(status, data);
	}

	kept(written, revision) {
		this.failed = false;
		this.revision = revision;
		this.last = written;
		this.dirtySince = 0;
		this.forgetOnDevice();
		this.show(this.config.isPublic ? "savedUnpublished" : "saved", true);
		if (!this.config.post && !location.search.includes("draft=")) {
			/* so that a reload, or the browser's session restore, returns to this text */
			history.replaceState(null, "", `${urls().add}?draft=${encodeURIComponent(this.config.key)}`);
		}
		this.look();
	}

	settle() {
		this.dirtySince = 0;
		this.forgetOnDevice();
	}

	notKept(status, data) {
		this.failed = true;
		if (status === 422 || status === 400) {
			this.notice("failed", data?.error ?? say("keptNowhere"));
			return;
		}
		const isSignedOut = status === 401 || status === 403 || (status >= 200 && status < 400);
		this.show(isSignedOut ? "signedOut" : this.keepOnDevice() ? "offline" : "keptNowhere", false);
		this.timer = setTimeout(() => this.now(), RETRY);
	}

	/* --- on the device ------------------------------------------------------------------- */

	keepOnDevice() {
		try {
			localStorage.setItem(
				this.slot,
				JSON.stringify({
					at: Date.now(),
					saved: this.saved,
					revision: this.revision,
					texts: this.read(),
				}),
			);
			return true;
		} catch {
			return false; /* full, or not allowed */
		}
	}

	forgetOnDevice() {
		try {
			localStorage.removeItem(this.slot);
		} catch {
			/* not allowed: nothing was stored */
		}
	}

	offerFromDevice() {
		let kept = null;
		let slot = this.slot;
		try {
			/* sent with a form that the site has saved since */
			for (const key of this.config.savedKeys) {
				Object.keys(localStorage)
					.filter((name) => name.startsWith("post-editor:") && name.endsWith(`:${key}`))
					.forEach((name) => localStorage.removeItem(name));
			}
			const slots = Object.keys(localStorage).filter((name) => name.startsWith(this.slots));
			slot = slots.includes(slot) ? slot : slots[0];
			kept = slot ? JSON.parse(localStorage.getItem(slot)) : null;
		} catch {
			return;
		}
		if (!kept?.texts || JSON.stringify(kept.texts) === JSON.stringify(this.read())) return;
		const when = new Date(kept.at).toLocaleString(document.documentElement.lang || undefined, {
			dateStyle: "short",
			timeStyle: "short",
		});
		const line = this.notice("device", say("onDevice", { when }), {
			restore: () => {
				localStorage.removeItem(slot);
				this.write(kept.texts);
				line.remove();
				this.changed();
			},
			discard: () => {
				localStorage.removeItem(slot);
				line.remove();
			},
		});
	}

	/* --- messages above the text ---------------------------------------------------------- */

	notice(kind, text, actions = {}) {
		this.notices.querySelector(`[data-kind="${kind}"]`)?.remove();
		const line = this.line(kind, text, actions);
		this.notices.append(line);
		return line;
	}

	line(kind, text, actions) {
		const buttons = Object.entries(actions).map(([key, run]) => textButton(say(key), run));
		return el(
			"div",
			{ class: "notice", role: "status", "data-kind": kind },
			el("p", {}, text),
			...buttons,
		);
	}

	offerUnfinished() {
		const begun = this.config.unfinished ?? [];
		if (!begun.length) return;
		if (begun.length === 1) {
			this.notices.append(this.unfinished(begun[0]));
			return;
		}
		const count = el("summary");
		const list = el("div", {}, ...begun.map((one) => this.unfinished(one)));
		const box = el("details", { class: "unfinished" }, count, list);
		const update = () => {
			count.textContent = say("unfinishedMore", { count: list.children.length });
			if (list.children.length < 2) box.replaceWith(...list.children);
		};
		update();
		new MutationObserver(update).observe(list, { childList: true });
		this.notices.append(box);
	}

	unfinished({ title, when, url, key }) {
		const line = this.line(key, say("unfinishedOne", { title, when }), {
			continueWriting: () => location.assign(url),
			discard: () => {
				send(urls().discard, { key });
				const beside = line.nextElementSibling ?? line.previousElementSibling;
				line.remove();
				beside?.querySelector("button")?.focus();
			},
		});
		return line;
	}

	tellRestored(text) {
		this.notice("restored", text, {
			discardChanges: async () => {
				this.leave();
				await send(urls().discard, { key: this.config.key });
				location.assign(this.config.post ? location.pathname : urls().add);
			},
		});
	}

	/* Another window or person saved first. Nothing is sent until one version is chosen. */
	conflict(theirs) {
		this.isHeld = true;
		this.keepOnDevice();
		this.show("unsaved", false);
		const text = theirs.who
			? say("changedBy", { name: theirs.who, when: theirs.when })
			: say("changedHere", { when: theirs.when });
		const resolveConflict = () => {
			this.revision = theirs.revision;
			this.saved = theirs.saved ?? this.saved;
			const token = this.form.querySelector("[name=content_version]");
			if (token && theirs.saved !== null) token.value = theirs.saved;
			this.isHeld = false;
			line.remove();
		};
		const line = this.notice("conflict", text, {
			compare: () => compare(this.read(), theirs),
			keepMine: () => {
				resolveConflict();
				this.last = "";
				this.now();
			},
			useTheirs: () => {
				resolveConflict();
				this.write(Object.fromEntries(FIELDS.map((name) => [name, theirs[name]])));
				this.last = JSON.stringify(this.read());
				this.settle();
			},
		});
	}

	leave() {
		this.isOff = true;
		clearTimeout(this.timer);
		/* If the form does not arrive, the text is on the device; once saved, offerFromDevice deletes it there. */
		if (this.dirtySince) this.keepOnDevice();
	}

	comeBack() {
		this.isOff = false;
		this.changed();
	}
}

/* --- comparing ---------------------------------------------------------------------------------- */

const blocksOf = ({ title, summary, body }) => {
	const page = new DOMParser().parseFromString(body, "text/html");
	const pieces = [...page.body.children].map((block) =>
		[
			block.textContent.trim(),
			...[...block.querySelectorAll("img")].map((picture) =>
				`[${picture.alt || picture.getAttribute("src")}]`
			),
		].filter(Boolean).join(" ")
	);
	return [title, summary, ...pieces].filter(Boolean);
};

/* Blocks that both texts have in the same order: the longest common subsequence, for texts of moderate
   length. */
const common = (mine, theirs) => {
	const size = Array.from({ length: mine.length + 1 }, () => new Uint16Array(theirs.length + 1));
	for (let i = mine.length - 1; i >= 0; i--) {
		for (let j = theirs.length - 1; j >= 0; j--) {
			size[i][j] = mine[i] === theirs[j]
				? size[i + 1][j + 1] + 1
				: Math.max(size[i + 1][j], size[i][j + 1]);
		}
	}
	const [a, b] = [new Set(), new Set()];
	for (let i = 0, j = 0; i < mine.length && j < theirs.length;) {
		if (mine[i] === theirs[j]) {
			a.add(i++);
			b.add(j++);
		} else if (size[i + 1][j] >= size[i][j + 1]) i++;
		else j++;
	}
	return [a, b];
};

const compare = (mine, theirs) => {
	const [a, b] = [blocksOf(mine), blocksOf(theirs)];
	const [inA, inB] = a.length * b.length < 4_000_000 ? common(a, b) : [new Set(), new Set()];
	const column = (title, blocks, both) =>
		el(
			"section",
			{},
			el("h3", {}, title),
			...blocks.map((
				text,
				index,
			) => (both.has(index) ? el("p", {}, text) : el("p", {}, el("mark", {}, text)))),
		);
	openDialog(
		say("compare"),
		{ wide: true },
		el("div", { class: "compare" }, column(say("yours"), a, inA), column(say("theirs"), b, inB)),
	);
};
