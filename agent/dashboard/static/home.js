// The overview: fetched again whenever a call says something that it shows.
import { alertActions } from "./alerts.js";
import { showState, watch } from "./live.js";
import { clock, keepFresh } from "./region.js";

const SHOWN = new Set([
  "call-started", "asr-final", "nlu-result", "risk-assessed", "alert-raised", "route-changed", "error", "call-ended", "summary-ready",
]);
const title = document.title;
const region = document.getElementById("region");

function onFresh() {
  const raised = Number(region.querySelector(".home").dataset.raised);
  document.title = raised ? `(${raised}) ${title}` : title;
  tick();
}

function tick() {
  for (const element of region.querySelectorAll("[data-since]")) {
    element.textContent = clock(Date.now() - Date.parse(element.dataset.since));
  }
}

const page = keepFresh(region, onFresh);
alertActions(region, page.now);
setInterval(tick, 1000);
watch({
  onEvent: (event) => {
    if (SHOWN.has(event.body.type)) page.soon();
    if (event.body.type === "alert-raised") {
      document.getElementById("announce").textContent = `新的预警：${event.body.recommended}`;
    }
  },
  onOpen: page.soon,
  onState: showState(document.getElementById("live-state")),
});
