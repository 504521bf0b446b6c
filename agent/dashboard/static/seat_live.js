// For supervisors: the calls that go on, to join them, or to let in whom the spam filter asks or refuses.
import { badge, byId, label, make, now, number, show } from "./seat_dom.js";
import { clock } from "./region.js";

export function showLiveCalls(calls, { onSupervise, onLetIn }) {
  byId("live-count").textContent = calls.length;
  show("live-none", calls.length === 0);
  byId("live-calls").replaceChildren(...calls.map((one) => liveCall(one, { onSupervise, onLetIn })));
}

function liveCall(one, { onSupervise, onLetIn }) {
  const name = one.name || number(one.number);
  const who = make("th", "", "", make("strong", "", name), make("span", "quiet small number", one.name ? number(one.number) : ""));
  who.scope = "row";
  const where = one.seat_name || label("call_place", one.where.replace(/^queue:.*/, "排队中"));
  const since = make("td", "number");
  since.dataset.since = one.since;
  since.textContent = clock(now() - Date.parse(one.since));
  const join = make("td", "join");
  const button = (words, className, act) => {
    const made = make("button", className, words);
    made.type = "button";
    made.setAttribute("aria-label", `${words} ${name}`);
    made.addEventListener("click", act);
    join.append(made);
  };
  if (one.spam) button("放行", "let-in", () => onLetIn(one.call_id));
  const modes = one.where.startsWith("seat:") ? ["listen", "whisper", "barge"] : one.spam ? ["listen"] : ["listen", "barge"];
  for (const mode of modes) button(label("supervision", mode), "", () => onSupervise(one.call_id, mode));
  const row = make("tr", `risk-edge-${one.risk}`, "", who, make("td", "", where), since, how(one), join);
  row.dataset.callId = one.call_id;
  if (one.spam) row.dataset.spam = one.spam.verdict;
  return row;
}

function how(one) {
  const cell = make("td", "row-left");
  if (one.spam) {
    cell.append(badge("spam_now", one.spam.verdict), make("span", "reasons small quiet", one.spam.reasons.join("；")));
    return cell;
  }
  if (one.alert) cell.append(make("span", "badge error", label("signal", one.alert)));
  if (one.risk !== "none") cell.append(badge("risk", one.risk));
  if (one.sentiment && one.sentiment !== "neutral") cell.append(badge("sentiment", one.sentiment));
  if (one.intent) cell.append(badge("intent", one.intent));
  return cell;
}
