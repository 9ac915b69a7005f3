/* See a picture before it is sent, and choose the part that is kept. Without this file the server keeps the middle. */
(() => {
  "use strict";
  document.querySelectorAll("[data-cut]").forEach((field) => {
    const find = (selector) => field.querySelector(selector);
    const [input, canvas, sliders, now] = ["[type=file]", "canvas", "[data-sliders]", "[data-now]"].map(find);
    const [x, y, zoom] = ["x", "y", "zoom"].map((name) => find(`[name$=_${name}]`));
    const at = { x: 50, y: 50 };  /* finer than the sliders, so that a slow hand moves it too */
    let picture = null;

    /* The same as Cut.box in core/pictures.py. */
    const part = () => {
      const width = Math.min(picture.naturalWidth, (picture.naturalHeight * canvas.width) / canvas.height) / (zoom.value / 100);
      const height = (width * canvas.height) / canvas.width;
      return { width, height, roomX: picture.naturalWidth - width, roomY: picture.naturalHeight - height };
    };
    const draw = () => {
      const { width, height, roomX, roomY } = part();
      canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
      canvas.getContext("2d").drawImage(picture, (roomX * at.x) / 100, (roomY * at.y) / 100, width, height, 0, 0, canvas.width, canvas.height);
    };
    const show = (isShown) => {
      [canvas.hidden, sliders.hidden] = [!isShown, !isShown];
      if (now) now.hidden = isShown;
    };
    input.addEventListener("change", () => {
      picture = null;
      show(false);
      if (!input.files[0]) return;
      const reader = new FileReader();
      reader.addEventListener("load", () => {
        const chosen = new Image();
        chosen.addEventListener("load", () => {
          [picture, at.x, at.y, zoom.value] = [chosen, 50, 50, 100];
          [x.value, y.value] = [at.x, at.y];
          show(true);
          draw();
        });
        chosen.src = reader.result;
      });
      reader.readAsDataURL(input.files[0]);
    });
    sliders.addEventListener("input", () => {
      [at.x, at.y] = [Number(x.value), Number(y.value)];
      if (picture) draw();
    });

    /* The picture can be moved about, too. */
    canvas.addEventListener("pointerdown", (event) => { canvas.setPointerCapture(event.pointerId); });
    canvas.addEventListener("pointermove", (event) => {
      if (!picture || !canvas.hasPointerCapture(event.pointerId)) return;
      const { width, roomX, roomY } = part();
      const scale = (100 * width) / canvas.getBoundingClientRect().width;
      const moved = (place, pixels, room) => (room ? Math.min(100, Math.max(0, place - (pixels * scale) / room)) : place);
      [at.x, at.y] = [moved(at.x, event.movementX, roomX), moved(at.y, event.movementY, roomY)];
      [x.value, y.value] = [at.x, at.y];
      draw();
    });
  });
})();
