// The call on the screen: who, why, what was said, mood and risk, what to do next.
import { badge, byId, evidence, label, make, number, show } from "./seat_dom.js";
import { clock } from "./region.js";

const said = byId("said");

export function showPop(pop) {
  byId("pop-name").textContent = pop.name || "未登记的客户";
  byId("pop-vip").textContent = pop.vip;
  show("pop-vip", Boolean(pop.vip));
  byId("pop-number").textContent = number(pop.number);
  byId("pop-place").textContent = [pop.region, pop.language === "en" ? "说英语" : ""].filter(Boolean).join(" · ");
  const facts = Object.entries(pop.facts);
  if (pop.device) facts.unshift(["设备", pop.device]);
  if (pop.earlier_calls) facts.push(["近期来电", `${pop.earlier_calls} 次`]);
  byId("pop-facts").replaceChildren(
    ...facts.map(([name, value]) => make("div", "", "", make("dt", "", name), make("dd", "", value))),
  );

  const badges = [];
  if (pop.skill) badges.push(make("span", "badge", pop.skill));
  if (pop.intent) badges.push(badge("intent", pop.intent));
  if (pop.waited_s) badges.push(make("span", "badge", `已等 ${clock(pop.waited_s * 1000)}`));
  byId("why-badges").replaceChildren(...badges);
  byId("why-words").textContent = pop.why;
  show("passed-on", Boolean(pop.from_seat || pop.note));
  byId("passed-from").textContent = pop.from_seat ? `${pop.from_seat} 的备注` : "备注";
  byId("passed-note").textContent = pop.note || "（没有备注）";
  showAlert(pop.alert);
  showMood(pop.mood);
  showSuggested(pop.suggested);
  said.replaceChildren();
  show("said-none", true);
  for (const line of pop.said) showSaid(line);
}

export function showAlert(alert) {
  show("alert", Boolean(alert));
  if (!alert) return;
  byId("alert").dataset.withdrawn = alert.withdrawn ? "yes" : "no";
  byId("alert-title").textContent = alert.withdrawn ? "预警（客户已收回）" : "预警";
  byId("alert-causes").textContent = alert.causes.map((one) => label("signal", one)).join("；");
  evidence(byId("alert-evidence"), alert.evidence);
}

export function showMood(mood) {
  const sentiment = byId("mood-sentiment");
  sentiment.className = `badge sentiment-${mood.sentiment}`;
  sentiment.textContent = mood.sentiment ? label("sentiment", mood.sentiment) : "情绪未知";
  byId("mood-risk").textContent = label("risk", mood.risk);
  byId("mood").dataset.risk = mood.risk;
  const meter = byId("risk-meter");
  meter.value = mood.score;
  meter.textContent = `${Math.round(mood.score * 100)}%`;
  evidence(byId("mood-evidence"), mood.evidence.slice(-4));
}

export function showSuggested(text) {
  byId("suggested-words").textContent = text || "照常处理";
  byId("suggested").dataset.empty = text ? "no" : "yes";
}

// The same line again takes the place of the earlier one.
export function showSaid(line) {
  const atEnd = said.scrollHeight - said.scrollTop - said.clientHeight < 60;
  const item = line.who === "note" ? make("li", "line note", line.text) : spoken(line);
  item.dataset.line = line.line;
  const before = [...said.children].find((one) => one.dataset.line === line.line);
  if (before) before.replaceWith(item);
  else said.append(item);
  show("said-none", false);
  if (atEnd) said.scrollTop = said.scrollHeight; // who reads further up is left there
}

function spoken(line) {
  const meta = make("div", "meta", "", make("span", "who", line.name || label("speaker", line.who)), make("span", "quiet", clock(line.at_ms)));
  if (line.sentiment && line.sentiment !== "neutral") meta.append(badge("sentiment", line.sentiment));
  if (line.intent) meta.append(badge("intent", line.intent));
  return make("li", `line ${line.who === "caller" ? "caller" : "bot"} ${line.who}`, "", meta, make("p", "bubble", line.text));
}
