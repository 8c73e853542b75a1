/* Asks before typed text is lost by leaving; never when the form itself is sent, nor when the screen locks (the lock
   keeps the text). */
const touched = new WeakSet();
let leaving = false;

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-confirm-leave]");
  if (form && event.target.type !== "password") {
    touched.add(form);
  }
});

document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented) {
    leaving = true;
  }
});

document.addEventListener("schoolsafe:leaving", () => {
  leaving = true;
});

window.addEventListener("pageshow", () => {
  leaving = false;
});

window.addEventListener("beforeunload", (event) => {
  const dirty = [...document.querySelectorAll("form[data-confirm-leave]")].some((form) => touched.has(form));
  if (dirty && !leaving) {
    event.preventDefault();
  }
});
