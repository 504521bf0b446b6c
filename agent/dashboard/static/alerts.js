// Acknowledging and settling alerts, and ticking off tasks: one dialog that asks who, and what came of it.
import { recall, remember } from "./my_name.js";

const TITLES = { acknowledge: "确认预警", start: "开始处理预警", resolve: "标记为已解决", complete: "完成待办" };

export function alertActions(root, onDone) {
  const dialog = document.getElementById("alert-dialog");
  const form = document.getElementById("alert-form");
  const error = document.getElementById("alert-error");
  const outcome = document.getElementById("outcome-field");
  let pending = null;

  root.addEventListener("click", (click) => {
    const button = click.target.closest("button[data-action]");
    if (!button) return;
    pending = { action: button.dataset.action, id: button.dataset.alert ?? button.dataset.task };
    document.getElementById("alert-dialog-title").textContent = TITLES[pending.action];
    outcome.hidden = pending.action !== "resolve";
    form.elements.outcome.required = pending.action === "resolve";
    form.elements.outcome.value = "";
    form.elements.by.value = recall();
    error.hidden = true;
    dialog.showModal();
    if (recall()) (outcome.hidden ? form.querySelector(".primary") : form.elements.outcome).focus();
  });

  document.getElementById("alert-cancel").addEventListener("click", () => dialog.close());

  form.addEventListener("submit", async (submit) => {
    submit.preventDefault();
    const by = form.elements.by.value.trim();
    remember(by);
    const body = pending.action === "resolve" ? { by, outcome: form.elements.outcome.value } : { by };
    const kind = pending.action === "complete" ? "tasks" : "alerts";
    try {
      const response = await fetch(`/api/${kind}/${encodeURIComponent(pending.id)}/${pending.action}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      if (!response.ok) throw new Error((await response.json()).message);
      dialog.close();
    } catch (problem) {
      error.textContent = `没有成功：${problem.message}`;
      error.hidden = false;
    }
    onDone();
  });
}
