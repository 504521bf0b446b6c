// Talking to the bot from the browser: the page's buttons, and what is said. The line itself is in phone.js.
import { watch } from "./live.js";
import { Phone } from "./phone.js";
import { clock } from "./region.js";

const labels = JSON.parse(document.getElementById("labels").textContent);
const byId = (id) => document.getElementById(id);
const [state, dial, mute, level, errorBox, lines, details] =
  ["state", "dial", "mute", "level", "error", "lines", "details"].map(byId);
const keys = byId("keypad").querySelectorAll("button");

let phone = null;
let stopWatching = () => {};
let startedAt = 0;
let lastSeq = -1;

const STATES = { idle: "未接通", connecting: "正在接通…", live: "通话中", ended: "通话已结束", failed: "未能接通" };

function show(name) {
  state.dataset.state = name;
  state.textContent = STATES[name];
  const busy = name === "connecting" || name === "live";
  dial.textContent = busy ? "挂断" : "拨打";
  dial.dataset.live = busy ? "yes" : "no";
  mute.disabled = name !== "live";
  for (const key of keys) key.disabled = name !== "live";
  if (name === "live" && !startedAt) startedAt = Date.now();
  if (!busy) {
    startedAt = 0;
    level.value = 0;
    mute.setAttribute("aria-pressed", "false");
    mute.textContent = "静音";
  }
}

function fail(message) {
  errorBox.textContent = message;
  errorBox.hidden = false;
}

async function call() {
  lines.replaceChildren();
  byId("nothing").hidden = false;
  byId("timer").textContent = "0:00";
  errorBox.hidden = true;
  details.hidden = true;
  lastSeq = -1;
  stopWatching();
  show("connecting");
  phone = new Phone({
    remote: byId("remote"),
    onConnected: () => show("live"),
    onLevel: (value) => (level.value = value),
    onEnded: (problem) => {
      phone = null;
      show(problem ? "failed" : "ended");
      if (problem) fail(problem);
    },
  });
  const callId = await phone.dial();
  if (!callId) return;
  details.href = `/calls/${encodeURIComponent(callId)}`;
  details.hidden = false;
  stopWatching = watch({ callId, onEvent: hear });
}

dial.addEventListener("click", () => (phone ? phone.hangUp() : call()));
mute.addEventListener("click", () => {
  const muted = mute.getAttribute("aria-pressed") !== "true";
  phone?.mute(muted);
  mute.setAttribute("aria-pressed", String(muted));
  mute.textContent = muted ? "取消静音" : "静音";
});
for (const key of keys) key.addEventListener("click", () => phone?.press(key.dataset.digit));
document.addEventListener("keydown", (press) => {
  if (phone && /^[0-9*#]$/.test(press.key) && !press.ctrlKey && !press.metaKey) phone.press(press.key);
});
addEventListener("pagehide", () => phone?.hangUp());
setInterval(() => {
  if (startedAt) byId("timer").textContent = clock(Date.now() - startedAt);
}, 500);

// What is said. Everything is set as text: a transcript is whatever somebody said.
function hear(event) {
  if (event.seq <= lastSeq) return; // sent again after a reconnect
  lastSeq = event.seq;
  const body = event.body;
  switch (body.type) {
    case "asr-final":
      line("caller", "您", body.start_ms, body.text, body.turn);
      break;
    case "nlu-result":
      tag(body.turn, "intent", body.intent);
      tag(body.turn, "sentiment", body.sentiment);
      break;
    case "llm-reply":
      line("bot", "智能客服", event.audio_ms, body.text, body.turn);
      break;
    case "barge-in":
      note("您打断了智能客服");
      break;
    case "dtmf":
      note(`按键 ${body.digit}`);
      break;
    case "route-changed":
      note(`转向：${labels.destination[body.destination] ?? body.destination}`);
      break;
    case "error":
      note(`出错：${body.message}`);
      break;
    case "call-ended":
      note(labels.ended_by[body.ended_by] ?? "通话已结束");
      phone?.hangUp();
      break;
  }
}

function line(kind, who, atMs, text, turn) {
  const item = element("li", `line ${kind}`);
  const meta = element("div", "meta");
  meta.append(element("span", "who", who), element("span", "quiet", clock(atMs)));
  item.append(meta, element("p", "bubble", text));
  item.dataset.turn = `${kind}-${turn}`;
  add(item);
}

function note(text) {
  add(element("li", "line note", text));
}

function tag(turn, group, key) {
  const meta = [...lines.children].reverse().find((item) => item.dataset.turn === `caller-${turn}`)?.querySelector(".meta");
  meta?.append(element("span", `badge ${group}-${key}`, labels[group][key] ?? key));
}

function add(item) {
  byId("nothing").hidden = true;
  lines.append(item);
  item.scrollIntoView({ block: "nearest" });
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

show("idle");
