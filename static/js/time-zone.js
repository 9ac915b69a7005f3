/* Who has not chosen a time zone finds this device's chosen; it is stored with the form. */
(() => {
	"use strict";
	const list = document.querySelector("select[data-zone]");
	const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
	if (!list || list.value || !here) return;
	const own = [...list.options].find((option) => option.value === here);
	if (own) own.selected = true;
})();
