/* Menus are details elements. This closes them on Escape, on a click outside and when focus leaves; and folds the main
   navigation behind a button on narrow screens. Without it everything is open to the reader all the same. */
function closeAll(except) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (menu !== except) {
      menu.open = false;
    }
  }
}

document.addEventListener("click", (event) => {
  closeAll(event.target.closest("details[data-menu]"));
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") {
    return;
  }
  const menu = document.querySelector("details[data-menu][open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
    event.stopPropagation();
  }
});

document.addEventListener("focusin", (event) => {
  closeAll(event.target.closest("details[data-menu]"));
});

for (const nav of document.querySelectorAll("[data-mainnav]")) {
  const button = nav.querySelector("[data-mainnav-toggle]");
  button.hidden = false;
  nav.setAttribute("data-ready", "");
  button.addEventListener("click", () => {
    const open = nav.toggleAttribute("data-open");
    button.setAttribute("aria-expanded", String(open));
  });
}

/* Filters start open where there is room for them. */
if (window.matchMedia("(min-width: 64rem)").matches) {
  for (const filter of document.querySelectorAll("details[data-filter]")) {
    filter.open = true;
  }
}
