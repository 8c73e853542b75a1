/* Takes a signature that is drawn with a finger, a pen or a mouse into a hidden field, as points on a paper of 600 by 180.
   The typed name beside it is always enough: nothing here has to be done, and nothing but lines is kept. */
const WIDE = 600;
const HIGH = 180;
const MOST_POINTS = 4000;
const MOST_STROKES = 200;
const CLOSE = 2; // a point nearer than this to the last one says nothing

for (const pad of document.querySelectorAll("[data-signature-pad]")) {
  const field = document.getElementById(pad.dataset.signaturePad);
  if (field) {
    start(pad, field);
  }
}

function start(pad, field) {
  const paper = pad.querySelector("svg");
  const clear = pad.querySelector("button");
  const said = pad.querySelector("[role=status]");
  let strokes = before(field);
  let drawing = null;
  strokes.forEach(draw);
  clear.disabled = strokes.length === 0;
  pad.hidden = false;

  paper.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary || event.button !== 0 || full()) {
      return;
    }
    event.preventDefault();
    paper.setPointerCapture(event.pointerId);
    const stroke = [at(event)];
    strokes.push(stroke);
    drawing = { stroke, line: draw(stroke) };
  });
  paper.addEventListener("pointermove", (event) => {
    if (!drawing || !event.isPrimary || full()) {
      return;
    }
    const point = at(event);
    const last = drawing.stroke.at(-1);
    if (Math.hypot(point[0] - last[0], point[1] - last[1]) >= CLOSE) {
      drawing.stroke.push(point);
      drawing.line.setAttribute("d", path(drawing.stroke));
    }
  });
  for (const over of ["pointerup", "pointercancel"]) {
    paper.addEventListener(over, () => {
      if (drawing) {
        drawing = null;
        keep("");
      }
    });
  }
  clear.addEventListener("click", () => {
    strokes = [];
    paper.replaceChildren();
    keep("The drawing is cleared.");
    said.focus({ preventScroll: true }); // the button goes away
  });

  function keep(text) {
    field.value = strokes.length ? JSON.stringify(strokes) : "";
    clear.disabled = strokes.length === 0;
    said.textContent = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function full() {
    return strokes.length > MOST_STROKES || strokes.reduce((sum, one) => sum + one.length, 0) >= MOST_POINTS;
  }

  function at(event) {
    const box = paper.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * WIDE;
    const y = ((event.clientY - box.top) / box.height) * HIGH;
    return [Math.round(Math.min(Math.max(x, 0), WIDE)), Math.round(Math.min(Math.max(y, 0), HIGH))];
  }

  function draw(stroke) {
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
    line.setAttribute("d", path(stroke));
    paper.append(line);
    return line;
  }
}

function before(field) {
  try {
    return field.value ? JSON.parse(field.value) : [];
  } catch {
    return [];
  }
}

function path(stroke) {
  const points = stroke.length > 1 ? stroke : [stroke[0], [stroke[0][0] + 0.5, stroke[0][1]]];
  return `M${points.map(([x, y]) => `${x} ${y}`).join(" L")}`;
}
