// What the person does: buttons, and the keys for them.
import { byId } from "./seat_dom.js";
import { seat } from "./seat_state.js";
import { transferDialog } from "./seat_transfer.js";

// Alt with the letter that the button shows: letters alone would fire while one types.
const KEYS = { KeyA: "answer", KeyX: "decline", KeyH: "hold", KeyM: "mute", KeyT: "transfer", KeyK: "hang-up" };

export function listen({ socket, line, leave, setMuted }) {
  byId("sign-in-form").addEventListener("submit", (submit) => {
    submit.preventDefault();
    byId("sign-in-error").hidden = true;
    void line.context; // the click is what browsers want before they let a page ring
    socket.signIn(byId("login").value.trim(), byId("token").value);
  });

  const actions = {
    answer: () => socket.send({ type: "answer", call_id: seat.call.id }),
    decline: () => socket.send({ type: "decline", call_id: seat.call.id }),
    hold: () => socket.send({ type: seat.call.phase === "held" ? "resume" : "hold" }),
    mute: () => setMuted(!seat.muted),
    transfer: transferDialog((asked) => socket.send(asked)),
    survey: () => socket.send({ type: "hang-up", survey: true }),
    "hang-up": () => socket.send({ type: "hang-up" }),
    "complete-transfer": () => socket.send({ type: "complete-transfer" }),
    "cancel-transfer": () => socket.send({ type: "cancel-transfer" }),
    "stop-supervising": () => socket.send({ type: "stop-supervising" }),
    "line-retry": () => line.retry(),
  };
  for (const [id, act] of Object.entries(actions)) byId(id).addEventListener("click", act);
  for (const button of byId("supervise-buttons").querySelectorAll("[data-mode]")) {
    button.addEventListener("click", () => socket.send({ type: "supervise", call_id: seat.call.id, mode: button.dataset.mode }));
  }
  for (const button of byId("switch").children) {
    button.addEventListener("click", () => {
      if (button.dataset.set === "sign-out") {
        socket.signOut();
        leave("");
      } else socket.send({ type: button.dataset.set });
    });
  }
  document.addEventListener("keydown", onKey);
}

function onKey(press) {
  if (!press.altKey || press.ctrlKey || press.metaKey || !seat.me || byId("transfer-dialog").open) return;
  const button =
    press.code === "KeyR" ? byId("switch").querySelector("[data-set=ready]")
    : press.code === "KeyB" ? byId("switch").querySelector("[data-set=on-break]")
    : press.code === "KeyW" ? byId("wrap-up-form").querySelector("button.primary")
    : byId(KEYS[press.code] ?? "");
  if (!button || button.offsetParent === null || button.disabled) return;
  press.preventDefault();
  button.click();
}
