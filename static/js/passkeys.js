/* Errors of passkeys are shown below the button. Enter in a key's name presses its button. */
(() => {
	"use strict";
	const note = document.querySelector("[data-passkey-failed]");
	let pressed;
	document.addEventListener("click", (event) => {
		pressed = event.target.closest("button") || pressed;
	}, true);
	document.addEventListener("submit", (event) => {
		const button = event.target.querySelector("[id^=mfa_webauthn][type=button]");
		if (!button) return;
		event.preventDefault();
		button.click();
	});
	document.addEventListener("allauth.error", (event) => {
		event.preventDefault();
		(pressed.closest(".row, .ways, p") || pressed).after(note);
		note.setAttribute("role", "alert"); // not before: the page may have another alert
		note.hidden = false;
	});
})();
