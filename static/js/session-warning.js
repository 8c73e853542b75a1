/* Five minutes before the server would lock an unused screen: says so, lets the person keep it open, then locks. Says it
   aloud three times only. Somebody who is typing or reading with the keyboard is not asked; the server is told. */
const dialog = document.querySelector("[data-session-warning]");

if (dialog) {
  const lockAfter = Number(dialog.dataset.lockAfter) || 1200;
  const warnAfter = Number(dialog.dataset.warnAfter) || Math.max(lockAfter - 300, lockAfter / 2);
  const left = dialog.querySelector("[data-session-left]");
  const said = dialog.querySelector("[data-session-said]");
  const announceAt = new Set([300, 60, 20]);
  let toldServer = Date.now();
  let lastAct = Date.now();

  const seconds = (since) => Math.floor((Date.now() - since) / 1000);

  function inWords(count) {
    if (count > 90) {
      return `${Math.ceil(count / 60)} minutes`;
    }
    return count === 1 ? "1 second" : `${count} seconds`;
  }

  async function extend() {
    const token = document.querySelector("[name='csrfmiddlewaretoken']")?.value ?? "";
    const response = await fetch(dialog.dataset.extendUrl, {
      method: "POST",
      credentials: "same-origin",
      redirect: "manual",
      headers: { "X-CSRFToken": token, Accept: "application/json" },
    });
    if (response.ok) {
      toldServer = Date.now();
      lastAct = Date.now();
    }
    return response.ok;
  }

  function lockNow() {
    dialog.close();
    document.dispatchEvent(new CustomEvent("schoolsafe:lock"));
  }

  async function keepOpen() {
    let kept = false;
    try {
      kept = await extend();
    } catch {
      kept = false;
    }
    if (kept) {
      dialog.close();
    } else {
      said.textContent = "That did not work. The screen will lock.";
      lockNow();
    }
  }

  async function tick() {
    const idle = seconds(toldServer);
    if (idle < warnAfter) {
      return;
    }
    if (!dialog.open && seconds(lastAct) < 120) {
      try {
        await extend();
      } catch {
        /* Tried again at the next tick. */
      }
      return;
    }
    const remaining = lockAfter - idle;
    if (remaining <= 0) {
      window.clearInterval(timer);
      lockNow();
      return;
    }
    if (!dialog.open) {
      dialog.showModal();
    }
    left.textContent = inWords(remaining);
    if (announceAt.has(remaining)) {
      said.textContent = `This screen locks in ${inWords(remaining)}.`;
    }
  }

  for (const type of ["keydown", "pointerdown", "wheel", "touchstart"]) {
    document.addEventListener(
      type,
      () => {
        if (!dialog.open) {
          lastAct = Date.now();
        }
      },
      { passive: true },
    );
  }

  /* Any request that is not a poll tells the server that somebody is here. */
  document.addEventListener("htmx:afterRequest", (event) => {
    const headers = event.detail.requestConfig?.headers ?? {};
    if (event.detail.successful && headers["X-Schoolsafe-Poll"] !== "1") {
      toldServer = Date.now();
    }
  });

  dialog.querySelector("[data-session-extend]").addEventListener("click", keepOpen);
  dialog.querySelector("[data-session-lock]").addEventListener("click", lockNow);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    keepOpen();
  });

  const timer = window.setInterval(tick, 1000);
}
