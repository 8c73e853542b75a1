/* A whole form: the totals follow each choice, digits go to the count, and rows can be narrowed by name. Shared by the
   page of a form that goes home, where boxes are ticked. The form is the same without it. */
const form = document.querySelector("form[data-whole-form]");
const count = form?.querySelector("[name=counted]");
const totals = form?.querySelector("[data-form-totals]");

function show() {
  for (const total of totals.querySelectorAll("[data-total]")) {
    const number = form.querySelectorAll(
      `[data-form-row] input[value="${total.dataset.total}"]:checked, [data-form-row] input[data-counts="${total.dataset.total}"]:checked`,
    ).length;
    const shown = total.querySelector("strong");
    if (shown.textContent !== String(number)) {
      shown.textContent = String(number); /* a line that stands still is not read out again */
    }
    total.classList.toggle("form-totals__none", number === 0);
  }
}

if (form && totals) {
  totals.hidden = false;
  show();
  form.addEventListener("change", show);
}

/* A digit means nothing to a radio, a tick or a link: it is the beginning of the count. */
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input:not([type=radio], [type=checkbox]), textarea, select");
  if (count && !typing && /^\d$/.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey) {
    count.focus();
    count.select();
  }
});

const filter = document.querySelector("[data-form-filter]");
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

if (form && filter) {
  filter.hidden = false;
  filter.querySelector("input").addEventListener("input", (event) => {
    const wanted = plain(event.target.value.trim());
    for (const row of form.querySelectorAll("[data-form-row]")) {
      row.hidden = !plain(row.querySelector("th").textContent).includes(wanted);
    }
    const shown = form.querySelectorAll("[data-form-row]:not([hidden])").length;
    filter.querySelector("[data-form-filter-said]").textContent = wanted ? `${shown} shown.` : "";
  });
}
