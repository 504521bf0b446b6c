// The part of a page that changes: rendered (and escaped) by the server, fetched again when something happened.
const SETTLE_MS = 350; // storage commits within some 50 ms; several events of one moment become one fetch
const POLL_MS = 20000; // what other people did (an alert acknowledged) is no event of a call

export function keepFresh(region, onFresh = () => {}) {
  let timer = 0;
  let busy = false;
  let again = false;
  let shown = null;

  async function refresh() {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      const response = await fetch(region.dataset.url, { cache: "no-store" });
      if (response.ok) {
        const text = await response.text();
        if (text !== shown) {
          shown = text;
          replace(text);
        }
      }
    } catch {
      // The server is away; the state in the header says so, and the next poll tries again.
    } finally {
      busy = false;
      if (again) {
        again = false;
        soon();
      }
    }
  }

  function replace(text) {
    const focused = region.contains(document.activeElement) ? document.activeElement.id : "";
    const fresh = new DOMParser().parseFromString(text, "text/html");
    region.replaceChildren(...fresh.body.childNodes);
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    localise(region);
    onFresh(region);
  }

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(refresh, SETTLE_MS);
  }

  localise(region);
  onFresh(region);
  setInterval(refresh, POLL_MS);
  document.addEventListener("visibilitychange", () => document.hidden || soon());
  return { soon, now: refresh };
}

// Wall times in the reader's own zone and in short: 今天 14:03.
export function localise(root) {
  const today = new Date().toDateString();
  const hour = new Intl.DateTimeFormat("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
  const day = new Intl.DateTimeFormat("zh-CN", { month: "numeric", day: "numeric" });
  for (const element of root.querySelectorAll("time[datetime]")) {
    const moment = new Date(element.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    const date = moment.toDateString() === today ? "今天" : day.format(moment);
    element.textContent = `${date} ${hour.format(moment)}`;
    element.title = moment.toLocaleString("zh-CN");
  }
}

export function clock(ms) {
  const total = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, String(total % 60).padStart(2, "0")];
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${seconds}` : `${minutes}:${seconds}`;
}
