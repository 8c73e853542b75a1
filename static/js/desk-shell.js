/* The page that stands in for a desk answers under that desk's own address: it finds out which of the two it is. */
const page = document.querySelector("[data-desk-page]");
const bar = page?.querySelector("[data-desk-line]");
const returns = page?.dataset.deskReturnsUrl;

if (bar && returns && window.location.pathname === returns) {
  const title = document.querySelector("[data-desk-title]");
  title.textContent = title.dataset.deskOther;
  bar.dataset.desk = "returns";
  bar.dataset.homeUrl = returns;
  bar.removeAttribute("data-off-check");
  page.querySelector("form[data-desk]").action = returns;
  page.querySelector("[data-desk-commands]")?.remove();
}
