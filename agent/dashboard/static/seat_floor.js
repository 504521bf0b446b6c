// The floor around the seat: queues, colleagues, callbacks.
import { byId, label, make, now, number, show } from "./seat_dom.js";
import { clock } from "./region.js";

export function showFloor(floor, { mySeat, onCallBack }) {
  byId("queues").replaceChildren(...floor.queues.map(queue));
  byId("day-answered").textContent = floor.mine.answered;
  byId("day-missed").textContent = floor.mine.missed;
  byId("day-talk").textContent = clock(floor.mine.average_talk_s * 1000);
  byId("callbacks-count").textContent = floor.callbacks.length;
  show("callbacks-none", floor.callbacks.length === 0);
  byId("callbacks").replaceChildren(...floor.callbacks.map((one) => callback(one, onCallBack)));
  const others = floor.colleagues.filter((one) => one.seat !== mySeat);
  byId("colleagues").replaceChildren(...others.map(colleague));
}

function queue(one) {
  const item = make("li", one.waiting ? "busy" : "", "", make("span", "", one.name), make("strong", "number", String(one.waiting)));
  if (one.waiting) item.append(make("span", "small number", clock(one.longest_wait_s * 1000)));
  item.title = `${one.name}：${one.waiting} 人在等，最久 ${clock(one.longest_wait_s * 1000)}，${one.ready} 人就绪`;
  return item;
}

function callback(one, onCallBack) {
  const due = one.due ? new Date(one.due) : null;
  const late = due && due < now();
  const when = due ? `${due.toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit" })} 前${late ? "（已超时）" : ""}` : "";
  const button = make("button", "", "回拨");
  button.type = "button";
  button.setAttribute("aria-label", `回拨 ${one.name || number(one.number)}`);
  button.addEventListener("click", () => onCallBack(one.callback_id));
  return make("li", "", "",
    make("div", "", "", make("strong", "", one.name || number(one.number)), make("p", "quiet small", one.reason), make("p", `small ${late ? "overdue" : "quiet"}`, when)),
    button);
}

function colleague(one) {
  return make("li", "", "", make("span", `state-dot state-${one.state}`), make("span", "", one.name), make("span", "quiet small", one.skills.join("、")), make("span", "small push", label("seat_state", one.state)));
}

// Where a call can be passed on to: queues, colleagues who are there, and any number.
export function fillTargets(select, queues, floor, mySeat) {
  const waiting = new Map((floor?.queues ?? []).map((one) => [one.skill, one.waiting]));
  const skills = make("optgroup", "", "", ...queues.map((one) => new Option(`${one.name}（${waiting.get(one.id) ?? 0} 人在等）`, `queue:${one.id}`)));
  skills.label = "技能组";
  const there = (floor?.colleagues ?? []).filter((one) => one.seat !== mySeat && one.state !== "offline");
  const people = make("optgroup", "", "", ...there.map((one) => new Option(`${one.name}（${label("seat_state", one.state)}）`, `seat:${one.seat}`)));
  people.label = "同事";
  select.replaceChildren(skills, people, new Option("外部号码…", "number:"));
}
