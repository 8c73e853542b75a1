/* The device's own camera as a scanner: the reader is fetched when it is first opened, each code it sees is sent as a
   scan would be, and the picture is looked at and let go: none is taken, kept or sent. */
const page = document.querySelector("[data-desk-page]");
const form = page?.querySelector("form[data-desk]");
const box = form?.querySelector("[data-desk-box]");
const start = page?.querySelector("[data-desk-camera]");
const view = page?.querySelector("[data-desk-camera-view]");

if (box && start && view && navigator.mediaDevices?.getUserMedia) {
  const AGAIN_AFTER = 3000;
  const video = view.querySelector("video");
  const told = view.querySelector("[data-desk-camera-told]");
  const stop = view.querySelector("[data-desk-camera-stop]");
  let reader = null;
  let seen = { text: "", at: 0 };

  function fetchReader() {
    return new Promise((resolve, reject) => {
      if (window.ZXing) {
        resolve(window.ZXing);
        return;
      }
      const script = document.createElement("script");
      script.src = start.dataset.deskCamera;
      script.addEventListener("load", () => resolve(window.ZXing));
      script.addEventListener("error", () => reject(new Error("The reader did not load")));
      document.head.append(script);
    });
  }

  function found(text) {
    const code = text.trim().slice(0, 80);
    const again = code === seen.text && Date.now() - seen.at < AGAIN_AFTER;
    seen = { text: code, at: Date.now() };
    if (code && !again) {
      box.value = code;
      box.dispatchEvent(new Event("input", { bubbles: true }));
      form.requestSubmit();
    }
  }

  function close() {
    reader?.reset();
    reader = null;
    view.hidden = true;
    start.hidden = false;
  }

  async function open() {
    view.hidden = false;
    start.hidden = true;
    stop.focus();
    told.textContent = "Hold the code in front of the camera.";
    try {
      const { BrowserMultiFormatReader } = await fetchReader();
      reader = new BrowserMultiFormatReader(null, 150);
      const wanted = { audio: false, video: { facingMode: "environment" } };
      await reader.decodeFromConstraints(wanted, video, (result) => result && found(result.getText()));
    } catch {
      close();
      told.textContent = "";
      page.querySelector("[data-desk-said]").textContent = "The camera did not open. Allow it in the browser, or type.";
      start.querySelector("[data-desk-camera-word]").textContent = "The camera did not open: try again";
    }
  }

  start.addEventListener("click", open);
  stop.addEventListener("click", () => {
    close();
    box.focus();
  });
  start.hidden = false;
}
