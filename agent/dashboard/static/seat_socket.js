// The socket of a seat: signs in, comes back by itself after a break, and keeps nothing but who signed in, in this tab.
const KEY = "hotline-seat";
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10000;
const SIGNED_OUT = 4000;
const TAKEN_OVER = 4001;

export class SeatSocket {
  #socket = null;
  #wanted = null;
  #waitMs = FIRST_WAIT_MS;
  #timer = 0;

  constructor({ onMessage, onState }) {
    Object.assign(this, { onMessage, onState });
  }

  get remembered() {
    try {
      return JSON.parse(sessionStorage.getItem(KEY));
    } catch {
      return null;
    }
  }

  signIn(login, token) {
    this.#wanted = { login, token };
    this.#connect();
  }

  // It worked: after a reload of the page the person need not sign in again.
  remember() {
    try {
      sessionStorage.setItem(KEY, JSON.stringify(this.#wanted));
    } catch {
      // Private windows may refuse; then it is asked again.
    }
  }

  signOut() {
    this.send({ type: "sign-out" });
    this.forget();
  }

  // The sign-in was refused, or somebody else took over: do not try again by oneself.
  forget() {
    this.#wanted = null;
    clearTimeout(this.#timer);
    try {
      sessionStorage.removeItem(KEY);
    } catch {
      // as above
    }
  }

  send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  #connect() {
    clearTimeout(this.#timer);
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.send({ type: "sign-in", ...this.#wanted });
      return;
    }
    const url = new URL("/ws/seat", location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    this.onState("connecting");
    const socket = (this.#socket = new WebSocket(url));
    socket.onopen = () => {
      this.#waitMs = FIRST_WAIT_MS;
      this.send({ type: "sign-in", ...this.#wanted });
    };
    socket.onmessage = (event) => this.onMessage(JSON.parse(event.data));
    socket.onclose = (event) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      if (event.code === SIGNED_OUT || event.code === TAKEN_OVER) this.forget();
      this.onState(this.#wanted ? "broken" : "closed");
      if (!this.#wanted) return;
      this.#timer = setTimeout(() => this.#connect(), this.#waitMs);
      this.#waitMs = Math.min(LONGEST_WAIT_MS, this.#waitMs * 2);
    };
  }
}
