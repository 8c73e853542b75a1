/* Ctrl+K from anywhere puts the cursor into "Find any pupil"; arrows walk the answers, Enter opens, Escape clears. */
const form = document.querySelector("form[data-find]");

if (form) {
  const box = form.querySelector("input[type='search']");
  const results = form.querySelector("[data-find-results]");
  const links = () => [...results.querySelectorAll("[data-find-result]")];

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      box.focus();
      box.select();
    }
  });

  form.addEventListener("keydown", (event) => {
    const list = links();
    const at = list.indexOf(document.activeElement);
    if (event.key === "ArrowDown" && list.length) {
      event.preventDefault();
      list[Math.min(at + 1, list.length - 1)].focus();
    } else if (event.key === "ArrowUp" && at >= 0) {
      event.preventDefault();
      (at === 0 ? box : list[at - 1]).focus();
    } else if (event.key === "Enter" && document.activeElement === box && list.length && box.value.trim() === shownFor) {
      event.preventDefault();
      list[0].click();
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      clear();
      box.focus();
    }
  });

  let shownFor = "";
  let sentFor = "";

  function clear() {
    results.replaceChildren();
    box.value = "";
    shownFor = "";
  }

  form.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt === form) {
      sentFor = box.value.trim();
      if (!sentFor) {
        event.preventDefault();
        results.replaceChildren();
      }
    }
  });

  form.addEventListener("htmx:afterSwap", () => {
    shownFor = sentFor;
  });

  form.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !form.contains(event.relatedTarget)) {
      results.replaceChildren();
      shownFor = "";
    }
  });

  document.addEventListener("click", (event) => {
    if (!form.contains(event.target)) {
      results.replaceChildren();
      shownFor = "";
    }
  });
}
