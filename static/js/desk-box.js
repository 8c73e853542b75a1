/* The desk's one box: always ready for the next scan. Arrows walk the choices, Enter acts, Escape clears, twice locks.
   What a scanner sends is desk-scan.js, keys and cards desk-commands.js, what becomes of it desk-take.js and
   desk-send.js. The markup is described in README.md beside this file. */
const page = document.querySelector("[data-desk-page]");
const form = document.querySelector("form[data-desk]");
const box = form?.querySelector("[data-desk-box]");

if (page && box) {
  const ESCAPES_WITHIN = 1500;
  const said = page.querySelector("[data-desk-said]");
  let lastEscape = 0;
  let lastSubmit = 0;

  /* The answer is said aloud as it comes (desk-panel.js): the box need not be described by the first one. */
  if ("deskTold" in box.dataset) {
    box.removeAttribute("aria-describedby");
  }

  const choices = () => [...page.querySelectorAll("[data-desk-choice]")].filter((button) => !button.disabled);
  const editable = (element) => element?.closest?.("input, textarea, select, [contenteditable='true']");
  const ours = (element) => element === document.body || element === document.documentElement || page.contains(element);

  function ready() {
    box.focus({ preventScroll: true });
    box.select();
  }

  /* What is said already may be written over; what a scanner or a person is typing now is left as it stands. */
  function saidAlready() {
    return box.value === (box.dataset.deskSent ?? "");
  }

  function readyUnlessElsewhere() {
    const active = document.activeElement;
    if (active === box && !saidAlready()) {
      return;
    }
    if (active?.matches?.("[data-desk-choice]")) {
      return; /* somebody is already walking the choices that have just appeared */
    }
    if (!active || active === box || (ours(active) && !(editable(active) && active !== box))) {
      ready();
    }
  }

  function moveAmongChoices(step) {
    const list = choices();
    if (!list.length) {
      return false;
    }
    const at = list.indexOf(document.activeElement);
    const next = at + step;
    if (next < 0) {
      ready();
    } else {
      list[Math.min(next, list.length - 1)].focus();
    }
    return true;
  }

  function escape() {
    const now = Date.now();
    const again = now - lastEscape < ESCAPES_WITHIN;
    lastEscape = now;
    if (again) {
      lastEscape = 0;
      document.dispatchEvent(new CustomEvent("schoolsafe:lock"));
      return;
    }
    box.value = "";
    box.dispatchEvent(new Event("input", { bubbles: true }));
    ready();
  }

  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.defaultPrevented || document.querySelector("dialog[open]") || !ours(target)) {
      return;
    }
    const bare = !event.ctrlKey && !event.altKey && !event.metaKey;
    if (!bare) {
      return;
    }
    if (event.key === "Escape") {
      event.preventDefault();
      escape();
    } else if (event.key === "ArrowDown" && (target === box || target.matches?.("[data-desk-choice]"))) {
      if (moveAmongChoices(1)) {
        event.preventDefault();
      }
    } else if (event.key === "ArrowUp" && target.matches?.("[data-desk-choice]")) {
      event.preventDefault();
      moveAmongChoices(-1);
    } else if (event.key.length === 1 && !editable(target) && !(event.key === " " && target !== document.body)) {
      ready(); /* the character itself lands in the box: a scan is never lost to a focused button */
    }
  });

  /* A type-ahead that wakes up just after Enter would only redraw what is already decided. */
  box.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt === box && Date.now() - lastSubmit < 400) {
      event.preventDefault();
    }
  });

  box.addEventListener("input", () => delete box.dataset.deskSent);

  document.addEventListener("schoolsafe:desk-sent", () => {
    lastSubmit = Date.now();
    box.dataset.deskSent = box.value; /* still to be seen, but said already */
    document.getElementById("desk-candidates")?.replaceChildren();
    ready();
  });
  /* How many names fit what is typed, for who does not see them appear. */
  document.addEventListener("htmx:afterSettle", (event) => {
    const list = event.detail.target?.id === "desk-candidates" ? event.detail.target.querySelector("ul") : null;
    if (list && said) {
      said.textContent = `${list.getAttribute("aria-label")}: ${list.children.length}. Down arrow to choose.`;
    }
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (page.contains(event.detail.elt) && event.detail.requestConfig?.elt !== box) {
      readyUnlessElsewhere();
    }
  });
  /* In the same breath as the question appears, so that Enter answers it and a second scan does not. */
  document.addEventListener("htmx:afterSwap", (event) => {
    if (page.contains(event.detail.elt) && page.querySelector("[data-desk-default]") && saidAlready()) {
      box.value = "";
      box.dataset.deskSent = "";
    }
  });
  window.addEventListener("focus", readyUnlessElsewhere);

  /* The box has the focus before this file has come: what was typed or scanned meanwhile is not written over. */
  if (box.value === box.defaultValue || document.activeElement !== box) {
    ready();
  }
}
