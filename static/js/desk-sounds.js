/* Four short sounds, made here and never longer than 0.4 s: ok, attention, stop, and a quiet one for what is kept until
   the line is back. Volume and mute stay on this device. */
const KEY = "schoolsafe.desk.sound";
const panel = document.querySelector("[data-desk-sounds]");
const SOUNDS = new Map([
  ["ok", [[660, 0, 0.09, "sine"], [990, 0.09, 0.13, "sine"]]],
  ["attention", [[520, 0, 0.12, "triangle"], [520, 0.17, 0.12, "triangle"]]],
  ["stop", [[196, 0, 0.38, "sawtooth"]]],
  ["kept", [[440, 0, 0.1, "sine", 0.4]]],
]);

let settings = { volume: 60, muted: false };
try {
  const kept = JSON.parse(window.localStorage.getItem(KEY) ?? "{}");
  settings = {
    volume: Number.isFinite(kept.volume) ? Math.min(Math.max(kept.volume, 0), 100) : 60,
    muted: kept.muted === true,
  };
} catch {
  /* Storage is closed or holds something else: the defaults hold. */
}

let audio = null;

function play(name) {
  const notes = SOUNDS.get(name === "choose" ? "attention" : name);
  if (!notes || settings.muted || settings.volume === 0 || !window.AudioContext) {
    return;
  }
  audio ??= new AudioContext();
  if (audio.state === "suspended") {
    audio.resume().catch(() => {});
  }
  for (const [pitch, start, length, shape, part = 1] of notes) {
    const tone = audio.createOscillator();
    const gain = audio.createGain();
    const from = audio.currentTime + start;
    const loud = Math.max((settings.volume / 100) * (shape === "sawtooth" ? 0.25 : 0.5) * part, 0.0002);
    tone.type = shape;
    tone.frequency.value = pitch;
    gain.gain.setValueAtTime(0.0001, from);
    gain.gain.exponentialRampToValueAtTime(loud, from + 0.015);
    gain.gain.exponentialRampToValueAtTime(0.0001, from + length);
    tone.connect(gain).connect(audio.destination);
    tone.start(from);
    tone.stop(from + length);
  }
}

document.addEventListener("schoolsafe:sound", (event) => play(event.detail?.name));

if (panel) {
  const mute = panel.querySelector("[data-desk-mute]");
  const volume = panel.querySelector("[data-desk-volume]");
  const word = panel.querySelector("[data-desk-mute-word]");

  const show = () => {
    mute.setAttribute("aria-pressed", String(settings.muted));
    word.textContent = settings.muted ? "Sound off" : "Sound on";
    const use = mute.querySelector("use");
    use?.setAttribute("href", `${use.getAttribute("href").split("#")[0]}#${settings.muted ? "mute" : "sound"}`);
    volume.value = String(settings.volume);
  };

  const keep = () => {
    try {
      window.localStorage.setItem(KEY, JSON.stringify(settings));
    } catch {
      /* Storage is closed: the choice holds for this page. */
    }
    show();
  };

  mute.addEventListener("click", () => {
    settings.muted = !settings.muted;
    keep();
    play("ok");
  });
  volume.addEventListener("change", () => {
    settings.volume = Number(volume.value);
    keep();
    play("ok");
  });
  panel.hidden = false;
  show();
}
