/* Served as /sw.js. Stands in for the desk's pages when they cannot be fetched, and does nothing else: it keeps one page
   without any personal data for each school, and the styles and scripts that this page names. */
const SHELF = "schoolsafe.desk.shell";
const DESK = /^\/([\w-]+)\/devices\/(?:arrivals|hand-back)\/$/;
const SIGN_OUT = /^\/account\/(?:logout\/|sign-out)/;
const NO_ANSWER = new Set([502, 503, 504]);
const HASHED = /\.[0-9a-f]{12}\.\w+$/;
const PATIENCE = 8000;

const shellOf = (school) => `/${school}/devices/desk/offline/`;

async function kept(address) {
  const shelf = await caches.open(SHELF);
  return shelf.match(address, { ignoreSearch: true, ignoreVary: true });
}

function named(text, pattern, base) {
  const found = [...text.matchAll(pattern)].map(([, address]) => new URL(address.split("#")[0], base));
  return found.filter((address) => address.origin === self.location.origin && address.pathname.startsWith("/static/"));
}

async function fetched(address) {
  const answer = await fetch(address, { credentials: "same-origin" });
  if (!answer.ok || answer.redirected) {
    throw new Error(`${address} cannot be kept`);
  }
  return answer;
}

/* The page as it is now, and every file that it and its styles name. */
async function keep(address) {
  const shell = await fetched(address);
  if (shell.headers.get("X-Schoolsafe-Shell") !== "1") {
    return;
  }
  const page = await shell.clone().text();
  const files = named(page, /(?:src|href|data-desk-camera)="([^"]+)"/g, self.location.origin);
  const shelf = await caches.open(SHELF);
  const done = new Set();
  while (files.length) {
    const file = files.shift();
    if (!done.has(file.pathname)) {
      done.add(file.pathname);
      const known = HASHED.test(file.pathname) ? await shelf.match(file.pathname) : null;
      const answer = known ?? (await fetched(file.pathname));
      if (file.pathname.endsWith(".css")) {
        files.push(...named(await answer.clone().text(), /url\(["']?([^"')]+)["']?\)/g, file));
      }
      if (!known) {
        await shelf.put(file.pathname, answer);
      }
    }
  }
  for (const old of await shelf.keys()) {
    const path = new URL(old.url).pathname;
    if (path.startsWith("/static/") && !done.has(path)) {
      await shelf.delete(old); /* of a version of the product that is gone */
    }
  }
  await shelf.put(new URL(address, self.location.origin).pathname, shell);
}

function tooLong() {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error("No answer in time")), PATIENCE);
  });
}

async function orShell(request, school) {
  let answer = null;
  try {
    answer = await Promise.race([fetch(request), tooLong()]);
  } catch (error) {
    const shell = await kept(shellOf(school));
    if (shell) {
      return shell;
    }
    throw error;
  }
  return NO_ANSWER.has(answer.status) ? ((await kept(shellOf(school))) ?? answer) : answer;
}

async function orKept(request) {
  try {
    const answer = await fetch(request);
    return NO_ANSWER.has(answer.status) ? ((await kept(request.url)) ?? answer) : answer;
  } catch (error) {
    const file = await kept(request.url);
    if (file) {
      return file;
    }
    throw error;
  }
}

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("message", (event) => {
  if (typeof event.data?.keep === "string") {
    event.waitUntil(keep(event.data.keep).catch(() => {}));
  }
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (address.origin !== self.location.origin) {
    return;
  }
  if (request.method === "POST" && request.mode === "navigate" && SIGN_OUT.test(address.pathname)) {
    event.waitUntil(caches.delete(SHELF)); /* who signs out leaves no desk open behind them; what was scanned stays */
  } else if (request.method === "GET" && request.mode === "navigate" && DESK.test(address.pathname)) {
    event.respondWith(orShell(request, DESK.exec(address.pathname)[1]));
  } else if (request.method === "GET" && address.pathname.startsWith("/static/")) {
    event.respondWith(orKept(request));
  }
});
