/* Where a scan ends. Most scanners send Enter; some send Tab, some nothing at all. Text that arrives at a scanner's pace
   is sent at its Tab, and a printed code also after a short silence. A person's Tab still leaves the box. */
const form = document.querySelector("[data-desk-page] form[data-desk]");
const box = form?.querySelector("[data-desk-box]");

if (box) {
  const PACE = 35;
  const LEAST = 5;
  const PAUSE = 200;
  const SILENCE = 80;
  const LATE_ENDING = 400;
  const CODE = /^[PSD][2-9A-HJKMNP-TV-Z]{8}$/;
  const cards = new Set(
    [...document.querySelectorAll("[data-desk-key-of]")].map((row) => row.dataset.deskKeyOf.toUpperCase()),
  );
  let strokes = [];
  let silence = 0;
  let sentAt = -LATE_ENDING;

  function scanned() {
    const gaps = strokes.slice(1).map((at, position) => at - strokes[position]);
    gaps.sort((one, other) => one - other);
    return strokes.length >= LEAST && gaps[Math.floor(gaps.length / 2)] <= PACE;
  }

  function printed() {
    const text = box.value.trim().toUpperCase();
    return CODE.test(text) || cards.has(text);
  }

  function send() {
    window.clearTimeout(silence);
    strokes = [];
    sentAt = performance.now();
    form.requestSubmit();
  }

  document.addEventListener("keydown", (event) => {
    const bare = !event.ctrlKey && !event.altKey && !event.metaKey;
    const elsewhere = event.target !== box && event.target.closest?.("input, textarea, select, dialog");
    if (!bare || elsewhere) {
      return;
    }
    window.clearTimeout(silence);
    if (event.key.length === 1) {
      if (strokes.length && event.timeStamp - strokes[strokes.length - 1] > PAUSE) {
        strokes = [];
      }
      strokes.push(event.timeStamp);
      silence = window.setTimeout(() => scanned() && printed() && send(), SILENCE);
      return;
    }
    const ending = event.key === "Enter" || event.key === "Tab";
    if (ending && performance.now() - sentAt < LATE_ENDING && event.target === box && !strokes.length) {
      /* The ending of a scan that was sent already: it must not answer the question that the scan has raised. */
      event.preventDefault();
      event.stopPropagation();
      sentAt = performance.now() - LATE_ENDING + SILENCE; /* a scanner may send two; a person's answer comes later */
    } else if (event.key === "Tab" && !event.shiftKey && event.target === box && scanned()) {
      event.preventDefault();
      send();
    } else if (event.key !== "Shift" && event.key !== "CapsLock") {
      strokes = [];
    }
  }, true);
}
