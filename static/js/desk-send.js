/* The desk's queue. Each send shows its row at once and goes to the server one after another, with its own submission
   key; a failure turns the row amber and stays until "Try again" sends the same key, so that nothing is lost or doubled. */
const page = document.querySelector("[data-desk-page]");
const recent = document.getElementById("desk-recent");
const outcome = document.getElementById("desk-outcome");

if (page && recent && outcome && window.FormData) {
  const SAME_WITHIN = 3000;
  const PATIENCE = 10000;
  const queue = [];
  const failed = new Set();
  const sync = page.querySelector("[data-desk-sync]");
  const said = page.querySelector("[data-desk-said]");
  let sending = null;
  let savedAt = sync?.dataset.savedAt ?? "";
  let reached = true;
  let last = { code: "", at: 0, settled: "" };

  function freshKey() {
    if (window.crypto.randomUUID) {
      return window.crypto.randomUUID();
    }
    const bytes = window.crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  function clock() {
    return new Date().toLocaleTimeString("en-GB", { hour: "numeric", minute: "2-digit", second: "2-digit" });
  }

  function showSync() {
    if (!sync) {
      return;
    }
    const waiting = queue.length + (sending ? 1 : 0);
    const online = navigator.onLine && reached;
    const parts = [online ? "Online" : "Offline", `${waiting} waiting`];
    if (failed.size) {
      parts.push(`${failed.size} not saved`);
    }
    if (savedAt) {
      parts.push(`saved ${savedAt}`);
    }
    sync.dataset.state = !online ? "offline" : failed.size ? "failed" : "online";
    sync.textContent = parts.join(" · ");
  }

  function span(className, text) {
    const element = document.createElement("span");
    element.className = className;
    element.textContent = text;
    return element;
  }

  function tag(kind, word) {
    const element = span(`tag tag--${kind}`, "");
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
    element.append(span("", word));
    return element;
  }

  function draw(item) {
    const row = item.row;
    row.replaceChildren(span("desk-row__who", item.label));
    if (item.problem) {
      row.className = "desk-row desk-row--failed";
      row.append(tag("attention", "Not saved"), span("desk-row__detail", item.problem));
      if (item.unlock) {
        const link = document.createElement("a");
        link.href = item.unlock;
        link.target = "_blank";
        link.rel = "noopener";
        link.textContent = "Unlock in a new tab";
        row.append(link);
      }
      const again = document.createElement("button");
      again.type = "button";
      again.className = "btn btn-secondary btn-sm desk-row__again";
      again.append("Try again");
      const name = document.createElement("span");
      name.className = "visually-hidden";
      name.textContent = ` ${item.label}`;
      again.append(name);
      again.addEventListener("click", () => retry(item));
      row.append(again);
    } else {
      row.className = "desk-row desk-row--pending";
      row.append(tag("waiting", "Sending"), span("desk-row__when", item.at));
    }
  }

  function take(form, submitter) {
    const values = new Map();
    for (const [name, value] of new FormData(form, submitter?.name ? submitter : null)) {
      if (typeof value === "string" && name !== "csrfmiddlewaretoken") {
        values.set(name, [...(values.get(name) ?? []), value]);
      }
    }
    const token = form.querySelector("[name='csrfmiddlewaretoken']")?.value;
    const key = values.get("submission")?.[0] || freshKey();
    values.set("submission", [key]);
    const hidden = form.querySelector("input[name='submission']");
    if (hidden) {
      hidden.value = freshKey();
    }
    for (const once of form.querySelectorAll("[data-desk-once]")) {
      once.value = ""; /* said of this one alone */
    }
    return { values: Object.fromEntries(values), key, token };
  }

  function enqueue(form, submitter, label) {
    const { values, key, token } = take(form, submitter);
    const row = document.createElement("li");
    row.dataset.submission = key;
    row.dataset.pending = "";
    row.setAttribute("hx-request", JSON.stringify({ timeout: PATIENCE }));
    const item = { url: form.getAttribute("action") || window.location.pathname, values, key, token, label, row, at: clock() };
    draw(item);
    recent.prepend(row);
    queue.push(item);
    document.dispatchEvent(new CustomEvent("schoolsafe:desk-sent", { detail: { submission: key } }));
    next();
    return item;
  }

  function retry(item) {
    if (!failed.delete(item)) {
      return;
    }
    item.problem = "";
    item.unlock = "";
    draw(item);
    queue.push(item);
    document.dispatchEvent(new CustomEvent("schoolsafe:desk-sent", { detail: { submission: item.key } }));
    next();
  }

  function fail(item, problem, unlock = "") {
    item.problem = problem;
    item.unlock = unlock;
    failed.add(item);
    draw(item);
    if (said) {
      said.textContent = `Not saved: ${item.label}. ${problem}`;
    }
    if (last.key === item.key) {
      last.settled = "failed";
    }
    document.dispatchEvent(new CustomEvent("schoolsafe:sound", { detail: { name: "attention" } }));
  }

  function settle(item) {
    savedAt = clock();
    reached = true;
    const result = outcome.querySelector("[data-outcome]");
    const kind = result?.dataset.outcome ?? "";
    if (last.key === item.key) {
      last.settled = kind;
    }
    item.row.remove();
    for (const row of recent.querySelectorAll("[data-submission]")) {
      if (row.dataset.submission === item.key && "pending" in row.dataset) {
        row.remove();
      }
    }
    const sound = result?.dataset.sound || kind;
    document.dispatchEvent(new CustomEvent("schoolsafe:sound", { detail: { name: sound } }));
  }

  function next() {
    if (sending || !queue.length) {
      showSync();
      return;
    }
    const item = queue.shift();
    sending = item;
    showSync();

    let redirect = "";
    const beforeOnLoad = (event) => {
      redirect = event.detail.xhr.getResponseHeader("HX-Redirect") ?? "";
      if (redirect) {
        event.preventDefault();
      }
    };
    const done = (event) => {
      item.row.removeEventListener("htmx:beforeOnLoad", beforeOnLoad);
      item.row.removeEventListener("htmx:afterRequest", done);
      sending = null;
      const status = event.detail.xhr?.status ?? 0;
      if (redirect) {
        follow(item, redirect);
      } else if (status >= 200 && status < 300) {
        settle(item);
      } else if (status === 422) {
        settle(item);
      } else if (status === 0) {
        reached = false;
        fail(item, "No answer from the server. It is sent again when the network is back.");
      } else if (status === 403) {
        reached = true;
        fail(item, "The server did not accept it. Reload the page, then try again.");
      } else {
        reached = true;
        fail(item, `The server could not save it (${status}).`);
      }
      next();
    };
    item.row.addEventListener("htmx:beforeOnLoad", beforeOnLoad);
    item.row.addEventListener("htmx:afterRequest", done);
    window.htmx
      .ajax("POST", item.url, {
        source: item.row,
        target: "#desk-outcome",
        values: item.values,
        headers: item.token ? { "X-CSRFToken": item.token } : {},
      })
      .catch(() => {});
  }

  function follow(item, address) {
    const locked = new URL(address, window.location.href).pathname.startsWith("/account/");
    if (locked && (queue.length || failed.size)) {
      fail(item, "The screen was locked before this was saved.", address);
      while (queue.length) {
        fail(queue.shift(), "The screen was locked before this was saved.", address);
      }
      return;
    }
    document.dispatchEvent(new CustomEvent("schoolsafe:leaving"));
    window.location.assign(address);
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!window.htmx || !page.contains(form) || !form.matches("[data-desk], [data-desk-send]")) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    const box = form.querySelector("[data-desk-box]");
    if (!box) {
      enqueue(form, event.submitter, (event.submitter?.dataset.deskLabel ?? "Sent").trim());
      return;
    }
    const code = box.value.trim();
    if (!code) {
      /* Enter in the empty box takes the answer that the panel offers first, such as "It is switched off". */
      const offered = page.querySelector("[data-desk-default]");
      if (offered) {
        offered.click();
      } else {
        box.focus();
      }
      return;
    }
    const same = code.toUpperCase() === last.code && Date.now() - last.at < SAME_WITHIN;
    if (same && ["", "ok", "attention"].includes(last.settled)) {
      last.at = Date.now();
      box.select();
      return;
    }
    last = { code: code.toUpperCase(), at: Date.now(), settled: "" };
    last.key = enqueue(form, event.submitter, code).key;
  }, true);

  window.addEventListener("online", () => {
    reached = true;
    for (const item of [...failed]) {
      if (!item.unlock) {
        retry(item);
      }
    }
    showSync();
  });
  window.addEventListener("offline", showSync);

  window.addEventListener("beforeunload", (event) => {
    if (sending || queue.length || failed.size) {
      event.preventDefault();
    }
  });

  showSync();
}
