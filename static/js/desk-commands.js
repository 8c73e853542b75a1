/* Command cards and function keys: one act each, done to the pupil scanned last, or to what stands in the box. Which key
   does what is chosen on this device and kept there by the keys' names alone; a single letter is never one. */
const page = document.querySelector("[data-desk-page]");
const form = page?.querySelector("form[data-desk]");
const box = form?.querySelector("[data-desk-box]");

if (page && box) {
  const KEPT = "schoolsafe.desk.keys";
  const panel = page.querySelector("[data-desk-commands]");
  const toggle = page.querySelector("[data-desk-keys-toggle]");
  const said = page.querySelector("[data-desk-said]");
  const commands = new Map();
  for (const row of page.querySelectorAll("[data-desk-key-of]")) {
    const { deskKeyOf: code, act, label, key } = row.dataset;
    commands.set(code, { code, act, label, usual: key, key, select: row.querySelector("select") });
  }
  let on = true;

  function recall() {
    try {
      const kept = JSON.parse(window.localStorage.getItem(KEPT) ?? "{}");
      on = kept.on !== false;
      for (const [code, key] of Object.entries(kept.keys ?? {})) {
        if (commands.has(code) && (key === "" || /^F\d{1,2}$/.test(key))) {
          commands.get(code).key = key;
        }
      }
    } catch {
      /* Storage is closed or holds something else: the usual keys. */
    }
  }

  function keep() {
    const keys = Object.fromEntries([...commands.values()].map((command) => [command.code, command.key]));
    try {
      window.localStorage.setItem(KEPT, JSON.stringify({ on, keys }));
    } catch {
      /* Storage is closed: the choice holds for this page. */
    }
    show();
  }

  function show() {
    if (toggle) {
      toggle.checked = on;
    }
    for (const command of commands.values()) {
      if (command.select) {
        command.select.value = command.key;
        command.select.disabled = !on;
      }
    }
    for (const shown of page.querySelectorAll("[data-desk-key-shown]")) {
      const key = commands.get(shown.dataset.deskKeyShown)?.key ?? "";
      shown.textContent = key;
      shown.closest("[data-desk-key-line]").hidden = !on || !key;
    }
  }

  function choose(command, key) {
    for (const other of commands.values()) {
      if (other !== command && key && other.key === key) {
        other.key = "";
        if (said) {
          said.textContent = `${other.label} has no key now.`;
        }
      }
    }
    command.key = key;
    keep();
  }

  function unsaid() {
    const text = box.value.trim();
    return text && box.dataset.deskSent !== box.value ? text : "";
  }

  function toTheLast(command) {
    const { code, act, label } = command;
    document.dispatchEvent(new CustomEvent("schoolsafe:desk-command", { detail: { code, act, label } }));
  }

  function press(command) {
    const button = form.querySelector(`[data-desk-act="${command.code}"]`);
    if (unsaid() && button) {
      form.requestSubmit(button);
    } else {
      toTheLast(command);
    }
  }

  document.addEventListener("keydown", (event) => {
    const bare = !event.ctrlKey && !event.altKey && !event.metaKey && !event.shiftKey;
    if (!on || !bare || event.repeat || event.defaultPrevented || !/^F\d{1,2}$/.test(event.key)) {
      return;
    }
    if (document.querySelector("dialog[open]") || panel?.contains(event.target)) {
      return;
    }
    const command = [...commands.values()].find((one) => one.key === event.key);
    const button = command ? null : page.querySelector(`[data-desk-key="${event.key}"]`);
    if (command || button) {
      event.preventDefault();
      button?.click();
      if (command) {
        press(command);
      }
    }
  });

  /* Before desk-take.js hears of it: what stands in the box is a card and not a pupil. */
  document.addEventListener("submit", (event) => {
    const command = event.target === form ? commands.get(box.value.trim().toUpperCase()) : null;
    if (command) {
      event.preventDefault();
      event.stopImmediatePropagation();
      box.value = "";
      toTheLast(command);
    }
  }, true);

  recall();
  for (const command of commands.values()) {
    command.select?.addEventListener("change", () => choose(command, command.select.value));
  }
  toggle?.addEventListener("change", () => {
    on = toggle.checked;
    keep();
  });
  panel?.querySelector("[data-desk-keys-usual]")?.addEventListener("click", () => {
    for (const command of commands.values()) {
      command.key = command.usual;
    }
    on = true;
    keep();
  });
  panel?.removeAttribute("hidden");
  show();
}
