// What is on the screen: my state, the call's head and buttons, timers, and what is told in passing.
import { clock } from "./region.js";
import { byId, label, make, now, number, show } from "./seat_dom.js";
import { inTalk, seat } from "./seat_state.js";

const TOAST_MS = 6000;
const desk = byId("desk");
const title = document.title;
let toastTimer = 0;

const IDLE = {
  ready: ["等待来电", "有来电时会响铃，并显示客户和原因。"],
  on_break: ["小休中", "不会有新来电。点击“就绪”继续接听。"],
  offline: ["未就绪", "点击“就绪”开始接听。"],
};
const CONNECTION = { open: "已登录", connecting: "正在连接", broken: "连接中断，正在重连", closed: "未登录" };

export function draw() {
  const { call, state } = seat;
  const phase = call?.phase ?? "";
  desk.dataset.state = state.state;
  desk.dataset.view = call ? "call" : "idle";
  desk.dataset.phase = phase;
  byId("state-words").textContent = label("seat_state", state.state);
  show("break-after", Boolean(state.break_after));
  for (const button of byId("switch").children) {
    button.setAttribute("aria-pressed", String(button.dataset.set === { ready: "ready", on_break: "on-break" }[state.state]));
  }
  const [head, words] = IDLE[state.state] ?? IDLE.ready;
  byId("idle-title").textContent = head;
  byId("idle-words").textContent = words;
  show("ring-buttons", phase === "ringing");
  show("call-buttons", inTalk());
  show("supervise-buttons", phase === "supervised");
  show("levels", inTalk() || phase === "supervised");
  show("consult", inTalk() && Boolean(call.consult));
  if (call) drawCall(call, phase);
  tick();
}

function drawCall(call, phase) {
  const who = call.pop?.name || number(call.pop?.number);
  byId("call-title").textContent = {
    ringing: `${label("ringing_kind", call.kind)}：${who}`,
    live: `正在与 ${who} 通话`,
    held: `${who} 保持中`,
    ended: `通话结束：${label("seat_ended", call.reason)}`,
    supervised: `正在${label("supervision", call.mode)}：${who}`,
  }[phase];
  byId("call-under").textContent = {
    ringing: call.pop?.why ?? "",
    live: seat.muted ? "您已静音，客户听不到您" : "",
    held: "客户在听音乐，听不到您",
    ended: "请核对小结并提交",
    supervised: { listen: "双方都听不到您", whisper: "只有坐席听得到您", barge: "双方都听得到您" }[call.mode],
  }[phase];
  byId("hold").textContent = phase === "held" ? "取回 " : "保持 ";
  byId("hold").append(make("kbd", "", "H"));
  byId("hold").setAttribute("aria-pressed", String(phase === "held"));
  for (const button of byId("supervise-buttons").querySelectorAll("[data-mode]")) {
    button.setAttribute("aria-pressed", String(button.dataset.mode === call.mode));
  }
  if (call.consult) drawConsult(call.consult, who);
}

function drawConsult(consult, who) {
  if (consult.state === "talking") {
    byId("call-title").textContent = `正在与 ${consult.name} 沟通`;
    byId("call-under").textContent = `${who} 在听音乐`;
  }
  byId("consult-words").textContent = `${consult.name}：${label("transfer_state", consult.state)}`;
  byId("complete-transfer").disabled = consult.state !== "talking";
}

export function drawMuted() {
  byId("mute").textContent = seat.muted ? "取消静音 " : "静音 ";
  byId("mute").append(make("kbd", "", "M"));
  byId("mute").setAttribute("aria-pressed", String(seat.muted));
}

// Timers, twice a second.
export function tick() {
  const { call, state } = seat;
  byId("state-since").textContent = clock(now() - Date.parse(state.since));
  if (call) {
    const left = call.phase === "ringing" && call.until ? Date.parse(call.until) - now() : null;
    byId("call-timer").textContent = left !== null ? `${Math.max(0, Math.ceil(left / 1000))}″` : clock(call.tookMs ?? now() - call.since);
  }
  document.title = call?.phase === "ringing" ? `☎ 来电 · ${title}` : title;
  for (const since of byId("live-calls").querySelectorAll("[data-since]")) {
    since.textContent = clock(now() - Date.parse(since.dataset.since));
  }
}

export function showBriefing(text) {
  byId("briefing").textContent = text;
  show("briefing", Boolean(text));
}

// name: open | connecting | broken | closed, of the socket.
export function connection(name) {
  const shown = byId("live-state");
  shown.dataset.state = name === "broken" ? "closed" : name;
  shown.querySelector(".words").textContent = CONNECTION[name];
}

export function toast(words) {
  byId("toast").textContent = words;
  show("toast", true);
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => show("toast", false), TOAST_MS);
}
