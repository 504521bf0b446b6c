// The dialog in which a call is passed on: to whom, how, and with which note.
import { byId, show } from "./seat_dom.js";
import { fillTargets } from "./seat_floor.js";
import { seat } from "./seat_state.js";

// Returns what opens it. onTransfer is given the message for the hotline.
export function transferDialog(onTransfer) {
  const dialog = byId("transfer-dialog");
  const target = byId("transfer-target");

  function chosen() {
    const outside = target.value === "number:";
    show("transfer-number-field", outside);
    byId("transfer-number").required = outside;
  }

  target.addEventListener("change", chosen);
  byId("transfer-cancel").addEventListener("click", () => dialog.close());
  byId("transfer-form").addEventListener("submit", () => {
    const form = byId("transfer-form").elements;
    const to = form.target.value === "number:" ? `number:${form.number.value.trim()}` : form.target.value;
    onTransfer({ type: "transfer", target: to, mode: form.mode.value, note: form.note.value.trim() });
    form.note.value = "";
  });

  return () => {
    fillTargets(target, seat.me.queues, seat.floor, seat.me.seat);
    chosen();
    dialog.showModal();
  };
}
