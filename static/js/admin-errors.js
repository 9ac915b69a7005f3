/* After an error the focus is in the first field that has one. Once everything is loaded, because Django's own
   script focuses the first field of a new row. */
addEventListener("load", () => document.querySelector("main [aria-invalid=true]")?.focus());
