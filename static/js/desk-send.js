/* The desk's queue. Each send shows its row at once and goes to the server one after another, with its own submission
   key. What is only a code, a slot or a number stands on this device before it goes (desk-keep.js), so that it outlives
   the line and a reload; anything else that fails turns its row amber and stays until "Try again" sends the same key. */
const page = document.querySelector("[data-desk-page]");
const recent = document.getElementById("desk-recent");
const outcome = document.getElementById("desk-outcome");

if (page && recent && outcome && window.FormData) {
  const SAME_WITHIN = 3000;
  const PATIENCE = 10000;
  const ROWS_KEPT = 12;
  const NO_ANSWER = new Set([0, 502, 503, 504]);
  const TOKEN = /^(?:[PSD][2-9A-HJKMNP-TV-Z]{8}|\d{1,12}|[A-Z]{1,2}\d{1,3})$/;
  const PUPIL_FIRST = "Scan the pupil first, then the card";
  const RESULTS = new Map([
    ["recorded", ["ok", "Sent"]],
    ["repeated", ["ok", "Sent"]],
    ["conflict", ["attention", "To settle"]],
  ]);
  const sync = page.querySelector("[data-desk-sync]");
  const said = page.querySelector("[data-desk-said]");
  const bar = page.querySelector("[data-desk-line]");
  const queue = [];
  const failed = new Set();
  const kept = new Map();
  let sending = null;
  let goTo = "";
  let savedAt = sync?.dataset.savedAt ?? "";
  let reached = true;
  let line = { state: "open", waiting: 0, csrf: "" };
  let last = { code: "", at: 0, settled: "" };
  let asking = null; /* the scan whose question stands in the panel */
  let lastCard = { code: "", key: "", at: 0 };
  let latest = { key: "", token: "" }; /* what was sent last: a command card is about this one */
  let panel = { key: "", token: "" }; /* whose answer stands in the panel */

  const tell = (name, detail = {}) => document.dispatchEvent(new CustomEvent(name, { detail }));
  const sound = (name) => tell("schoolsafe:sound", { name });

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

  function unsaved() {
    return [sending, ...queue, ...failed].filter((item) => item && !item.stands && !item.asked);
  }

  function showSync() {
    page.dataset.deskUnsaved = String(unsaved().length);
    if (!sync) {
      return;
    }
    const online = navigator.onLine && reached && line.state !== "gone";
    const inHand = [sending, ...queue].filter((item) => item);
    /* Without the line a scan counts once it stands on this device: a number here is a promise that a reload keeps. */
    const safe = online ? inHand : inHand.filter((item) => item.stands);
    const parts = [online ? "Online" : "Offline", `${safe.length + line.waiting} waiting`];
    if (safe.length < inHand.length) {
      parts.push(`${inHand.length - safe.length} not kept yet`);
    }
    if (failed.size) {
      parts.push(`${failed.size} not saved`);
    }
    if (savedAt) {
      parts.push(`saved ${savedAt}`);
    }
    sync.dataset.state = !online ? "offline" : failed.size ? "failed" : "online";
    sync.textContent = parts.join(" · ");
  }

  /* --- The rows --------------------------------------------------------------------------------------------------- */

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
    if (item.result) {
      const [kind, word] = item.result;
      row.className = `desk-row desk-row--${kind}`;
      row.append(tag(kind, word), span("desk-row__when", item.at));
    } else if (item.kept) {
      row.className = "desk-row desk-row--waiting";
      row.append(tag("waiting", "Kept"), span("desk-row__when", item.at));
    } else if (item.problem) {
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

  function place(item) {
    item.row = document.createElement("li");
    item.row.dataset.submission = item.key;
    item.row.dataset.pending = "";
    item.row.setAttribute("hx-request", JSON.stringify({ timeout: PATIENCE }));
    draw(item);
    recent.prepend(item.row);
  }

  /* A long time without the line would make a long list: the oldest rows of what is safely kept go, the count stays. */
  function trim() {
    const rows = [...recent.querySelectorAll("[data-kept]")];
    for (const row of rows.slice(ROWS_KEPT)) {
      row.remove();
    }
  }

  function note(text) {
    const words = document.createElement("p");
    words.className = "outcome__note";
    words.append(tag("attention", text));
    outcome.prepend(words);
    sound("attention");
  }

  /* --- What can stand on this device ------------------------------------------------------------------------------- */

  function only(values, names) {
    return Object.entries(values).every(([name, [value]]) => names.includes(name) || !value);
  }

  /* The few words of a send that may be kept without the line, or nothing when it holds more than a token. */
  function record(key, token, act, switchedOff = false) {
    if (!bar || !TOKEN.test(token)) {
      return null;
    }
    const off = bar.querySelector("[data-desk-off-check]");
    return {
      submission: key,
      school: bar.dataset.school,
      desk: bar.dataset.desk,
      code: token,
      act: act || (bar.dataset.desk === "returns" ? "return" : "hand_in"),
      switched_off: switchedOff || Boolean(line.state !== "open" && off?.checked),
      gate: bar.dataset.gate ?? "",
      happened_at: new Date().toISOString(),
      by: bar.dataset.by ?? "",
    };
  }

  function write(item) {
    if (!item.record) {
      return;
    }
    const asked = { record: item.record, written: null };
    tell("schoolsafe:desk-keep", asked);
    item.writing = asked.written?.then((stands) => {
      item.stands = stands;
      showSync();
    });
  }

  function forget(item) {
    if (item.record) {
      tell("schoolsafe:desk-answered", { submission: item.key });
      item.stands = false;
    }
  }

  const sameAs = (item) => `${item.record.desk} ${item.record.code} ${item.record.act}`;

  function show(pattern) {
    const drawn = page.querySelector(`template${pattern}`).content.cloneNode(true);
    outcome.replaceChildren(drawn);
    panel = { key: "", token: "" };
  }

  function showKept(item, again) {
    show("[data-desk-kept]");
    outcome.querySelector(".outcome__person").textContent = item.label;
    if (again) {
      outcome.querySelector(".outcome__word span").textContent = "Already kept";
    }
    sound(again ? "attention" : "kept");
  }

  /* Without the line: a token stays on this device, anything else in this page. */
  function rest(item) {
    if (last.key === item.key) {
      last.settled = "kept";
    }
    if (item.command && !item.record) {
      item.row.remove();
      note(PUPIL_FIRST);
      return;
    }
    if (!item.stands) {
      const unlock = line.state === "closed" ? bar.dataset.homeUrl : "";
      fail(item, "Names and answers need the line. This one waits as long as the page is open.", unlock);
      return;
    }
    const before = kept.get(sameAs(item));
    if (before && before !== item) {
      /* Scanned twice while the line is away: one record, and the second scan may add that it is switched off. */
      forget(item);
      item.row.remove();
      if (item.record.switched_off && !before.record.switched_off) {
        before.record.switched_off = true;
        write(before);
        before.writing?.then(() => tell("schoolsafe:desk-leave", { submission: before.key }));
        showKept(before, false);
      } else {
        showKept(before, true);
      }
      return;
    }
    item.kept = true;
    item.row.dataset.kept = "";
    kept.set(sameAs(item), item);
    draw(item);
    trim();
    tell("schoolsafe:desk-leave", { submission: item.key });
    showKept(item, false);
  }

  /* --- Sending ------------------------------------------------------------------------------------------------------ */

  function take(form, submitter) {
    const values = new Map();
    for (const [name, value] of new FormData(form, submitter?.name ? submitter : null)) {
      if (typeof value === "string" && name !== "csrfmiddlewaretoken") {
        values.set(name, [...(values.get(name) ?? []), value]);
      }
    }
    const csrf = form.querySelector("[name='csrfmiddlewaretoken']")?.value;
    const key = values.get("submission")?.[0] || freshKey();
    values.set("submission", [key]);
    const hidden = form.querySelector("input[name='submission']");
    if (hidden) {
      hidden.value = freshKey();
    }
    for (const once of form.querySelectorAll("[data-desk-once]")) {
      once.value = ""; /* said of this one alone */
    }
    return { url: form.getAttribute("action") || window.location.pathname, values: Object.fromEntries(values), key, csrf };
  }

  /* Somebody went on before its question was answered: its row stays, so that nobody thinks it is recorded. */
  function leaveOpen(item) {
    item.asked = true;
    recent.prepend(item.row);
    fail(item, "It has a question. Try again to answer it.");
  }

  function enqueue(item) {
    for (const other of failed) {
      if (other.asked && item.token && other.token === item.token) {
        failed.delete(other);
        other.row.remove();
      }
    }
    if (asking && asking.token !== item.token) {
      leaveOpen(asking);
    }
    asking = null;
    item.at = clock();
    place(item);
    write(item);
    queue.push(item);
    latest = { key: item.key, token: item.token };
    tell("schoolsafe:desk-sent", { submission: item.key });
    next();
    return item;
  }

  function enqueueBox(form, submitter, code) {
    const item = take(form, submitter);
    const token = code.toUpperCase();
    const act = submitter?.name === "act" ? submitter.value : "";
    const plain = only(item.values, ["submission", "code", "act", "desk", "gate"]);
    item.token = TOKEN.test(token) ? token : "";
    item.label = act ? `${code} · ${submitter.dataset.deskLabel}` : code;
    item.record = plain && act !== "park" ? record(item.key, token, act) : null;
    return enqueue(item);
  }

  function enqueueAnswer(form, submitter) {
    const item = take(form, submitter);
    const ours = outcome.contains(form) && panel.token && latest.key === panel.key;
    item.token = ours ? panel.token : "";
    item.label = (submitter?.dataset.deskLabel ?? "Sent").trim();
    if (ours && only(item.values, ["submission", "pupil", "act", "switched_off"])) {
      item.record = record(item.key, panel.token, item.values.act?.[0], Boolean(item.values.switched_off?.[0]));
    }
    return enqueue(item);
  }

  /* A command card or key: done to the pupil sent last, once the answers before it are in. */
  function enqueueCommand({ code, act, label }) {
    if (!latest.key) {
      note(PUPIL_FIRST);
      return;
    }
    if (code === lastCard.code && lastCard.key === latest.key && Date.now() - lastCard.at < SAME_WITHIN) {
      return; /* a scanner that fires twice */
    }
    const key = freshKey();
    lastCard = { code, key, at: Date.now() };
    const { token, key: about } = latest;
    const item = { key, token, command: code, about, label: token ? `${token} · ${label}` : label, values: null };
    item.record = record(key, token, act);
    enqueue(item);
  }

  function bind(item) {
    const button = panel.key === item.about ? outcome.querySelector(`[data-desk-command="${item.command}"]`) : null;
    if (!button || button.disabled) {
      return false;
    }
    const taken = take(button.form, button);
    Object.assign(item, { url: taken.url, csrf: taken.csrf, values: { ...taken.values, submission: [item.key] } });
    return true;
  }

  function retry(item) {
    if (!failed.delete(item)) {
      return;
    }
    Object.assign(item, { problem: "", unlock: "", asked: false });
    latest = { key: item.key, token: item.token };
    draw(item);
    write(item);
    queue.push(item);
    tell("schoolsafe:desk-sent", { submission: item.key });
    next();
  }

  function retryAll() {
    for (const item of [...failed]) {
      if (!item.asked && (!item.unlock || line.csrf)) {
        retry(item);
      }
    }
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
    sound("attention");
  }

  function settle(item) {
    savedAt = clock();
    reached = true;
    forget(item);
    const result = outcome.querySelector("[data-outcome]");
    const kind = result?.dataset.outcome ?? "";
    panel = { key: item.key, token: item.token };
    if (last.key === item.key) {
      last.settled = kind;
    }
    item.row.remove();
    for (const row of recent.querySelectorAll("[data-submission]")) {
      if (row.dataset.submission === item.key && "pending" in row.dataset) {
        row.remove();
      }
    }
    sound(result?.dataset.sound || kind);
    asking = kind === "choose" && item.token ? item : null;
    if (asking && queue.length && queue[0].token !== item.token) {
      asking = null;
      leaveOpen(item);
    }
  }

  async function next() {
    if (sending || !queue.length || line.state === "sending") {
      showSync();
      if (goTo && !sending && !queue.length) {
        leave(goTo);
      }
      return;
    }
    const item = queue.shift();
    sending = item;
    showSync();
    if (item.writing) {
      await item.writing;
    }
    if (line.state !== "open") {
      rest(item);
    } else if (item.command && !item.values && !bind(item)) {
      forget(item);
      item.row.remove();
      note(PUPIL_FIRST);
    } else {
      await post(item);
    }
    sending = null;
    next();
  }

  function post(item) {
    return new Promise((resolve) => {
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
        answered(item, event.detail.xhr?.status ?? 0, redirect);
        resolve();
      };
      item.row.addEventListener("htmx:beforeOnLoad", beforeOnLoad);
      item.row.addEventListener("htmx:afterRequest", done);
      const csrf = line.csrf || item.csrf;
      const { url, values } = item;
      const headers = csrf ? { "X-CSRFToken": csrf } : {};
      window.htmx.ajax("POST", url, { source: item.row, target: "#desk-outcome", values, headers }).catch(() => {});
    });
  }

  function answered(item, status, redirect) {
    if (redirect) {
      follow(item, redirect);
    } else if ((status >= 200 && status < 300) || status === 422) {
      settle(item);
    } else if (NO_ANSWER.has(status) && bar) {
      tell("schoolsafe:desk-gone");
      rest(item);
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
  }

  function leave(address) {
    tell("schoolsafe:leaving");
    window.location.assign(address);
  }

  /* Somewhere else once everything is sent; to the lock at once, unless something would be lost that only stands here. */
  function follow(item, address) {
    if (!new URL(address, window.location.href).pathname.startsWith("/account/")) {
      forget(item);
      item.row.remove();
      goTo = address;
      return;
    }
    const rests = queue.splice(0);
    sending = null;
    if ([...rests, ...failed].every((one) => one.stands)) {
      leave(address);
      return;
    }
    for (const one of [item, ...rests]) {
      if (one.stands) {
        rest(one);
      } else {
        fail(one, "The screen was locked before this was saved.", address);
      }
    }
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
      enqueueAnswer(form, event.submitter);
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
    const act = event.submitter?.name === "act" ? event.submitter.value : "";
    const off = bar?.querySelector("[data-desk-off-check]")?.checked ? "off" : "";
    const asked = `${code.toUpperCase()} ${act} ${off}`;
    const same = asked === last.code && Date.now() - last.at < SAME_WITHIN;
    if (same && ["", "ok", "attention", "kept"].includes(last.settled)) {
      last.at = Date.now();
      box.select();
      return;
    }
    last = { code: asked, at: Date.now(), settled: "" };
    last.key = enqueueBox(form, event.submitter, code).key;
  }, true);

  document.addEventListener("schoolsafe:desk-command", (event) => enqueueCommand(event.detail));

  document.addEventListener("schoolsafe:desk-line", (event) => {
    line = event.detail;
    reached = line.state !== "gone";
    if (line.state === "open") {
      if (outcome.querySelector("[data-outcome='waiting']")) {
        show(line.conflicts ? "[data-desk-some-wait]" : "[data-desk-all-sent]");
      }
      retryAll();
    }
    next();
  });

  /* What a page before this one had kept, and what became of each when it was sent. */
  document.addEventListener("schoolsafe:desk-kept-before", (event) => {
    for (const record of event.detail.records) {
      const said = page.querySelector(`[data-desk-key-of][data-act="${record.act}"]`)?.dataset.label;
      const label = said ? `${record.code} · ${said}` : record.code;
      const item = { key: record.submission, token: record.code, label, record, kept: true, stands: true };
      item.at = new Date(record.happened_at).toLocaleTimeString("en-GB", { hour: "numeric", minute: "2-digit" });
      place(item);
      item.row.dataset.kept = "";
      kept.set(sameAs(item), item);
    }
    trim();
    showSync();
  });
  document.addEventListener("schoolsafe:desk-drained", (event) => {
    savedAt = clock();
    for (const [name, item] of kept) {
      if (item.key === event.detail.submission) {
        kept.delete(name);
        item.result = RESULTS.get(event.detail.result);
        draw(item);
      }
    }
    showSync();
  });

  /* Without desk-keep.js (no storage) the browser's own word has to do. */
  window.addEventListener("online", () => {
    if (line.state === "open") {
      reached = true;
      retryAll();
      showSync();
    }
  });
  window.addEventListener("offline", showSync);

  window.addEventListener("beforeunload", (event) => {
    if (unsaved().length) {
      event.preventDefault();
    }
  });

  showSync();
}
