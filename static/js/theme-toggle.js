/* As device, light or dark: remembered on this device and nowhere else. */
const KEY = "schoolsafe.theme";
const root = document.documentElement;

function chosen() {
  return root.getAttribute("data-bs-theme") ?? "auto";
}

function show() {
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === chosen()));
  }
}

function choose(choice) {
  if (choice === "auto") {
    root.removeAttribute("data-bs-theme");
  } else {
    root.setAttribute("data-bs-theme", choice);
  }
  try {
    if (choice === "auto") {
      window.localStorage.removeItem(KEY);
    } else {
      window.localStorage.setItem(KEY, choice);
    }
  } catch {
    /* Storage is closed: the choice holds for this page. */
  }
  show();
}

for (const group of document.querySelectorAll("[data-theme-switch]")) {
  group.hidden = false;
  group.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice]");
    if (button) {
      choose(button.dataset.themeChoice);
    }
  });
}
show();
