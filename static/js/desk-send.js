/* The desk's queue: what desk-take.js hands over goes to the server one after another, each with its own submission key.
   What is only a code, a slot or a number stands on this device before it goes (desk-keep.js), so that it outlives the
   line and a reload; anything else that fails stays amber until "Try again" sends the same key. Rows are drawn by
   desk-rows.js, the large answer by desk-panel.js. */
const page = document.querySelector("[data-desk-page]");
const outcome = document.getElementById("desk-outcome");

if (page && outcome && window.FormData) {
  const NO_ANSWER = new Set([0, 502, 503, 504]);
  const RESULTS = new Map([
    ["recorded", ["ok", "Sent"]],
    ["repeated", ["ok", "Sent"]],
    ["conflict", ["attention", "To settle"]],
  ]);
  const sync = page.querySelector("[data-desk-sync]");
  const bar = page.querySelector("[data-desk-line]");
  const queue = [];
  const failed = new Set();
  const kept = new Map();
  let sending = null;
  let goTo = "";
  let savedAt = sync?.dataset.savedAt ?? "";
  let reached = true;
  let line = { state: "open", waiting: 0, csrf: "" };
  let asking = null; /* the scan whose question stands in the panel */

  const tell = (name, detail = {}) => document.dispatchEvent(new CustomEvent(name, { detail }));
  const draw = (item, place = "") => tell("schoolsafe:desk-row", { item, place });
  const drop = (item) => draw(item, "gone");

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

  /* --- What can stand on this device ------------------------------------------------------------------------------- */

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

  /* Without the line: a token stays on this device, anything else in this page. */
  function rest(item) {
    tell("schoolsafe:desk-outcome", { kind: "kept", item });
    if (item.command && !item.record) {
      drop(item);
      tell("schoolsafe:desk-panel", { show: "pupil-first" });
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
      drop(item);
      if (item.record.switched_off && !before.record.switched_off) {
        before.record.switched_off = true;
        write(before);
        before.writing?.then(() => tell("schoolsafe:desk-leave", { submission: before.key }));
        tell("schoolsafe:desk-panel", { show: "kept", item: before });
      } else {
        tell("schoolsafe:desk-panel", { show: "kept-again", item: before });
      }
      return;
    }
    item.kept = true;
    kept.set(sameAs(item), item);
    draw(item);
    tell("schoolsafe:desk-leave", { submission: item.key });
    tell("schoolsafe:desk-panel", { show: "kept", item });
  }

  /* --- Sending ------------------------------------------------------------------------------------------------------ */

  /* Somebody went on before its question was answered: its row stays, so that nobody thinks it is recorded. */
  function leaveOpen(item) {
    item.asked = true;
    draw(item, "top");
    fail(item, "It has a question. Try again to answer it.");
  }

  function enqueue(item) {
    for (const other of failed) {
      if (other.asked && item.token && other.token === item.token) {
        failed.delete(other);
        drop(other);
      }
    }
    if (asking && asking.token !== item.token) {
      leaveOpen(asking);
    }
    asking = null;
    item.at = clock();
    draw(item, "top");
    write(item);
    queue.push(item);
    tell("schoolsafe:desk-sent", { submission: item.key, token: item.token });
    next();
  }

  function retry(item) {
    if (!failed.delete(item)) {
      return;
    }
    Object.assign(item, { problem: "", unlock: "", asked: false });
    draw(item);
    write(item);
    queue.push(item);
    tell("schoolsafe:desk-sent", { submission: item.key, token: item.token });
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
    tell("schoolsafe:desk-outcome", { kind: "failed", item });
  }

  function settle(item) {
    savedAt = clock();
    reached = true;
    forget(item);
    const kind = outcome.querySelector("[data-outcome]")?.dataset.outcome ?? "";
    drop(item);
    tell("schoolsafe:desk-outcome", { kind, item });
    asking = kind === "choose" && item.token ? item : null;
    if (asking && queue.length && queue[0].token !== item.token) {
      asking = null;
      leaveOpen(item);
    }
  }

  /* A card or a key takes the button of the pupil it is about, when that pupil's answer stands in the panel. */
  function bound(item) {
    const asked = { item, bound: false };
    tell("schoolsafe:desk-bind", asked);
    return asked.bound;
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
    } else if (item.command && !item.values && !bound(item)) {
      forget(item);
      drop(item);
      tell("schoolsafe:desk-panel", { show: "pupil-first" });
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
      drop(item);
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

  document.addEventListener("schoolsafe:desk-item", ({ detail }) => enqueue(detail.item));
  document.addEventListener("schoolsafe:desk-again", ({ detail }) => retry(detail.item));

  document.addEventListener("schoolsafe:desk-line", (event) => {
    line = event.detail;
    reached = line.state !== "gone";
    if (line.state === "open") {
      tell("schoolsafe:desk-panel", { show: line.conflicts ? "some-wait" : "all-sent" });
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
      draw(item, "top");
      kept.set(sameAs(item), item);
    }
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
