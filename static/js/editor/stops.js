/* Tab stops in the text. A picture has eight buttons and fields, so with thirty pictures the panel beside the
   text would be two hundred stops away. Only those of the current block are stops, and of the one above an
   empty line with the cursor, which was just inserted. The arrow keys move from block to block. */
import { Extension, pm } from "django-prose-editor/editor";

const CONTROLS = "button, input, textarea, select, audio";

export const TabStops = Extension.create({
	name: "tabStops",
	addProseMirrorPlugins: () => [
		new pm.state.Plugin({
			view: (view) => {
				const update = () => setStops(view);
				view.dom.addEventListener("focusin", update);
				update();
				return { update, destroy: () => view.dom.removeEventListener("focusin", update) };
			},
		}),
	],
});

const setStops = (view) => {
	const here = [...blocksAtCursor(view), blockWithFocus(view)].filter(Boolean);
	for (const control of view.dom.querySelectorAll(CONTROLS)) {
		const tabIndex = here.some((block) => block.contains(control)) ? 0 : -1;
		if (control.tabIndex !== tabIndex) control.tabIndex = tabIndex;
	}
};

const blocksAtCursor = (view) => {
	const { doc, selection: { $from } } = view.state;
	const index = $from.index(0);
	const block = doc.maybeChild(index);
	const isEmptyLine = block?.type.name === "paragraph" && block.content.size === 0;
	const at = (place) => view.nodeDOM($from.posAtIndex(place, 0));
	return [block && at(index), isEmptyLine && index > 0 && at(index - 1)];
};

const blockWithFocus = (view) =>
	[...view.dom.children].find((block) => block.contains(document.activeElement));
