/* The rich-text editor is a box without a name: give it the label of the field it stands for. */
document.addEventListener("prose-editor:ready", ({ detail: { editor, textarea } }) => {
  const label = textarea.labels[0];
  if (label) editor.view.dom.setAttribute("aria-label", label.textContent.trim().replace(/:$/, ""));
});
