/* Helps to write: drafts kept on the device, quoting, names behind an "@". Everything works without it.
   How drafts live and die: docs/decisions/0011. */
(() => {
  "use strict";
  const { reach, reply } = document.currentScript.dataset;
  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
  const copy = (id) => $(`#${id}`).content.firstElementChild.cloneNode(true);
  const field = (form) => $("textarea[data-words]", form);
  const KEPT_DAYS = 28;
  const PAUSE = 500;
  const FORMS = "form[data-draft]";

  /* ---------- drafts: one entry for each form that somebody wrote in, so that no tab writes over another's ---------- */
  const memo = {  /* of this tab alone */
    get: (name) => { try { return sessionStorage.getItem(name); } catch { return null; } },
    set: (name, value) => { try { sessionStorage.setItem(name, value); } catch { /* private mode */ } },
    take: (name) => { const value = memo.get(name); try { sessionStorage.removeItem(name); } catch { /* as above */ } return value; },
  };
  const drafts = {
    all() {
      try {
        return Object.keys(localStorage).filter((name) => name.startsWith("draft:")).flatMap((name) => {
          const [, writer, id] = name.split(":");
          try { return [{ writer, id, ...JSON.parse(localStorage.getItem(name)) }]; } catch { localStorage.removeItem(name); return []; }
        });
      } catch { return []; }
    },
    put({ writer, id, place, to }, words, also = []) {
      try { localStorage.setItem(`draft:${writer}:${id}`, JSON.stringify({ place, to, words, also, at: Date.now() })); return true; } catch { return false; }
    },
    drop: ({ writer, id }) => { try { localStorage.removeItem(`draft:${writer}:${id}`); } catch { /* there is none */ } },
  };
  const begun = new Map();  /* form -> who writes what where, under which name it is kept */
  let isSignedOut = false;

  const isUnsent = (form) => Boolean(field(form).value.trim()) && (field(form).value !== field(form).defaultValue || "unsent" in form.dataset);

  /* The comments that are ticked to be answered too: boxes in the form and at the comments, and fields for those on other pages. */
  const alsoFields = (form) => [...form.elements].filter((one) => one.name === "also");
  const ticked = (form) => alsoFields(form).filter((one) => one.type !== "checkbox" || one.checked).map((one) => one.value);
  const tick = (form, numbers = []) => numbers.forEach((number) => {
    const box = alsoFields(form).find((one) => one.value === number);
    if (box) box.checked = true;
    else form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "also", value: number }));
  });

  /* True when nothing would be lost if the page went away now. */
  const keep = (form) => {
    const me = begun.get(form);
    clearTimeout(me.timer);
    if (!isUnsent(form)) { drafts.drop(me); return true; }
    if (isSignedOut || !drafts.put(me, field(form).value, ticked(form))) return false;
    if (!me.isHeld) {  /* tells other tabs that these words are being written here; let go of when the page is left */
      me.isHeld = true;
      navigator.locks?.request(`draft:${me.id}`, () => new Promise(() => {}));
    }
    return true;
  };
  const write = (form, words) => {
    const place = field(form);
    place.value = words;
    place.focus();
    place.setSelectionRange(words.length, words.length);
    place.dispatchEvent(new Event("input", { bubbles: true }));
    keep(form);
  };
  const takeUp = (form, draft) => { tick(form, draft.also); append(form, draft.words); };
  const append = (form, words) => write(form, isUnsent(form) ? `${field(form).value.trimEnd()}\n\n${words}` : words);

  const when = (at) => {
    const then = new Date(at);
    const isToday = then.toDateString() === new Date().toDateString();
    return then.toLocaleString(document.documentElement.lang, { ...(isToday ? {} : { day: "numeric", month: "long" }), hour: "2-digit", minute: "2-digit" });
  };

  /* Words that wait for another form of this post: go there, and take them up when it opens. */
  const takeElsewhere = async (form, draft) => {
    const [path, parent] = draft.place.split("#");
    if (!parent) { memo.set("take", draft.id); location.assign(`${path.replace(/comments\/$/, "")}#reply`); return; }
    const address = reply.replace("0", parent);
    const answer = await fetch(address, { method: "HEAD", redirect: "manual" }).catch(() => null);
    if (answer?.status === 404) {
      drafts.drop(draft);
      takeUp(form, draft);
      $("[data-draft-place]", form).replaceChildren(copy("draft-orphan"));
    } else {
      memo.set("take", draft.id);
      location.assign(address);
    }
  };
  /* A draft is offered where it was written: below the comment that it answers, if that is on the page and can be seen. */
  const offerPlace = (form, draft) => {
    const [, parent] = draft.place.split("#");
    const below = draft.place !== form.dataset.draft && parent && document.getElementById(`compose-${parent}`);
    return below && below.parentElement.getClientRects().length ? below : $("[data-draft-place]", form);
  };
  const offer = (form, waiting) => {
    const [draft, ...others] = waiting;
    $("[data-draft-place]", form).replaceChildren();
    $$("[data-draft-below]").forEach((old) => old.remove());
    if (!draft) return;
    const place = offerPlace(form, draft);
    const note = copy("draft-offer");
    if (!form.contains(place)) note.dataset.draftBelow = "";
    const isHere = draft.place === form.dataset.draft;
    $(isHere ? "[data-there]" : "[data-here]", note).remove();
    if (!isHere) $("[data-there] span", note).textContent = draft.to;
    $("time", note).textContent = when(draft.at);
    $("q", note).textContent = draft.words.length > 90 ? `${draft.words.slice(0, 90).trimEnd()}…` : draft.words;
    $("[data-take]", note).addEventListener("click", () => {
      if (!isHere) { takeElsewhere(form, draft); return; }
      drafts.drop(draft);
      takeUp(form, draft);
      offer(form, others);
    });
    $("[data-throw]", note).addEventListener("click", () => {
      const thrown = copy("draft-thrown");
      drafts.drop(draft);
      offer(form, others);
      place.prepend(thrown);
      $("button", thrown).addEventListener("click", () => { drafts.put(draft, draft.words, draft.also); thrown.remove(); offer(form, waiting); });
      $("button", thrown).focus();
    });
    place.append(note);
  };

  /* Drafts of this writer for these places; those typed here while signed out are theirs as well. */
  const waitingFor = async (form, isWanted) => {
    const isBusy = new Set(((await navigator.locks?.query())?.held ?? []).map((lock) => lock.name));
    const mine = new Set([...begun].filter(([other]) => other.isConnected).map(([, me]) => me.id));
    return drafts.all().filter((draft) => ["", form.dataset.writer].includes(draft.writer) && isWanted(draft.place) && !mine.has(draft.id) && !isBusy.has(`draft:${draft.id}`))
      .sort((one, other) => other.at - one.at);
  };
  const settle = async (form) => {
    const here = await waitingFor(form, (place) => place === form.dataset.draft);
    const have = field(form).value.trim();
    here.filter((draft) => draft.words.trim() === have).forEach(drafts.drop);  /* the form brought them along itself */
    const others = here.filter((draft) => draft.words.trim() !== have);
    if (form !== $(FORMS)) return others;
    const [path] = form.dataset.draft.split("#");
    const open = new Set($$(FORMS).map((other) => other.dataset.draft));
    return [...others, ...await waitingFor(form, (place) => place.split("#")[0] === path && !open.has(place))];
  };
  /* A form that was sent comes back from the browser's memory with its words in it. */
  const emptyIfArrived = (form) => {
    const place = field(form);
    if (!("unsent" in form.dataset) && memo.get(`arrived:${form.dataset.draft}`) === place.value) place.value = place.defaultValue;
  };
  const begin = async (form) => {
    if (begun.has(form) || !field(form)) return;
    const gone = [...begun].filter(([other]) => !other.isConnected && other.dataset.draft === form.dataset.draft).map(([, me]) => me.id);
    const me = { id: [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(36).padStart(2, "0")).join(""), place: form.dataset.draft, writer: form.dataset.writer, to: form.dataset.answers ?? "" };
    begun.set(form, me);
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "draft", value: me.id }));
    form.append(Object.assign(document.createElement("p"), { className: "vh", role: "status" }));
    emptyIfArrived(form);
    keep(form);
    /* The same form was opened anew on this page, or its words were taken up elsewhere: nobody needs to be asked. */
    const known = [memo.get("take"), ...gone];
    drafts.all().filter((draft) => known.includes(draft.id) && draft.place === me.place).forEach((draft) => {
      memo.take("take");
      drafts.drop(draft);
      takeUp(form, draft);
    });
    const quote = JSON.parse(memo.get("quote"));
    if (quote && me.place.endsWith(`#${quote.parent}`)) { memo.take("quote"); append(form, quote.words); }
    offer(form, await settle(form));
  };

  const start = () => {
    const oldest = Date.now() - KEPT_DAYS * 86_400_000;
    const [, prefix, arrived] = document.cookie.match(/(?:^|; )(__Host-)?draft_arrived=([a-z0-9]+)/) ?? [];
    drafts.all().forEach((draft) => {
      if (draft.id === arrived) memo.set(`arrived:${draft.place}`, draft.words);
      if (draft.id === arrived || !(draft.at > oldest)) drafts.drop(draft);
    });
    if (arrived) document.cookie = prefix ? "__Host-draft_arrived=; path=/; max-age=0; samesite=lax; secure" : "draft_arrived=; path=/; max-age=0; samesite=lax";
    $$(FORMS).forEach(begin);
  };
  start();
  addEventListener("pageshow", async ({ persisted }) => {
    if (persisted) start();
    for (const [form, me] of begun) {
      me.isReached = me.isAsking = false;
      emptyIfArrived(form);
      keep(form);
      if (form.isConnected) offer(form, await settle(form));
    }
  });
  addEventListener("htmx:load", ({ detail: { elt } }) => { if (elt.closest) [elt.closest(FORMS), ...$$(FORMS, elt)].forEach((form) => form && begin(form)); });
  const keepAll = () => begun.forEach((_me, form) => { if (form.isConnected) keep(form); });
  addEventListener("htmx:beforeSwap", keepAll);
  addEventListener("pagehide", keepAll);
  addEventListener("visibilitychange", () => { if (document.hidden) keepAll(); });
  addEventListener("input", ({ target }) => {
    const me = begun.get(target.form);
    if (!me || !target.matches("[data-words]")) return;
    clearTimeout(me.timer);
    me.timer = setTimeout(() => keep(target.form), PAUSE);
  });
  addEventListener("change", ({ target }) => { if (target.name === "also" && begun.has(target.form)) keep(target.form); });
  addEventListener("words:leaving", (event) => { if (begun.has(event.target.form) && keep(event.target.form)) event.preventDefault(); });
  addEventListener("submit", ({ target }) => { if (target.matches("[data-sign-out]")) isSignedOut = true; });
  addEventListener("storage", ({ key }) => { if (key === "signed-out") isSignedOut = $(FORMS)?.dataset.writer !== ""; });

  /* ---------- sending: the browser sends as ever, once the site is known to answer ---------- */
  const isReachable = () => fetch(reach, { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(10_000) }).then(() => true, () => false);
  const sayNotSent = (form, submitter) => {
    const note = copy("not-sent");
    $(keep(form) ? "[data-unkept]" : "[data-kept]", note).remove();
    $("[data-draft-place]", form).replaceChildren(note);
    $("button", note).addEventListener("click", () => { note.remove(); form.requestSubmit(submitter); });
    note.focus();
  };
  document.addEventListener("submit", async (event) => {
    const { target: form, submitter } = event;
    const me = begun.get(form);
    if (!me || me.isReached) return;
    event.preventDefault();
    if (me.isAsking) return;
    keep(form);
    me.isAsking = true;
    form.setAttribute("aria-busy", "true");
    me.isReached = await isReachable();
    me.isAsking = false;
    form.removeAttribute("aria-busy");
    if (me.isReached) form.requestSubmit(submitter);
    else sayNotSent(form, submitter);
  }, true);

  /* ---------- quoting ---------- */
  const MARKS = { EM: "*", STRONG: "**", S: "~~" };
  const BLOCKS = new Set(["P", "UL", "OL", "LI", "BLOCKQUOTE", "PRE", "HR"]);
  const escaped = (text) => text.replace(/[\\`*]|(?<!\w)_(?=\w)/g, "\\$&");
  const markdown = (node) => {
    if (node.nodeType === Node.TEXT_NODE) {
      const isBetweenBlocks = !node.data.trim() && [node.previousSibling, node.nextSibling].some((one) => BLOCKS.has(one?.nodeName));
      return isBetweenBlocks ? "" : escaped(node.data.replace(/\s+/g, " "));
    }
    const inner = () => [...node.childNodes].map(markdown).join("");
    const lines = (text, first, rest) => text.trim().split("\n").map((line, index) => `${index ? rest : first}${line}`.trimEnd()).join("\n");
    switch (node.nodeName) {
      case "BR": return "\n";
      case "SUMMARY": case "BUTTON": return "";
      case "EM": case "STRONG": case "S": return `${MARKS[node.nodeName]}${inner()}${MARKS[node.nodeName]}`;
      case "CODE": return `\`${node.textContent}\``;
      case "PRE": return `\`\`\`\n${node.textContent.trimEnd()}\n\`\`\`\n\n`;
      case "P": return `${inner().replace(/ *\n */g, "\n").trim()}\n\n`;
      case "BLOCKQUOTE": return `${lines(inner(), "> ", "> ")}\n\n`;
      case "LI": {
        const list = node.parentNode;
        const mark = list.nodeName === "OL" ? `${(list.start || 1) + [...list.children].indexOf(node)}. ` : "- ";
        return `${lines(inner(), mark, " ".repeat(mark.length))}\n`;
      }
      case "UL": case "OL": return `${node.parentNode.nodeName === "LI" ? "\n" : ""}${[...node.children].map(markdown).join("")}\n`;
      default: return inner();
    }
  };
  const quoted = (fragment) => {
    const text = markdown(fragment).replace(/\n{3,}/g, "\n\n").trim();
    return text && `${text.split("\n").map((line) => `> ${line}`.trimEnd()).join("\n")}\n\n`;
  };
  /* What is selected within one comment's words; a selection that runs out of them ends with them. */
  const selectedWords = () => {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0).cloneRange();
    const start = range.startContainer;
    const body = (start.closest ? start : start.parentElement)?.closest(".comment-body");
    if (!body) return null;
    if (!body.contains(range.endContainer)) range.setEnd(body, body.childNodes.length);
    return range.toString().trim() ? { body, range } : null;
  };
  const replyLink = (body) => $(".acts a[href*='reply']", body.closest(".comment"));
  const quote = (body, fragment) => {
    const link = replyLink(body);
    const words = quoted(fragment);
    if (!link || !words) return;
    const parent = body.closest(".comment").id.split("-")[1];
    const form = $$(FORMS).find((some) => some.dataset.draft.endsWith(`#${parent}`));
    if (form) { append(form, words); return; }
    memo.set("quote", JSON.stringify({ parent, words }));
    link.click();
  };
  let button = null;
  const showButton = () => {
    button?.remove();
    const found = selectedWords();
    if (!found || !replyLink(found.body)) return;
    button = copy("quote-button");
    button.addEventListener("pointerdown", (event) => event.preventDefault());  /* the selection stays */
    button.addEventListener("click", () => { button.remove(); quote(found.body, found.range.cloneContents()); getSelection().removeAllRanges(); });
    found.body.append(button);
    const place = found.range.getClientRects();
    const last = place[place.length - 1];
    const base = button.offsetParent.getBoundingClientRect();
    const body = found.body.getBoundingClientRect();  /* within it, so that it hides no other control */
    button.style.insetBlockStart = `${Math.max(body.top, Math.min(last.bottom + 8, body.bottom - button.offsetHeight)) - base.top}px`;
    button.style.left = `${Math.max(0, Math.min(last.right - base.left - button.offsetWidth / 2, base.width - button.offsetWidth))}px`;
  };
  let selecting = 0;
  document.addEventListener("selectionchange", () => { clearTimeout(selecting); selecting = setTimeout(showButton, 250); });
  addEventListener("keydown", (event) => {
    const isTyping = event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog, [contenteditable]");
    let off = null;
    try { off = localStorage.getItem("keys"); } catch { /* private mode */ }
    if (event.key !== "q" || isTyping || off === "off") return;
    const found = selectedWords();
    const body = found?.body ?? $(".comment-body", document.activeElement.closest(".comment") ?? undefined);
    if (!body || (!found && !document.activeElement.closest(".comment"))) return;
    event.preventDefault();
    quote(body, found ? found.range.cloneContents() : (body.firstElementChild ?? body).cloneNode(true));
  });

  /* ---------- names: a list under the line that is written; the field keeps the focus ---------- */
  const asked = new Map();
  const names = { list: null, words: null, from: -1, left: -1, timer: 0 };
  const begunName = (words) => {
    const before = words.value.slice(0, words.selectionStart);
    const match = words.selectionStart === words.selectionEnd && before.slice(-64).match(/(?:^|[^\w@/.+-])@([\p{L}\p{N}_-]{0,30})$/u);
    return match ? { from: before.length - match[1].length - 1, letters: match[1] } : null;
  };
  const closeNames = () => {
    clearTimeout(names.timer);
    names.list?.remove();
    names.list = null;
    ["aria-controls", "aria-activedescendant", "aria-haspopup", "aria-autocomplete"].forEach((name) => names.words?.removeAttribute(name));
  };
  const mark = (option) => {
    $$("[role=option]", names.list).forEach((some) => some.setAttribute("aria-selected", some === option));
    if (option) names.words.setAttribute("aria-activedescendant", option.id);
    else names.words.removeAttribute("aria-activedescendant");
  };
  const takeName = (option) => {
    const { words, from } = names;
    words.setRangeText(`@${option.dataset.name} `, from, words.selectionEnd, "end");
    closeNames();
    words.focus();
    words.dispatchEvent(new Event("input", { bubbles: true }));
  };
  /* Where the line ends that the cursor is in, measured in a copy of the field. */
  const lineBottom = (words) => {
    const mirror = document.createElement("div");
    const cursor = document.createElement("span");
    const style = getComputedStyle(words);
    ["font", "letterSpacing", "padding", "direction"].forEach((name) => { mirror.style[name] = style[name]; });
    Object.assign(mirror.style, { position: "absolute", visibility: "hidden", boxSizing: "border-box", whiteSpace: "pre-wrap", overflowWrap: "break-word", width: `${words.clientWidth}px` });
    cursor.textContent = "\u200b";
    mirror.append(words.value.slice(0, words.selectionStart), cursor);
    words.after(mirror);
    const bottom = Math.min(cursor.offsetTop + cursor.offsetHeight - words.scrollTop, words.clientHeight);
    mirror.remove();
    return words.offsetTop + bottom;
  };
  const showNames = (words, found, piece) => {
    closeNames();
    const holder = document.createElement("template");
    holder.innerHTML = piece;
    const list = $("[role=listbox]", holder.content);
    if (!list) return;
    Object.assign(names, { list, words, from: found.from });
    list.id = "names";
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("click", ({ target }) => { const option = target.closest("[role=option]"); if (option) takeName(option); });
    words.closest(".writing").append(list);
    list.style.insetBlockStart = `${lineBottom(words) + 4}px`;
    words.setAttribute("aria-autocomplete", "list");
    words.setAttribute("aria-haspopup", "listbox");
    words.setAttribute("aria-controls", "names");
    if (found.letters) mark(list.firstElementChild);
    $("p[role=status]", words.form).textContent = list.dataset.said;
    list.scrollIntoView({ block: "nearest" });
  };
  const askNames = async (words) => {
    const found = begunName(words);
    const address = words.form.dataset.names;
    if (!found || !address || found.from === names.left) { closeNames(); return; }
    names.left = -1;
    const query = `${address}&q=${encodeURIComponent(found.letters)}`;
    if (!asked.has(query)) {
      const answer = await fetch(query).catch(() => null);
      if (!answer?.ok) return;
      asked.set(query, await answer.text());
    }
    const now = begunName(words);
    if (now && now.from === found.from && now.letters === found.letters && document.activeElement === words) showNames(words, found, asked.get(query));
  };
  addEventListener("input", ({ target, isComposing }) => {
    if (isComposing || !target.matches("textarea[data-words]") || !target.form?.dataset.names) return;
    if (!begunName(target)) { closeNames(); names.left = -1; return; }
    clearTimeout(names.timer);
    names.timer = setTimeout(askNames, 120, target);
  });
  document.addEventListener("keydown", (event) => {
    if (!names.list || event.target !== names.words || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const options = $$("[role=option]", names.list);
    const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown") mark(options[(at + 1) % options.length]);
    else if (event.key === "ArrowUp") mark(options.at(at < 0 ? -1 : at - 1));
    else if (event.key === "Escape") { names.left = names.from; closeNames(); }
    else if ((event.key === "Enter" || event.key === "Tab") && at >= 0 && !event.shiftKey) takeName(options[at]);
    else { if (["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) closeNames(); return; }
    event.preventDefault();
    event.stopPropagation();
  }, true);
  addEventListener("focusout", ({ target }) => { if (target === names.words) closeNames(); });
})();
