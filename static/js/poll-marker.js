/* Marks every request that a page makes by itself, so that a forgotten screen still locks; hides the no-JavaScript
   "Check progress" link once htmx does the checking. */
function byItself(element) {
  return Boolean(element?.closest?.("[data-poll]")) || /\bevery\s/.test(element?.getAttribute?.("hx-trigger") ?? "");
}

document.addEventListener("htmx:configRequest", (event) => {
  const trigger = event.detail.triggeringEvent?.type;
  if (byItself(event.detail.elt) && trigger !== "click" && trigger !== "submit") {
    event.detail.headers["X-Schoolsafe-Poll"] = "1";
  }
});

function hideLinks() {
  for (const link of document.querySelectorAll("[hx-get] [data-no-js-only]")) {
    link.hidden = true;
  }
}

document.addEventListener("htmx:afterSettle", hideLinks);
hideLinks();
