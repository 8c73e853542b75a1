/* What outlives the line: codes, slots and admission numbers, each written to this device before it is sent and taken
   away when the server has answered. Without the line the desk goes on by itself; with it, what was kept is sent in
   order. Never a name: desk-take.js hands over tokens only, and who scanned is a signed key that means nothing here. */
const page = document.querySelector("[data-desk-page]");
const bar = page?.querySelector("[data-desk-line]");
const box = page?.querySelector("[data-desk-box]");

if (bar && box && window.indexedDB) {
  const STORE = "schoolsafe.desk.waiting";
  const EVERY = 5000;
  const SELDOM = 60000;
  const PATIENCE = 10000;
  const DONE_FOR = 8000;
  const me = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
  const { school, desk, syncUrl, shellUrl, workerUrl, homeUrl, settleUrl } = bar.dataset;
  const isShell = "shell" in bar.dataset;
  const told = bar.querySelector("[data-desk-line-told]");
  const link = bar.querySelector("[data-desk-line-link]");
  const off = bar.querySelector("[data-desk-off]");
  const said = page.querySelector("[data-desk-said]");
  const inHand = new Set(); /* written, and still in the queue of this page */
  const passed = new Set(); /* not taken by the server for now: tried again, never dropped */
  const count = { sent: 0, conflicts: 0 };
  let state = "open";
  let spoken = "";
  let waiting = 0;
  let csrf = "";
  let trying = false;
  let triedAt = 0;
  let order = 0;

  const tell = (name, detail = {}) => document.dispatchEvent(new CustomEvent(name, { detail }));

  /* --- The store ---------------------------------------------------------------------------------------------------- */

  const opened = new Promise((resolve, reject) => {
    const asked = window.indexedDB.open(STORE, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("scans", { keyPath: "submission" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });

  async function inStore(mode, act, durability = "default") {
    const database = await opened;
    return new Promise((resolve, reject) => {
      const change = database.transaction("scans", mode, { durability });
      const asked = act(change.objectStore("scans"));
      change.oncomplete = () => resolve(asked.result);
      change.onerror = () => reject(change.error);
      change.onabort = () => reject(change.error);
    });
  }

  async function write(record) {
    order += 1;
    const scan = { ...record, page: me, order: Date.now() * 1000 + order };
    try {
      /* "strict": on the disk, not only on its way there, before a row says that it is kept. */
      await inStore("readwrite", (scans) => scans.put(scan), "strict");
      return true;
    } catch {
      inHand.delete(record.submission);
      return false; /* storage is full or closed: the row stays amber while the page is open */
    }
  }

  /* Kept scans of this page and of pages that are gone; those of another open desk are its own. */
  async function mine() {
    const all = await inStore("readonly", (scans) => scans.getAll()).catch(() => []);
    const locks = (await navigator.locks?.query())?.held ?? [];
    const alive = new Set(locks.map((lock) => lock.name));
    return all
      .filter((one) => one.school === school && !inHand.has(one.submission))
      .filter((one) => one.page === me || !alive.has(one.page))
      .sort((one, other) => one.order - other.order);
  }

  /* --- What the bar says -------------------------------------------------------------------------------------------- */

  function people(number) {
    return number === 1 ? "1 needs a person." : `${number} need a person.`;
  }

  const WORDS = {
    gone: () =>
      "The line is gone. Keep scanning: codes, slots and admission numbers are kept on this device and sent when it is " +
      "back. Names need the line.",
    sending: () => `The line is back. Sending what was kept: ${waiting} to go.`,
    closed: () => "What was scanned is kept on this device. Nobody is signed in here, or the screen is locked.",
    stuck: () => `The server does not take ${waiting} of what was kept. It stays on this device. Ask the administrator.`,
    done: () => `Everything is sent. ${count.conflicts ? people(count.conflicts) : ""}`.trim(),
  };
  const LINKS = {
    closed: [homeUrl, "Sign in again to send what is kept"],
    done: [settleUrl, "Settle them"],
  };

  function show(mood) {
    const words = WORDS[mood]?.() ?? "";
    bar.hidden = !words;
    bar.dataset.state = mood;
    told.textContent = words;
    const [url, text] = LINKS[mood] ?? ["", ""];
    link.hidden = !url || (mood === "done" && !count.conflicts);
    link.href = url;
    link.textContent = text;
    off.hidden = !("offCheck" in bar.dataset) || !["gone", "closed"].includes(mood);
    /* Said when it changes, not at each of the attempts that find nothing new. */
    if (said && words && mood !== "sending" && words !== spoken) {
      said.textContent = words;
    }
    spoken = mood === "sending" ? "" : words;
  }

  async function recount() {
    waiting = (await mine()).length;
    const { conflicts } = count;
    tell("schoolsafe:desk-line", { state: state === "stuck" ? "open" : state, waiting, csrf, conflicts });
  }

  /* The day's figures have moved without this page: fetched once, when everything is sent. */
  function freshFigures() {
    const target = "#desk-counters";
    if (window.htmx && page.querySelector(target)) {
      const headers = { "X-Schoolsafe-Poll": "1" };
      window.htmx.ajax("GET", homeUrl, { target, select: `${target} > *`, headers }).catch(() => {});
    }
  }

  async function change(next) {
    const done = next === "open" && count.sent > 0;
    state = next;
    await recount();
    show(done ? "done" : next);
    if (done) {
      count.sent = 0;
      freshFigures();
      window.setTimeout(() => state === "open" && !count.conflicts && show("open"), DONE_FOR);
    }
  }

  /* --- Asking the server -------------------------------------------------------------------------------------------- */

  async function ask(options = {}) {
    const headers = { "HX-Request": "true", "X-Schoolsafe-Poll": "1", Accept: "application/json", ...options.headers };
    let answer = null;
    try {
      const signal = AbortSignal.timeout(PATIENCE);
      const rest = { credentials: "same-origin", cache: "no-store", redirect: "manual", signal };
      answer = await fetch(syncUrl, { ...options, ...rest, headers });
      if (answer.type === "opaqueredirect" || answer.headers.has("HX-Redirect") || answer.status === 401) {
        return { state: "closed" };
      }
      if (answer.ok) {
        return { state: "ok", body: await answer.json() };
      }
    } catch {
      return { state: "gone" };
    }
    return { state: [502, 503, 504].includes(answer.status) ? "gone" : "refused", status: answer.status };
  }

  async function drain() {
    for (;;) {
      const rest = (await mine()).filter((one) => !passed.has(one.submission));
      if (!rest.length) {
        return waiting ? "stuck" : "open";
      }
      for (const { page: _page, order: _order, ...record } of rest) {
        const sent = { method: "POST", headers: { "X-CSRFToken": csrf }, body: new URLSearchParams(record) };
        const answer = await ask(sent);
        if (answer.state === "gone" || answer.state === "closed") {
          return answer.state;
        }
        if (answer.state === "refused") {
          passed.add(record.submission);
          continue;
        }
        await inStore("readwrite", (scans) => scans.delete(record.submission));
        waiting -= 1;
        count.sent += 1;
        count.conflicts += answer.body.result === "conflict" ? 1 : 0;
        told.textContent = WORDS.sending();
        tell("schoolsafe:desk-drained", { submission: record.submission, result: answer.body.result });
        tell("schoolsafe:desk-line", { state: "sending", waiting, csrf, conflicts: count.conflicts });
      }
    }
  }

  async function attempt() {
    if (trying) {
      return;
    }
    trying = true;
    triedAt = Date.now();
    try {
      const answer = await ask();
      if (answer.state !== "ok") {
        await change(answer.state === "refused" ? "closed" : answer.state);
        return;
      }
      csrf = answer.body.csrf;
      passed.clear();
      await change("sending");
      const after = await (navigator.locks ? navigator.locks.request(`${STORE}.${school}`, drain) : drain());
      await change(after);
    } finally {
      trying = false;
    }
  }

  function gone() {
    count.conflicts = 0;
    change("gone");
  }

  /* --- What the other modules say ----------------------------------------------------------------------------------- */

  document.addEventListener("schoolsafe:desk-keep", (event) => {
    inHand.add(event.detail.record.submission);
    event.detail.written = write(event.detail.record);
  });
  document.addEventListener("schoolsafe:desk-answered", (event) => {
    inHand.delete(event.detail.submission);
    inStore("readwrite", (scans) => scans.delete(event.detail.submission)).catch(() => {});
  });
  document.addEventListener("schoolsafe:desk-leave", (event) => {
    inHand.delete(event.detail.submission);
    recount();
  });
  document.addEventListener("schoolsafe:desk-gone", () => {
    if (state === "open" || state === "stuck") {
      gone();
    }
  });
  window.addEventListener("offline", () => {
    if (state === "open") {
      gone();
    }
  });
  window.addEventListener("online", () => state !== "open" && attempt());

  /* The page that stood in for the desk gives way when nothing is left to lose. */
  function giveWay() {
    const empty = !box.value.trim() || box.value === box.dataset.deskSent;
    if (state === "open" && empty && page.dataset.deskUnsaved === "0" && window.location.pathname !== shellUrl) {
      tell("schoolsafe:leaving");
      window.location.reload();
    }
  }

  window.setInterval(() => {
    if (state === "stuck" && Date.now() - triedAt < SELDOM) {
      return;
    }
    if (state !== "open" && state !== "sending") {
      attempt();
    } else if (isShell) {
      giveWay();
    }
  }, EVERY);

  async function begin() {
    navigator.locks?.request(me, () => new Promise(() => {}));
    const records = await mine();
    tell("schoolsafe:desk-kept-before", { records: records.filter((one) => one.desk === desk) });
    if (isShell || !navigator.onLine) {
      await change("gone");
      window.setTimeout(attempt, 1000);
    } else if (records.length) {
      await attempt();
    }
  }

  async function keepShell() {
    const worker = await navigator.serviceWorker.register(workerUrl, { scope: "/" });
    const ready = worker.active ?? (await navigator.serviceWorker.ready).active;
    ready?.postMessage({ keep: shellUrl });
  }

  begin().catch(() => {});
  if (navigator.serviceWorker && !isShell) {
    keepShell().catch(() => {});
  }
}
