/* Shows the messages that an htmx answer brings in its HX-Trigger header ("schoolsafe:messages"). */
const KINDS = new Map([
  ["success", "ok"],
  ["warning", "attention"],
  ["error", "stop"],
]);
const WORDS = new Map([
  ["ok", "Done:"],
  ["attention", "Take note:"],
  ["stop", "Stop:"],
]);
const SVG = "http://www.w3.org/2000/svg";

function icon(name) {
  const pattern = document.querySelector("svg.icon use");
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon icon--l");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${pattern?.getAttribute("href")?.split("#")[0] ?? "/static/img/icons.svg"}#${name}`);
  svg.append(use);
  return svg;
}

function banner({ level, text }) {
  const kind = KINDS.get(level) ?? "info";
  const notice = document.createElement("div");
  notice.className = `notice notice--${kind}`;
  const body = document.createElement("div");
  body.className = "notice__body";
  const line = document.createElement("p");
  const word = document.createElement("span");
  word.className = "visually-hidden";
  word.textContent = `${WORDS.get(kind) ?? "Note:"} `;
  line.append(word, text);
  body.append(line);
  notice.append(icon(kind), body);
  return notice;
}

document.addEventListener("schoolsafe:messages", (event) => {
  const region = document.getElementById("messages");
  const list = Array.isArray(event.detail) ? event.detail : event.detail?.value;
  if (region && Array.isArray(list)) {
    region.replaceChildren(...list.map(banner));
  }
});
