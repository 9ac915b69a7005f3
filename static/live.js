/* New replies while a page is open. The server is asked now and then which comments became public; the comments themselves come with the
   page, fetched again when the reader wants to see them, so each reader gets what that reader may see. Without this file a reload does the same. */
(() => {
  "use strict";
  const bar = document.querySelector("[data-live]");
  if (!bar) return;
  const words = bar.dataset;
  const SECOND = 1000;
  const OFTEN = 15 * SECOND;
  const SELDOM = 120 * SECOND;
  const TRIES = 5;

  /* --- asking: often while something happens, more and more seldom while nothing does, never while nobody looks --- */

  const waiting = new Set();
  let since = words.since;
  let isMore = false;
  let pause = OFTEN;
  let timer = 0;
  let isAsking = false;

  const askLater = () => {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(ask, pause * (0.9 + Math.random() / 5));
  };
  const ask = async () => {
    clearTimeout(timer);
    if (document.hidden || isAsking) return;
    isAsking = true;
    try {
      const answer = await fetch(`${words.live}?since=${since}`);
      if (answer.status === 404) return; /* the post is gone */
      if (!answer.ok) throw new Error(answer.statusText);
      const news = await answer.json();
      pause = news.new.length ? OFTEN : Math.min(pause * 1.25, SELDOM);
      since = news.since;
      isMore = isMore || news.more;
      news.new.filter((id) => !document.getElementById(`comment-${id}`)).forEach((id) => waiting.add(id));
      if (news.new.length && waiting.size) announce();
      if ("unread" in news) ring(news.unread);
      askLater();
    } catch {
      pause = Math.min(pause * 2, SELDOM);
      askLater();
    } finally {
      isAsking = false;
    }
  };
  const askAtOnce = () => {
    pause = OFTEN;
    ask();
  };
  const ring = (count) => {
    const bell = document.querySelector("[data-bell]");
    if (!bell) return;
    const unread = count > 99 ? "99+" : count || "";
    const [number, said] = bell.querySelectorAll("span");
    number.textContent = unread;
    number.hidden = !count;
    said.textContent = count ? bell.dataset.some.replace("{n}", unread) : bell.dataset.none;
  };
  document.addEventListener("visibilitychange", askAtOnce);
  addEventListener("pageshow", (event) => { if (event.persisted) askAtOnce(); });

  /* --- the bar: said once to those who listen, while the number in it may grow --- */

  const say = (text, control) => {
    const said = document.createElement("span");
    said.textContent = text;
    bar.classList.add("toast");
    bar.replaceChildren(...(text ? [said] : []), ...(control ? [control] : []));
  };
  const count = (n, one, many) => (n === 1 && !isMore ? one : many.replace("{n}", n.toLocaleString(document.documentElement.lang) + (isMore ? "+" : "")));
  const makeButton = (text) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(document.getElementById("live-icon").content.cloneNode(true), text);
    /* The cursor stays where somebody is writing. */
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", show);
    return button;
  };
  const makeLink = (address, text) => {
    const link = document.createElement("a");
    link.href = address;
    link.textContent = text;
    link.addEventListener("click", beQuiet);
    return link;
  };
  const beQuiet = () => {
    bar.classList.remove("toast");
    bar.replaceChildren();
  };
  const announce = () => {
    const text = count(waiting.size, words.one, words.many);
    const old = bar.querySelector("button");
    if (old) {
      bar.setAttribute("aria-live", "off");
      old.lastChild.data = text;
      return;
    }
    bar.setAttribute("aria-live", "polite");
    say("", makeButton(text));
  };

  let isBusy = false;
  const show = async () => {
    if (isBusy) return;
    isBusy = true;
    const wanted = [...waiting];
    const hadFocus = bar.contains(document.activeElement);
    bar.setAttribute("aria-live", "polite");
    try {
      const answer = await fetch(location.pathname + location.search, { headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(answer.statusText);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const arrived = new Set(stay(() => update(page)));
      wanted.forEach((id) => waiting.delete(id));
      const inPlace = wanted.filter((id) => arrived.has(`comment-${id}`));
      report(inPlace, inPlace.length ? null : await findElsewhere(wanted));
      isMore = false;
    } catch {
      say(words.failed, makeButton(words.again));
    } finally {
      isBusy = false;
    }
    if (hadFocus) bar.querySelector("a, button")?.focus({ preventScroll: true });
    if (waiting.size) announce();
  };
  /* The permalink of one that is not on this page: it stands on another one, or was taken back meanwhile. */
  const findElsewhere = async (ids) => {
    for (const id of ids.slice(0, TRIES)) {
      const address = words.place.replace("/0/", `/${id}/`);
      const answer = await fetch(address, { method: "HEAD", redirect: "manual" });
      if (answer.type === "opaqueredirect" || answer.ok) return address;
    }
    return null;
  };
  const report = (inPlace, elsewhere) => {
    if (inPlace.length) {
      const first = [...document.querySelectorAll(".talk .comment")].find((comment) => inPlace.includes(Number(comment.id.slice(8))));
      say(count(inPlace.length, words.oneInPlace, words.manyInPlace), makeLink(`#${first.id}`, words.first));
    } else if (elsewhere) {
      say(words.elsewhere, makeLink(elsewhere, words.there));
    } else {
      say(words.none);
    }
    const said = bar.firstChild;
    setTimeout(() => { if (bar.firstChild === said && !bar.matches(":hover, :focus-within")) beQuiet(); }, 20 * SECOND);
  };

  /* --- into the page: what is new goes in, what changed is exchanged, what somebody is at is left alone --- */

  const articleOf = (node) => node.querySelector(":scope > article.comment");
  const nodesOf = (list) => [...list.children].filter((child) => articleOf(child));
  const repliesOf = (node) => node.querySelector(":scope > details.replies");
  const isWritten = (field) => field.value !== field.defaultValue || field.checked !== field.defaultChecked;
  const isInUse = (element) =>
    element.contains(document.activeElement) ||
    element.querySelector("iframe") ||  /* a video that plays */
    [...element.querySelectorAll("textarea, input:not([type=hidden])")].some(isWritten) ||
    (!getSelection().isCollapsed && element.contains(getSelection().anchorNode));
  /* What a comment looks like, without what differs from one request to the next and what the reader did to it. */
  const lookOf = (article) => {
    const copy = article.cloneNode(true);
    copy.removeAttribute("data-arrived");
    copy.querySelectorAll("input[type=hidden]").forEach((field) => field.remove());
    copy.querySelectorAll("details").forEach((details) => details.removeAttribute("open"));
    return copy.outerHTML;
  };
  const adopt = (element) => document.importNode(element, true);

  const exchange = (article, fresh) => {
    if (lookOf(article) === lookOf(fresh) || isInUse(article)) return;
    const adopted = adopt(fresh);
    const open = [...article.querySelectorAll("details")].map((details) => details.open);
    adopted.querySelectorAll("details").forEach((details, at) => { details.open = open[at] ?? details.open; });
    adopted.toggleAttribute("data-arrived", article.hasAttribute("data-arrived"));
    article.replaceWith(adopted);
    window.htmx?.process(adopted);
  };

  const merge = (list, fresh, isWhole, arrived) => {
    const here = new Map(nodesOf(list).map((node) => [articleOf(node).id, node]));
    const freshNodes = nodesOf(fresh);
    let last = null;
    for (const freshNode of freshNodes) {
      const id = articleOf(freshNode).id;
      let node = here.get(id);
      if (node) {
        here.delete(id);
        node.className = freshNode.className;
        exchange(articleOf(node), articleOf(freshNode));
        mergeReplies(node, freshNode, arrived);
      } else {
        /* It may have stood elsewhere: a branch that was moved. */
        const old = document.getElementById(id)?.closest(".node");
        if (old && isInUse(old)) continue;
        old?.remove();
        node = adopt(freshNode);
        node.querySelectorAll("article.comment").forEach((article) => {
          if (!document.getElementById(article.id)) { arrived.push(article.id); article.setAttribute("data-arrived", ""); }
        });
        if (last) last.after(node); else list.prepend(node);
        window.htmx?.process(node);
      }
      last = node;
    }
    /* What is here and not there was taken away. Only behind the last one of a page it may just stand on the next page now. */
    for (const node of here.values()) {
      const isBehind = last && last.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING;
      if ((isWhole || !isBehind) && !isInUse(node)) node.remove();
    }
    [...list.children].filter((child) => !articleOf(child)).forEach((child) => child.remove());
    list.append(...[...fresh.children].filter((child) => !articleOf(child)).map(adopt));
  };
  const mergeReplies = (node, freshNode, arrived) => {
    const replies = repliesOf(node);
    const freshReplies = repliesOf(freshNode);
    if (!freshReplies) {
      if (replies && !isInUse(replies)) replies.remove();
      return;
    }
    if (!replies) {
      const empty = freshReplies.cloneNode(true);
      empty.querySelector(":scope > ol").replaceChildren();
      node.append(adopt(empty));
    } else if (!replies.querySelector(":scope > summary").contains(document.activeElement)) {
      replies.querySelector(":scope > summary").replaceChildren(...[...freshReplies.querySelector(":scope > summary").childNodes].map(adopt));
    }
    merge(repliesOf(node).querySelector(":scope > ol"), freshReplies.querySelector(":scope > ol"), true, arrived);
  };

  const update = (page) => {
    const arrived = [];
    const talk = bar.closest("section") || document;
    const freshList = page.querySelector("ol.talk");
    if (!freshList) return arrived;
    let list = talk.querySelector("ol.talk");
    if (!list) {
      list = adopt(freshList.cloneNode(false));
      const empty = talk.querySelector(".empty");
      if (empty) empty.replaceWith(list); else talk.querySelector("h2").after(list);
    }
    merge(list, freshList, false, arrived);
    const heading = talk.querySelector("h2");
    const freshHeading = heading && page.getElementById(heading.id);
    if (freshHeading) heading.textContent = freshHeading.textContent;
    return arrived;
  };

  /* The comment at the top of the window, or the one somebody is at, stays where it is on the screen. */
  const stay = (change) => {
    const root = document.documentElement;
    const isSeen = (element) => { const box = element.getBoundingClientRect(); return box.bottom > 0 && box.top < innerHeight && box.height > 0; };
    const at = document.activeElement;
    const fixed = at !== document.body && !bar.contains(at) && isSeen(at) ? at : [...document.querySelectorAll(".comment, .posthead, .words")].find(isSeen);
    const mark = fixed?.id && fixed !== at ? fixed.id : null;
    const before = fixed?.getBoundingClientRect().top;
    root.style.overflowAnchor = "none";
    const result = change();
    const now = mark ? document.getElementById(mark) : fixed;
    if (now?.isConnected) scrollBy({ top: now.getBoundingClientRect().top - before, behavior: "instant" });
    requestAnimationFrame(() => { root.style.overflowAnchor = ""; });
    return result;
  };

  askLater();
})();
