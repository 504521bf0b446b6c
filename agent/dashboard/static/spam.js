// The spam filter: lets calls in while they are asked or refused, and puts numbers on a list or takes them off it.
import { showState, watch } from "./live.js";
import { recall, remember } from "./my_name.js";
import { keepFresh } from "./region.js";

const ACTIONS = {
  "let-in": { title: "放行这通电话", path: ({ call }) => `calls/${encodeURIComponent(call)}/let-in`, reason: false },
  "allow-call": { title: "加入白名单", path: ({ call }) => `calls/${encodeURIComponent(call)}/allow`, about: "以后来电不再询问，直接接通" },
  "deny-call": { title: "加入黑名单", path: ({ call }) => `calls/${encodeURIComponent(call)}/deny`, about: "以后来电直接拒接，来电人仍可按键申诉" },
  add: { title: "添加号码", path: ({ list }) => list, asks: true },
  forget: { title: "撤销", path: () => "forget", about: "以后来电按一般规则判断", term: false },
};
const region = document.getElementById("region");
const dialog = document.getElementById("spam-dialog");
const form = document.getElementById("spam-form");
const error = document.getElementById("spam-error");
let pending = null;

region.addEventListener("click", (click) => {
  const button = click.target.closest("button[data-action]");
  if (!button) return;
  const action = ACTIONS[button.dataset.action];
  pending = { ...button.dataset, ...action };
  document.getElementById("spam-dialog-title").textContent = action.title;
  const about = document.getElementById("spam-dialog-about");
  about.textContent = [button.dataset.number, action.about].filter(Boolean).join("：");
  about.hidden = !about.textContent;
  const reason = action.reason !== false;
  document.getElementById("number-field").hidden = !action.asks;
  document.getElementById("list-field").hidden = !action.asks;
  document.getElementById("why-field").hidden = !reason;
  document.getElementById("days-field").hidden = !reason || action.term === false;
  form.elements.number.required = Boolean(action.asks);
  form.elements.why.required = reason;
  form.elements.why.value = form.elements.number.value = form.elements.days.value = "";
  form.elements.by.value = recall();
  error.hidden = true;
  dialog.showModal();
  if (recall()) (action.asks ? form.elements.number : reason ? form.elements.why : form.querySelector(".primary")).focus();
});

document.getElementById("spam-cancel").addEventListener("click", () => dialog.close());

form.addEventListener("submit", async (submit) => {
  submit.preventDefault();
  const { by, why, days, number, list } = form.elements;
  remember(by.value.trim());
  const body = { by: by.value.trim() };
  if (pending.reason !== false) body.why = why.value;
  if (pending.reason !== false && pending.term !== false && days.value) body.days = Number(days.value);
  if (pending.asks) body.number = number.value.trim();
  else if (!pending.call) body.number = pending.number;
  try {
    const response = await fetch(`/api/spam/${pending.path({ ...pending, list: list.value })}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(explain(response.status, (await response.json()).message));
    dialog.close();
  } catch (problem) {
    error.textContent = `没有成功：${problem.message}`;
    error.hidden = false;
  }
  page.now();
});

function explain(status, message) {
  if (pending.action === "let-in" && (status === 404 || status === 409)) return "这通电话已经放行，或者已经挂断";
  return message.includes("has no digits") ? "请填写手机号，或者带区号的固定电话" : message;
}

const page = keepFresh(region);
watch({
  onEvent: (event) => ["spam-judged", "call-ended"].includes(event.body.type) && page.soon(),
  onOpen: page.soon,
  onState: showState(document.getElementById("live-state")),
});
