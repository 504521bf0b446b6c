// The socket of live events. Reconnects by itself; `onOpen` is told each time, so that what was missed can be fetched.
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15000;

export function watch({ callId = null, onEvent, onOpen = () => {}, onState = () => {} }) {
  let socket = null;
  let waitMs = FIRST_WAIT_MS;
  let stopped = false;
  let timer = 0;

  function connect() {
    const url = new URL("/ws/events", location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    if (callId !== null) url.searchParams.set("call_id", callId);
    onState("connecting");
    socket = new WebSocket(url);
    socket.onopen = () => {
      waitMs = FIRST_WAIT_MS;
      onState("open");
      onOpen();
    };
    socket.onmessage = (message) => onEvent(JSON.parse(message.data));
    socket.onclose = () => {
      if (stopped) return;
      onState("closed");
      timer = setTimeout(connect, waitMs);
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    };
  }

  connect();
  return () => {
    stopped = true;
    clearTimeout(timer);
    socket.close();
  };
}

export function showState(element) {
  const words = { connecting: "正在连接", open: "实时更新", closed: "连接中断，正在重连" };
  return (state) => {
    element.dataset.state = state;
    element.querySelector(".words").textContent = words[state];
  };
}
