/* Shows the print buttons, which are hidden where no script could answer them, and lets them print. */
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
