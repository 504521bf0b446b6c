// One call: follows it while it is live, and plays its recording from any line.
import { alertActions } from "./alerts.js";
import { showState, watch } from "./live.js";
import { keepFresh } from "./region.js";

const callId = document.getElementById("call").dataset.callId;
const region = document.getElementById("region");
const player = document.getElementById("player");
const audio = document.getElementById("audio");

function onFresh() {
  const playable = region.querySelector(".call-body").dataset.recording === "yes";
  if (playable && !audio.getAttribute("src")) audio.src = `/api/calls/${encodeURIComponent(callId)}/recording.wav`;
  player.hidden = !playable;
  for (const button of region.querySelectorAll("[data-seek-ms]")) button.disabled = !playable;
}

region.addEventListener("click", (click) => {
  const button = click.target.closest("[data-seek-ms]");
  if (!button) return;
  audio.currentTime = Number(button.dataset.seekMs) / 1000;
  audio.play();
});

// The line that is being heard is marked, without scrolling away under somebody who reads.
audio.addEventListener("timeupdate", () => {
  let current = null;
  for (const line of region.querySelectorAll(".line[data-at-ms]:not(.note)")) {
    line.removeAttribute("aria-current");
    if (Number(line.dataset.atMs) <= audio.currentTime * 1000 + 20) current = line;
  }
  current?.setAttribute("aria-current", "true");
});

const page = keepFresh(region, onFresh);
alertActions(region, page.now);
watch({
  callId,
  onEvent: (event) => event.body.type.startsWith("vad-") || page.soon(),
  onState: showState(document.getElementById("live-state")),
});
