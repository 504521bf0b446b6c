// Small helpers of the seat's page. Everything is set as text: a transcript is whatever somebody said.
export const labels = JSON.parse(document.getElementById("labels").textContent);
export const byId = (id) => document.getElementById(id);
export const label = (group, key) => labels[group]?.[key] ?? key;

// The hotline's time, in ms: timers count from what it says, whatever this computer's clock shows.
let aheadMs = 0;
export const now = () => Date.now() + aheadMs;
export function setNow(moment) {
  aheadMs = moment ? Date.parse(moment) - Date.now() : 0;
}

export function make(name, className, text = "", ...inside) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  made.append(...inside);
  return made;
}

export function show(id, visible) {
  byId(id).hidden = !visible;
}

export const badge = (group, key) => make("span", `badge ${group}-${key}`, label(group, key));

export function evidence(list, found) {
  list.replaceChildren(
    ...found.map((one) => make("li", "", "", make("q", "", one.words), " ", make("span", "quiet", label("signal", one.signal)))),
  );
}

// 138 0013 8000, and what cannot be known.
export function number(digits) {
  if (!digits) return "未显示号码";
  return /^1\d{10}$/.test(digits) ? `${digits.slice(0, 3)} ${digits.slice(3, 7)} ${digits.slice(7)}` : digits;
}
