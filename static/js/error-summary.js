/* Moves focus to "There is a problem", and from its links into the field (into the first radio of a group). */
function focusSummary(scope) {
  const summary = scope.querySelector("[data-error-summary]");
  if (summary) {
    summary.focus();
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-error-summary] a[href^='#']");
  if (!link) {
    return;
  }
  const field = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (field) {
    event.preventDefault();
    const label = field.closest("fieldset")?.querySelector("legend") ?? field.labels?.[0] ?? field;
    label.scrollIntoView({ block: "start" });
    field.focus({ preventScroll: true });
  }
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target instanceof Element) {
    focusSummary(event.detail.target.closest("[data-desk]") ? document.createElement("i") : event.detail.target);
  }
});

focusSummary(document);
