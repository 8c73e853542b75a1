/* Locks the screen and keeps what was typed: the server is locked first, then the unfinished form is sent to it, and a
   locked server holds what it is sent instead of acting on it. Without JavaScript "Lock now" is a plain form. */
const typedIn = new Set();

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-confirm-leave]");
  if (form && event.target.type !== "password") {
    typedIn.add(form);
  }
});

function plainFields(form) {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string") {
      fields.append(name, value);
    }
  }
  return fields;
}

function sent(response) {
  return response.ok || response.type === "opaqueredirect";
}

async function lock() {
  const form = document.querySelector("form[data-lock]");
  if (!form) {
    window.location.reload();
    return;
  }
  document.dispatchEvent(new CustomEvent("schoolsafe:leaving"));
  const unfinished = [...typedIn].find((other) => other.isConnected && other.method === "post");
  if (!unfinished) {
    form.submit();
    return;
  }
  const token = form.querySelector("[name='csrfmiddlewaretoken']")?.value ?? "";
  const options = { method: "POST", redirect: "manual", credentials: "same-origin", headers: { "X-CSRFToken": token } };
  try {
    const locked = await fetch(form.action, { ...options, body: plainFields(form) });
    if (sent(locked)) {
      await fetch(unfinished.action, { ...options, body: plainFields(unfinished) });
    }
  } catch {
    /* No network: the reload below shows the lock as soon as the server answers. */
  }
  window.location.reload();
}

document.addEventListener("submit", (event) => {
  if (event.target.matches("form[data-lock]") && typedIn.size) {
    event.preventDefault();
    lock();
  }
});

document.addEventListener("schoolsafe:lock", lock);
