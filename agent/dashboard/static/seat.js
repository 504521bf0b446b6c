// A seat: signs in, takes calls, passes them on, wraps them up. What is where on the screen: seat_call.js, seat_floor.js.
import { clock } from "./region.js";
import { showAlert, showMood, showPop, showSaid, showSuggested } from "./seat_call.js";
import { byId, label, make, now, number, setNow, show } from "./seat_dom.js";
import { fillTargets, showFloor, showLiveCalls } from "./seat_floor.js";
import { Ring, SeatLine } from "./seat_line.js";
import { SeatSocket } from "./seat_socket.js";
import { WrapUp } from "./seat_wrap_up.js";

const desk = byId("desk");
const title = document.title;
const ring = new Ring();
const signInError = byId("sign-in-error");

let me = null; // signed-in
let state = { state: "offline", since: new Date().toISOString() };
let call = null; // { id, phase: ringing | live | held | ended | supervised, since, pop, mode, until }
let floor = null;
let muted = false;
let toastTimer = 0;

const line = new SeatLine({
  remote: byId("remote"),
  onState: (name, words) => {
    byId("line-state").dataset.state = name;
    byId("line-state").querySelector(".words").textContent =
      words || { none: "线路未接通", connecting: "正在接通线路", open: "线路正常" }[name];
    show("line-retry", name === "blocked");
  },
  onLevels: (near, far) => {
    byId("level").value = muted ? 0 : near;
    byId("remote-level").value = far;
  },
});
const wrapUp = new WrapUp((done) => socket.send(done));
const socket = new SeatSocket({ onMessage: hear, onState: connection });

// What the hotline says

function hear(message) {
  const about = !message.call_id || message.call_id === call?.id;
  switch (message.type) {
    case "signed-in":
      return welcome(message);
    case "state":
      state = message;
      if (message.state !== "wrap_up") wrapUp.close();
      if (call?.phase === "ended" && message.state !== "wrap_up") call = null;
      return draw();
    case "ringing":
      call = { id: message.call_id, phase: "ringing", since: now(), pop: message.pop, kind: message.kind, until: message.until };
      showPop(message.pop);
      showBriefing(message.briefing);
      return draw();
    case "withdrawn":
      if (!about) return;
      toast(label("withdrawn_reason", message.reason));
      if (call?.phase === "ringing") call = null;
      return draw();
    case "connected":
      if (!about || call?.phase !== "live") showPop(message.pop);
      showBriefing("");
      setMuted(false);
      call = { id: message.call_id, phase: message.held ? "held" : "live", since: Date.parse(message.since), pop: message.pop };
      return draw();
    case "held":
      if (about && call) call.phase = message.held ? "held" : "live";
      return draw();
    case "said":
      return about && call ? showSaid(message) : undefined;
    case "mood":
      return about && call ? showMood(message) : undefined;
    case "suggested":
      return about && call ? showSuggested(message.text) : undefined;
    case "alert":
      if (!about || !call) return;
      showAlert(message);
      showSuggested(message.withdrawn ? "" : message.recommended);
      return message.withdrawn ? undefined : toast(`预警：${message.causes.map((one) => label("signal", one)).join("；")}`);
    case "transferring":
      return about ? transferring(message) : undefined;
    case "ended":
      if (!about || !call) return;
      Object.assign(call, { phase: "ended", reason: message.reason, tookMs: now() - call.since });
      delete call.consult;
      return draw();
    case "wrap-up":
      wrapUp.open(message);
      return draw();
    case "queues":
      floor = message;
      return showFloor(message, { mySeat: me.seat, onCallBack: (id) => socket.send({ type: "call-back", callback_id: id }) });
    case "live-calls":
      return showLiveCalls(message.calls, (id, mode) => socket.send({ type: "supervise", call_id: id, mode }));
    case "supervising":
      return supervising(message);
    case "taken-over":
      return leave("您已在另一个浏览器登录，这里已退出");
    case "problem":
      return problem(message);
  }
}

