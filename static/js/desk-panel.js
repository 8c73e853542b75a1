/* The desk's large answer: what stands in it without the server, what is said of it aloud, the sound that goes with it,
   and that it is seen. Whatever is heard is also written and spoken, once, and nobody's focus moves. */
const page = document.querySelector("[data-desk-page]");
const outcome = document.getElementById("desk-outcome");

if (page && outcome) {
  const PUPIL_FIRST = "Scan the pupil first, then the card";
  const spoken = page.querySelector("[data-desk-spoken]");
  const said = page.querySelector("[data-desk-said]");

  const sound = (name) => document.dispatchEvent(new CustomEvent("schoolsafe:sound", { detail: { name } }));

  /* The same words twice are two scans: emptied first, so that a screen reader hears of both. */
  function speak(words) {
    if (spoken) {
      spoken.textContent = "";
      window.requestAnimationFrame(() => {
        spoken.textContent = words;
      });
    }
  }

  function textOf(pattern) {
    return outcome.querySelector(pattern)?.innerText.replace(/\s+/g, " ").trim() ?? "";
  }

  /* Word, who, slot, time and what is to know; then what is asked. The buttons under it are not read out each time. */
  function wordsOfPanel() {
    const facts = ["__word", "__person", "__slot", "__time", "__detail"].map((part) => textOf(`.outcome${part}`));
    const choices = outcome.querySelectorAll(".outcome__choices [data-desk-choice]");
    const offered = outcome.querySelector("[data-desk-default] .choice__name")?.innerText;
    if (choices.length > 1 || (choices.length && !offered)) {
      const asked = outcome.querySelector("[data-desk-choices]")?.getAttribute("aria-label");
      facts.push(`${asked}: ${choices.length === 1 ? "one choice" : `${choices.length} choices`}, Down arrow`);
    }
    facts.push(offered ? `Enter: ${offered}` : "");
    const sentences = facts.filter(Boolean);
    return sentences.map((fact) => (/[.?!]$/.test(fact) ? fact : `${fact}.`)).join(" ");
  }

  /* Magnified, the answer may stand below what is seen: brought there, with the box where both have room; and again when
     the bar about the line comes or goes above it. */
  let answers = 0;

  function bringIntoView() {
    answers += 1;
    outcome.firstElementChild?.scrollIntoView({ block: "nearest", behavior: "instant" });
  }

  const bar = page.querySelector("[data-desk-line]");
  if (bar && window.ResizeObserver) {
    new window.ResizeObserver(() => answers && bringIntoView()).observe(bar);
  }

  function answered() {
    const result = outcome.querySelector("[data-outcome]");
    sound(result?.dataset.sound || result?.dataset.outcome);
    speak(wordsOfPanel());
    bringIntoView();
  }

  function draw(pattern) {
    outcome.replaceChildren(page.querySelector(`template${pattern}`).content.cloneNode(true));
  }

  function kept(item, again) {
    draw("[data-desk-kept]");
    outcome.querySelector(".outcome__person").textContent = item.label;
    if (again) {
      outcome.querySelector(".outcome__word span").textContent = "Already kept";
    }
    sound(again ? "attention" : "kept");
    speak(wordsOfPanel());
    bringIntoView();
  }

  /* Above an answer that is not about this. */
  function note(text) {
    outcome.querySelector(".outcome__note")?.remove();
    const words = document.createElement("p");
    words.className = "outcome__note";
    words.append(page.querySelector("template[data-desk-note]").content.cloneNode(true));
    words.querySelector("span span").textContent = text;
    outcome.prepend(words);
    bringIntoView();
  }

  function failed(item) {
    if (!item.asked) {
      note(`Not saved: ${item.label}`);
    }
    if (said) {
      said.textContent = `Not saved: ${item.label}. ${item.problem}`;
    }
    sound("attention");
  }

  document.addEventListener("schoolsafe:desk-outcome", ({ detail: { kind, item } }) => {
    if (kind === "failed") {
      failed(item);
    } else if (kind !== "kept") {
      answered();
    }
  });

  document.addEventListener("schoolsafe:desk-panel", ({ detail: { show, item } }) => {
    if (show === "pupil-first") {
      note(PUPIL_FIRST);
      speak(PUPIL_FIRST);
      sound("attention");
    } else if (show === "kept" || show === "kept-again") {
      kept(item, show === "kept-again");
    } else if (outcome.querySelector("[data-outcome='waiting']")) {
      draw(show === "some-wait" ? "[data-desk-some-wait]" : "[data-desk-all-sent]");
    }
  });
}
