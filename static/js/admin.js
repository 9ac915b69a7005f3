/* The rich-text editor is a box without a name: give it the label of the field it stands for. */
document.addEventListener("prose-editor:ready", ({ detail: { editor, textarea } }) => {
	const label = textarea.labels[0];
	const box = editor.view.dom;
	if (label) box.setAttribute("aria-label", label.textContent.trim().replace(/:$/, ""));
	/* A picture that cannot be taken is not dropped in silence. */
	const note = document.createElement("p");
	note.setAttribute("role", "alert");
	note.className = "errornote";
	const ours = (picture) =>
		new URL(picture.getAttribute("src") ?? "", location.href).origin === location.origin;
	const tell = (event) => {
		const data = event.clipboardData ?? event.dataTransfer;
		const isFile = [...data.files].some((file) => file.type.startsWith("image/"));
		const pasted = new DOMParser().parseFromString(data.getData("text/html"), "text/html").images;
		if (!isFile && [...pasted].every(ours)) return;
		if (isFile && !data.getData("text/plain") && !pasted.length) event.preventDefault(); // or the browser opens the file
		note.textContent = textarea.dataset.noPictures;
		box.closest(".prose-editor").after(note);
	};
	box.addEventListener("paste", tell, true);
	box.addEventListener("drop", tell, true);
});
