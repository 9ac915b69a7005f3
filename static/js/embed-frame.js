// In the frame: tells the embedding page the height, which is no secret, so any page may receive it.
const sendHeight = () => parent.postMessage({ longTableHeight: document.body.scrollHeight + 24 }, "*");
new ResizeObserver(sendHeight).observe(document.body);
// After an error, as on the site's own pages.
document.querySelector("main [aria-invalid=true]")?.focus();
