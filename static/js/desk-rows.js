/* The desk's rows: each send has its own at the top of "Last actions" before the server has answered. Without an answer
   it is kept on this device, or it turns amber and offers "Try again". */
const page = document.querySelector("[data-desk-page]");
const recent = document.getElementById("desk-recent");

if (page && recent) {
  const PATIENCE = 10000;
  const ROWS_KEPT = 12;

  function made(name, className, text) {
    const element = document.createElement(name);
    element.className = className;
    element.textContent = text;
    return element;
  }

  function tag(kind, word) {
    const element = made("span", `tag tag--${kind}`, "");
    const pattern = document.querySelector("svg.icon use")?.getAttribute("href")?.split("#")[0];
    if (pattern) {
      const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      svg.setAttribute("class", "icon");
      svg.setAttribute("aria-hidden", "true");
      const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
      use.setAttribute("href", `${pattern}#${kind}`);
      svg.append(use);
      element.append(svg);
    }
    element.append(made("span", "", word));
    return element;
  }

  function unlockLink(address) {
    const link = made("a", "", "Unlock in a new tab");
    link.href = address;
    link.target = "_blank";
    link.rel = "noopener";
    return link;
  }

  function againButton(item) {
    const button = made("button", "btn btn-secondary btn-sm desk-row__again", "Try again");
    button.type = "button";
    button.append(made("span", "visually-hidden", ` ${item.label}`));
    button.addEventListener("click", () => {
      document.dispatchEvent(new CustomEvent("schoolsafe:desk-again", { detail: { item } }));
    });
    return button;
  }

  function draw(item) {
    const row = item.row;
    row.replaceChildren(made("span", "desk-row__who", item.label));
    if (item.result) {
      const [kind, word] = item.result;
      row.className = `desk-row desk-row--${kind}`;
      row.append(tag(kind, word), made("span", "desk-row__when", item.at));
    } else if (item.kept) {
      row.className = "desk-row desk-row--waiting";
      row.dataset.kept = "";
      row.append(tag("waiting", "Kept"), made("span", "desk-row__when", item.at));
    } else if (item.problem) {
      row.className = "desk-row desk-row--failed";
      row.append(tag("attention", "Not saved"), made("span", "desk-row__detail", item.problem));
      if (item.unlock) {
        row.append(unlockLink(item.unlock));
      }
      row.append(againButton(item));
    } else {
      row.className = "desk-row desk-row--pending";
      row.append(tag("waiting", "Sending"), made("span", "desk-row__when", item.at));
    }
  }

  function make(item) {
    item.row = document.createElement("li");
    item.row.dataset.submission = item.key;
    item.row.dataset.pending = "";
    item.row.setAttribute("hx-request", JSON.stringify({ timeout: PATIENCE }));
  }

  /* Answered or given up: its row goes, wherever a repeated key has put another of the same. */
  function remove(item) {
    item.row.remove();
    for (const row of recent.querySelectorAll("[data-submission]")) {
      if (row.dataset.submission === item.key && "pending" in row.dataset) {
        row.remove();
      }
    }
  }

  /* A long time without the line would make a long list: the oldest rows of what is safely kept go, the count stays. */
  function trim() {
    const rows = [...recent.querySelectorAll("[data-kept]")];
    for (const row of rows.slice(ROWS_KEPT)) {
      row.remove();
    }
  }

  document.addEventListener("schoolsafe:desk-row", ({ detail: { item, place } }) => {
    if (place === "gone") {
      remove(item);
      return;
    }
    if (!item.row) {
      make(item);
    }
    draw(item);
    if (place === "top") {
      recent.prepend(item.row);
    }
    if (item.kept) {
      trim();
    }
  });
}