function welcome(message) {
  me = message;
  setNow(me.now);
  socket.remember();
  connection("open");
  byId("my-name").textContent = me.name;
  byId("my-skills").textContent = me.skills.map((one) => one.name).join("、") + (me.supervisor ? " · 主管" : "");
  show("live-panel", me.supervisor);
  show("sign-in", false);
  desk.hidden = false;
  call = null;
  line.open(me.seat, me.line_key);
  draw();
}

function leave(words) {
  me = call = null;
  show("toast", false);
  line.close();
  wrapUp.close();
  desk.hidden = true;
  show("sign-in", true);
  signInError.textContent = words;
  signInError.hidden = !words;
  draw();
}

function problem(message) {
  const words = label("seat_problem", message.code) === message.code ? message.message : label("seat_problem", message.code);
  if (message.about === "sign-in") {
    socket.forget();
    return leave(words);
  }
  toast(`没有成功：${words}`);
}

function connection(name) {
  const words = { open: "已登录", connecting: "正在连接", broken: "连接中断，正在重连", closed: "未登录" };
  const shown = byId("live-state");
  shown.dataset.state = name === "broken" ? "closed" : name;
  shown.querySelector(".words").textContent = words[name];
  if (name === "closed" && me) leave("");
}

function supervising(message) {
  if (!message.call_id) {
    call = null;
    return draw();
  }
  if (message.pop) showPop(message.pop);
  const before = call?.id === message.call_id ? call : { since: now() };
  call = { ...before, id: message.call_id, phase: "supervised", mode: message.mode, pop: message.pop ?? before.pop };
  draw();
}

function transferring(message) {
  if (!call) return;
  const going = message.state === "ringing" || message.state === "talking";
  call.consult = going ? message : null;
  const words = `${label("transfer_state", message.state)}：${message.name}`;
  if (!going) toast(message.why ? `${words}（${message.why}）` : words);
  draw();
}

function showBriefing(text) {
  byId("briefing").textContent = text;
  show("briefing", Boolean(text));
}

// What is on the screen

const IDLE = {
  ready: ["等待来电", "有来电时会响铃，并显示客户和原因。"],
  on_break: ["小休中", "不会有新来电。点击“就绪”继续接听。"],
  offline: ["未就绪", "点击“就绪”开始接听。"],
};

function draw() {
  const inCall = call !== null;
  const phase = call?.phase ?? "";
  desk.dataset.state = state.state;
  desk.dataset.view = inCall ? "call" : "idle";
  desk.dataset.phase = phase;
  byId("state-words").textContent = label("seat_state", state.state);
  show("break-after", Boolean(state.break_after));
  for (const button of byId("switch").children) {
    button.setAttribute("aria-pressed", String(button.dataset.set === { ready: "ready", on_break: "on-break" }[state.state]));
  }
  const [head, words] = IDLE[state.state] ?? IDLE.ready;
  byId("idle-title").textContent = head;
  byId("idle-words").textContent = words;
  const talks = phase === "live" || phase === "held";
  show("ring-buttons", phase === "ringing");
  show("call-buttons", talks);
  show("supervise-buttons", phase === "supervised");
  show("levels", talks || phase === "supervised");
  show("consult", talks && Boolean(call?.consult));
  if (inCall) drawCall(phase);
  line.send(talks || (phase === "supervised" && call.mode !== "listen"));
  if (phase === "ringing") ring.start(line.context);
  else ring.stop();
  tick();
}

function drawCall(phase) {
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
    live: muted ? "您已静音，客户听不到您" : "",
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
  if (!call.consult) return;
  if (call.consult.state === "talking") {
    byId("call-title").textContent = `正在与 ${call.consult.name} 沟通`;
    byId("call-under").textContent = `${who} 在听音乐`;
  }
  byId("consult-words").textContent = `${call.consult.name}：${label("transfer_state", call.consult.state)}`;
  byId("complete-transfer").disabled = call.consult.state !== "talking";
}

