// A seat: signs in, takes calls, passes them on, wraps them up. What it knows: seat_state.js. What it is told:
// seat_hear.js. What it shows: seat_draw.js, seat_call.js, seat_floor.js. What the person does: seat_actions.js.
import { listen } from "./seat_actions.js";
import { byId, show } from "./seat_dom.js";
import { connection, draw, drawMuted, tick } from "./seat_draw.js";
import { hearer } from "./seat_hear.js";
import { Ring, SeatLine } from "./seat_line.js";
import { SeatSocket } from "./seat_socket.js";
import { inTalk, seat } from "./seat_state.js";
import { WrapUp } from "./seat_wrap_up.js";

const LINE = { none: "线路未接通", connecting: "正在接通线路", open: "线路正常" };
const ring = new Ring();

const line = new SeatLine({
  remote: byId("remote"),
  onState: (name, words) => {
    byId("line-state").dataset.state = name;
    byId("line-state").querySelector(".words").textContent = words || LINE[name];
    show("line-retry", name === "blocked");
  },
  onLevels: (near, far) => {
    byId("level").value = seat.muted ? 0 : near;
    byId("remote-level").value = far;
  },
});
const wrapUp = new WrapUp((done) => socket.send(done));
const socket = new SeatSocket({
  onMessage: (message) => hear(message),
  onState: (name) => {
    connection(name);
    if (name === "closed" && seat.me) leave("");
  },
});
const hear = hearer({ socket, line, wrapUp, refresh, leave, setMuted });

// The page as it is now, and its sound: the microphone is heard in a talk only, and it rings while a call rings.
function refresh() {
  draw();
  const { call } = seat;
  line.send(inTalk() || (call?.phase === "supervised" && call.mode !== "listen"));
  if (call?.phase === "ringing") ring.start(line.context);
  else ring.stop();
}

function leave(words) {
  seat.me = seat.call = null;
  show("toast", false);
  line.close();
  wrapUp.close();
  show("desk", false);
  show("sign-in", true);
  byId("sign-in-error").textContent = words;
  show("sign-in-error", Boolean(words));
  refresh();
}

function setMuted(on) {
  seat.muted = on;
  line.mute(on);
  drawMuted();
  draw();
}

listen({ socket, line, leave, setMuted });
setInterval(tick, 500);
const remembered = socket.remembered;
if (remembered) socket.signIn(remembered.login, remembered.token);
