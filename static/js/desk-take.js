/* What is said at the desk, as one item to send: what stands in the box, the answer to a question, a card or a key. It
   has its own submission key, and a record where it is only a code, a slot or a number, so that it can stand on this
   device. Sending is desk-send.js. */
const page = document.querySelector("[data-desk-page]");
const outcome = document.getElementById("desk-outcome");

if (page && outcome && window.FormData) {
  const SAME_WITHIN = 3000;
  const TOKEN = /^(?:[PSD][2-9A-HJKMNP-TV-Z]{8}|\d{1,12}|[A-Z]{1,2}\d{1,3})$/;
  const bar = page.querySelector("[data-desk-line]");
  let line = { state: "open" };
  let last = { code: "", at: 0, settled: "" };
  let lastCard = { code: "", key: "", at: 0 };
  let latest = { key: "", token: "" }; /* what was sent last: a command card is about this one */
  let panel = { key: "", token: "" }; /* whose answer stands in the panel */

  const tell = (name, detail = {}) => document.dispatchEvent(new CustomEvent(name, { detail }));

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

  function enqueue(item) {
    tell("schoolsafe:desk-item", { item });
    return item;
  }

  function ofBox(form, submitter, code) {
    const item = take(form, submitter);
    const token = code.toUpperCase();
    const act = submitter?.name === "act" ? submitter.value : "";
    const plain = only(item.values, ["submission", "code", "act", "desk", "gate"]);
    item.token = TOKEN.test(token) ? token : "";
    item.label = act ? `${code} · ${submitter.dataset.deskLabel}` : code;
    item.record = plain && act !== "park" ? record(item.key, token, act) : null;
    return enqueue(item);
  }

  function ofAnswer(form, submitter) {
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
  function ofCommand({ code, act, label }) {
    if (!latest.key) {
      tell("schoolsafe:desk-panel", { show: "pupil-first" });
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

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!window.htmx || !page.contains(form) || !form.matches("[data-desk], [data-desk-send]")) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    const box = form.querySelector("[data-desk-box]");
    if (!box) {
      ofAnswer(form, event.submitter);
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
    last.key = ofBox(form, event.submitter, code).key;
  }, true);

  document.addEventListener("schoolsafe:desk-command", (event) => ofCommand(event.detail));

  document.addEventListener("schoolsafe:desk-bind", ({ detail }) => {
    detail.bound = bind(detail.item);
  });

  document.addEventListener("schoolsafe:desk-line", (event) => {
    line = event.detail;
  });
  document.addEventListener("schoolsafe:desk-sent", ({ detail: { submission, token } }) => {
    latest = { key: submission, token };
  });
  document.addEventListener("schoolsafe:desk-outcome", ({ detail: { kind, item } }) => {
    if (last.key === item.key) {
      last.settled = kind;
    }
    if (kind !== "kept" && kind !== "failed") {
      panel = { key: item.key, token: item.token };
    }
  });
  document.addEventListener("schoolsafe:desk-panel", ({ detail: { show } }) => {
    if (show === "kept" || show === "kept-again") {
      panel = { key: "", token: "" };
    }
  });
}