function tick() {
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

function toast(words) {
  byId("toast").textContent = words;
  show("toast", true);
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => show("toast", false), 6000);
}

function setMuted(on) {
  muted = on;
  line.mute(on);
  byId("mute").textContent = on ? "取消静音 " : "静音 ";
  byId("mute").append(make("kbd", "", "M"));
  byId("mute").setAttribute("aria-pressed", String(on));
}

// What the person does

byId("sign-in-form").addEventListener("submit", (submit) => {
  submit.preventDefault();
  signInError.hidden = true;
  void line.context; // the click is what browsers want before they let a page ring
  socket.signIn(byId("login").value.trim(), byId("token").value);
});

const actions = {
  answer: () => socket.send({ type: "answer", call_id: call.id }),
  decline: () => socket.send({ type: "decline", call_id: call.id }),
  hold: () => socket.send({ type: call.phase === "held" ? "resume" : "hold" }),
  mute: () => {
    setMuted(!muted);
    draw();
  },
  transfer: openTransfer,
  survey: () => socket.send({ type: "hang-up", survey: true }),
  "hang-up": () => socket.send({ type: "hang-up" }),
  "complete-transfer": () => socket.send({ type: "complete-transfer" }),
  "cancel-transfer": () => socket.send({ type: "cancel-transfer" }),
  "stop-supervising": () => socket.send({ type: "stop-supervising" }),
  "line-retry": () => line.retry(),
};
for (const [id, act] of Object.entries(actions)) byId(id).addEventListener("click", act);
for (const button of byId("supervise-buttons").querySelectorAll("[data-mode]")) {
  button.addEventListener("click", () => socket.send({ type: "supervise", call_id: call.id, mode: button.dataset.mode }));
}
for (const button of byId("switch").children) {
  button.addEventListener("click", () => {
    if (button.dataset.set === "sign-out") {
      socket.signOut();
      leave("");
    } else socket.send({ type: button.dataset.set });
  });
}

function openTransfer() {
  fillTargets(byId("transfer-target"), me.queues, floor, me.seat);
  chosen();
  byId("transfer-dialog").showModal();
}

function chosen() {
  const outside = byId("transfer-target").value === "number:";
  show("transfer-number-field", outside);
  byId("transfer-number").required = outside;
}

byId("transfer-target").addEventListener("change", chosen);
byId("transfer-cancel").addEventListener("click", () => byId("transfer-dialog").close());
byId("transfer-form").addEventListener("submit", () => {
  const form = byId("transfer-form").elements;
  const target = form.target.value === "number:" ? `number:${form.number.value.trim()}` : form.target.value;
  socket.send({ type: "transfer", target, mode: form.mode.value, note: form.note.value.trim() });
  form.note.value = "";
});

// Alt with the letter that the button shows: letters alone would fire while one types.
const KEYS = { KeyA: "answer", KeyX: "decline", KeyH: "hold", KeyM: "mute", KeyT: "transfer", KeyK: "hang-up" };
document.addEventListener("keydown", (press) => {
  if (!press.altKey || press.ctrlKey || press.metaKey || !me || byId("transfer-dialog").open) return;
  const button =
    press.code === "KeyR" ? byId("switch").querySelector("[data-set=ready]")
    : press.code === "KeyB" ? byId("switch").querySelector("[data-set=on-break]")
    : press.code === "KeyW" ? byId("wrap-up-form").querySelector("button.primary")
    : byId(KEYS[press.code] ?? "");
  if (!button || button.offsetParent === null || button.disabled) return;
  press.preventDefault();
  button.click();
});

setInterval(tick, 500);
const remembered = socket.remembered;
if (remembered) socket.signIn(remembered.login, remembered.token);
