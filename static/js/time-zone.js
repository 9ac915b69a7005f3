/* Preselects the device's time zone, unless one was chosen. At sign-up the field is hidden; if the server has
   put its own zone there ("guess"), this device knows better. */
(() => {
	"use strict";
	const field = document.querySelector("[data-zone]");
	const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
	const isSet = field?.value && field.dataset.zone !== "guess";
	if (!field || isSet || !here) return;
	if (field.type === "hidden") field.value = here;
	const own = [...(field.options || [])].find((option) => option.value === here);
	if (own) own.selected = true;
})();
