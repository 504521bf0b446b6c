// The form after a call, filled in as far as the hotline knows; what was typed is never overwritten.
import { clock } from "./region.js";
import { byId, now, show } from "./seat_dom.js";

export class WrapUp {
  #callId = null;
  #until = null;
  #wholeMs = 0;
  #touched = false;

  constructor(onDone) {
    this.onDone = onDone;
    byId("wrap-up-form").addEventListener("input", () => (this.#touched = true));
    byId("wrap-up-form").addEventListener("submit", (submit) => {
      submit.preventDefault();
      this.#submit();
    });
    byId("follow-up-wanted").addEventListener("change", () => this.#showFollowUp());
    setInterval(() => this.#tick(), 500);
  }

  open(form) {
    const again = form.call_id === this.#callId;
    this.#callId = form.call_id;
    if (!again) {
      this.#touched = false;
      this.#wholeMs = form.until ? Date.parse(form.until) - now() : 0;
    }
    this.#until = form.until ? Date.parse(form.until) : null;
    if (!this.#touched) this.#fill(form);
    show("wrap-up", true);
    this.#tick();
    if (!again) byId("summary").focus();
  }

  close() {
    this.#callId = this.#until = null;
    show("wrap-up", false);
  }

  #fill(form) {
    byId("summary").value = form.summary;
    byId("outcome").value = form.outcome ?? "resolved";
    const task = form.follow_up;
    byId("follow-up-wanted").checked = Boolean(task);
    byId("follow-up-task").value = task?.task ?? "";
    byId("follow-up-owner").value = task?.owner ?? "customer_service";
    byId("follow-up-due").value = task?.due ? localMinute(new Date(task.due)) : "";
    this.#showFollowUp();
  }

  #showFollowUp() {
    const wanted = byId("follow-up-wanted").checked;
    show("follow-up-fields", wanted);
    byId("follow-up-task").required = wanted;
  }

  #submit() {
    if (!this.#callId) return;
    const task = byId("follow-up-task").value.trim();
    const due = byId("follow-up-due").value;
    this.onDone({
      type: "wrap-up-done",
      call_id: this.#callId,
      summary: byId("summary").value.trim(),
      outcome: byId("outcome").value,
      follow_up:
        byId("follow-up-wanted").checked && task
          ? { task, owner: byId("follow-up-owner").value, due: due ? new Date(due).toISOString() : null }
          : null,
    });
  }

  #tick() {
    if (!this.#callId) return;
    const leftMs = this.#until === null ? null : this.#until - now();
    byId("wrap-up-left").textContent = leftMs === null ? "" : clock(leftMs);
    byId("wrap-up-progress").hidden = leftMs === null;
    byId("wrap-up-progress").value = leftMs === null || !this.#wholeMs ? 1 : Math.max(0, leftMs / this.#wholeMs);
    if (leftMs !== null && leftMs <= 600 && this.#touched) {
      // The time is up: what was written counts.
      this.#touched = false;
      this.#submit();
    }
  }
}

function localMinute(moment) {
  const two = (value) => String(value).padStart(2, "0");
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}T${two(moment.getHours())}:${two(moment.getMinutes())}`;
}
