// What the hotline says, and what that makes of the page.
import { showAlert, showMood, showPop, showSaid, showSuggested } from "./seat_call.js";
import { byId, label, now, setNow, show } from "./seat_dom.js";
import { connection, showBriefing, toast } from "./seat_draw.js";
import { showFloor } from "./seat_floor.js";
import { showLiveCalls } from "./seat_live.js";
import { seat } from "./seat_state.js";

// refresh: draws the page and sets its sound. leave: back to the sign-in, with these words. setMuted: the microphone.
export function hearer({ socket, line, wrapUp, refresh, leave, setMuted }) {
  const isOurs = (message) => !message.call_id || message.call_id === seat.call?.id;

  const heard = {
    "signed-in": welcome,
    state(message) {
      seat.state = message;
      if (message.state !== "wrap_up") wrapUp.close();
      if (seat.call?.phase === "ended" && message.state !== "wrap_up") seat.call = null;
      refresh();
    },
    ringing(message) {
      const { call_id: id, pop, kind, until } = message;
      seat.call = { id, phase: "ringing", since: now(), pop, kind, until };
      showPop(pop);
      showBriefing(message.briefing);
      refresh();
    },
    withdrawn(message) {
      if (!isOurs(message)) return;
      toast(label("withdrawn_reason", message.reason));
      if (seat.call?.phase === "ringing") seat.call = null;
      refresh();
    },
    connected(message) {
      if (!isOurs(message) || seat.call?.phase !== "live") showPop(message.pop);
      showBriefing("");
      setMuted(false);
      const phase = message.held ? "held" : "live";
      seat.call = { id: message.call_id, phase, since: Date.parse(message.since), pop: message.pop };
      refresh();
    },
    held(message) {
      if (isOurs(message) && seat.call) seat.call.phase = message.held ? "held" : "live";
      refresh();
    },
    said: (message) => isOurs(message) && seat.call && showSaid(message),
    mood: (message) => isOurs(message) && seat.call && showMood(message),
    suggested: (message) => isOurs(message) && seat.call && showSuggested(message.text),
    alert(message) {
      if (!isOurs(message) || !seat.call) return;
      showAlert(message);
      showSuggested(message.withdrawn ? "" : message.recommended);
      if (!message.withdrawn) toast(`预警：${message.causes.map((one) => label("signal", one)).join("；")}`);
    },
    transferring(message) {
      if (!isOurs(message) || !seat.call) return;
      const going = message.state === "ringing" || message.state === "talking";
      seat.call.consult = going ? message : null;
      const words = `${label("transfer_state", message.state)}：${message.name}`;
      if (!going) toast(message.why ? `${words}（${message.why}）` : words);
      refresh();
    },
    ended(message) {
      if (!isOurs(message) || !seat.call) return;
      Object.assign(seat.call, { phase: "ended", reason: message.reason, tookMs: now() - seat.call.since });
      delete seat.call.consult;
      refresh();
    },
    "wrap-up"(message) {
      wrapUp.open(message);
      refresh();
    },
    queues(message) {
      seat.floor = message;
      showFloor(message, { mySeat: seat.me.seat, onCallBack: (id) => socket.send({ type: "call-back", callback_id: id }) });
    },
    "live-calls"(message) {
      showLiveCalls(message.calls, {
        onSupervise: (id, mode) => socket.send({ type: "supervise", call_id: id, mode }),
        onLetIn: (id) => socket.send({ type: "let-in", call_id: id }),
      });
    },
    supervising(message) {
      if (!message.call_id) {
        seat.call = null;
        return refresh();
      }
      if (message.pop) showPop(message.pop);
      const before = seat.call?.id === message.call_id ? seat.call : { since: now() };
      seat.call = { ...before, id: message.call_id, phase: "supervised", mode: message.mode, pop: message.pop ?? before.pop };
      refresh();
    },
    "taken-over": () => leave("您已在另一个浏览器登录，这里已退出"),
    problem(message) {
      const known = label("seat_problem", message.code);
      const words = known === message.code ? message.message : known;
      if (message.about !== "sign-in") return toast(`没有成功：${words}`);
      socket.forget();
      leave(words);
    },
  };

  function welcome(message) {
    seat.me = message;
    seat.call = null;
    setNow(message.now);
    socket.remember();
    connection("open");
    byId("my-name").textContent = message.name;
    byId("my-skills").textContent = message.skills.map((one) => one.name).join("、") + (message.supervisor ? " · 主管" : "");
    show("live-panel", message.supervisor);
    show("sign-in", false);
    show("desk", true);
    line.open(message.seat, message.line_key);
    refresh();
  }

  return (message) => heard[message.type]?.(message);
}
