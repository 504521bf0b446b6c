// The line of a seat over WebRTC. It is open from sign-in on, but the microphone is only sent while a call needs it.
const GATHERING_MS = 1500;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 15000;
const BROKEN_MS = 3000; // "disconnected" often mends itself within a second

export class SeatLine {
  #pc = null;
  #microphone = null;
  #sender = null;
  #context = null;
  #timers = new Set();
  #offer = null;
  #sends = false;
  #waitMs = FIRST_WAIT_MS;
  #closed = false;
  #near = null; // what the two ends sound like
  #far = null;
  #samples = new Float32Array(1024);

  // onState: none | connecting | open | broken | blocked, and words for the last two.
  constructor({ remote, onState, onLevels }) {
    Object.assign(this, { remote, onState, onLevels });
    setInterval(() => this.#measure(), 100);
  }

  // To be called from a click, as browsers want for sound.
  get context() {
    this.#context ??= new AudioContext();
    if (this.#context.state === "suspended") this.#context.resume().catch(() => {});
    return this.#context;
  }

  async open(seat, lineKey) {
    this.#offer = { seat, lineKey };
    this.#closed = false;
    this.#drop();
    this.onState("connecting", "");
    try {
      await this.#openMicrophone();
      await this.#connect();
      this.#waitMs = FIRST_WAIT_MS;
    } catch (problem) {
      const words = explain(problem);
      this.#drop();
      if (words.again) this.#again(words.text);
      else this.onState("blocked", words.text);
    }
  }

  // Whether what the microphone hears is sent: in a call only.
  async send(on) {
    this.#sends = on;
    await this.#sender?.replaceTrack(on ? this.#track : null).catch(() => {});
  }

  mute(muted) {
    if (this.#track) this.#track.enabled = !muted;
  }

  close() {
    this.#closed = true;
    this.#drop();
    for (const track of this.#microphone?.getTracks() ?? []) track.stop();
    this.#microphone = null;
    this.onState("none", "");
  }

  get #track() {
    return this.#microphone?.getAudioTracks()[0] ?? null;
  }

  async #openMicrophone() {
    if (this.#track?.readyState === "live") return;
    if (!navigator.mediaDevices?.getUserMedia) throw new Error("insecure");
    this.#microphone = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    });
    this.#near = this.#analyser(this.#microphone);
  }

  async #connect() {
    const pc = (this.#pc = new RTCPeerConnection());
    // The track is named once, so that the line is negotiated for both directions; then it is taken off.
    const transceiver = pc.addTransceiver(this.#track, { direction: "sendrecv" });
    this.#sender = transceiver.sender;
    await this.send(this.#sends);
    pc.ontrack = (event) => {
      const stream = event.streams[0] ?? new MediaStream([event.track]);
      this.remote.srcObject = stream;
      this.remote.play().catch(() => {});
      this.#far = this.#analyser(stream);
    };
    pc.onconnectionstatechange = () => this.#changed(pc);
    await pc.setLocalDescription(await pc.createOffer());
    await this.#gathered(pc);
    const response = await fetch(`/api/seats/${encodeURIComponent(this.#offer.seat)}/offer`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ sdp: pc.localDescription.sdp, line_key: this.#offer.lineKey }),
    });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new Error(answer.message ?? `${response.status}`);
    if (pc === this.#pc) await pc.setRemoteDescription({ type: "answer", sdp: answer.sdp });
  }

  #gathered(pc) {
    if (pc.iceGatheringState === "complete") return Promise.resolve();
    return new Promise((resolve) => {
      this.#after(GATHERING_MS, resolve);
      pc.addEventListener("icegatheringstatechange", () => pc.iceGatheringState === "complete" && resolve());
    });
  }

  #changed(pc) {
    if (pc !== this.#pc) return;
    const state = pc.connectionState;
    if (state === "connected") this.onState("open", "");
    else if (state === "failed" || state === "closed") this.#again("线路中断，正在重连");
    else if (state === "disconnected") {
      this.#after(BROKEN_MS, () => pc === this.#pc && pc.connectionState !== "connected" && this.#again("线路中断，正在重连"));
    }
  }

  #again(words) {
    if (this.#closed) return;
    this.#drop();
    this.onState("broken", words);
    this.#after(this.#waitMs, () => this.retry());
    this.#waitMs = Math.min(LONGEST_WAIT_MS, this.#waitMs * 2);
  }

  retry() {
    if (this.#offer && !this.#closed) this.open(this.#offer.seat, this.#offer.lineKey);
  }

  #drop() {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    const pc = this.#pc;
    this.#pc = this.#sender = this.#far = null;
    pc?.close();
    this.remote.srcObject = null;
  }

  #analyser(stream) {
    const analyser = this.context.createAnalyser();
    analyser.fftSize = 1024;
    this.context.createMediaStreamSource(stream).connect(analyser);
    return analyser;
  }

  #measure() {
    this.onLevels(this.#level(this.#sends ? this.#near : null), this.#level(this.#far));
  }

  // −60 dB: nothing, −10 dB: full.
  #level(analyser) {
    if (!analyser) return 0;
    analyser.getFloatTimeDomainData(this.#samples);
    const power = this.#samples.reduce((sum, sample) => sum + sample * sample, 0) / this.#samples.length;
    return Math.max(0, Math.min(100, (10 * Math.log10(power + 1e-10) + 60) * 2));
  }

  #after(ms, run) {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    this.#timers.add(timer);
  }
}

// A soft double tone every 2.4 s, made here: nothing to download, and no two seats sound like one.
export class Ring {
  #timer = 0;

  start(context) {
    this.stop();
    const ring = () => {
      for (const [at, pitch] of [[0, 660], [0.22, 880], [0.6, 660], [0.82, 880]]) chime(context, context.currentTime + at, pitch);
    };
    ring();
    this.#timer = setInterval(ring, 2400);
  }

  stop() {
    clearInterval(this.#timer);
  }
}

function chime(context, at, pitch) {
  const [tone, gain] = [context.createOscillator(), context.createGain()];
  tone.frequency.value = pitch;
  gain.gain.setValueAtTime(0.0001, at);
  gain.gain.exponentialRampToValueAtTime(0.18, at + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.2);
  tone.connect(gain).connect(context.destination);
  tone.start(at);
  tone.stop(at + 0.22);
}

function explain(problem) {
  switch (problem.name) {
    case "NotAllowedError":
      return { text: "没有麦克风权限，请在浏览器里允许后重试", again: false };
    case "NotFoundError":
      return { text: "没有找到麦克风，请接好后重试", again: false };
    case "NotReadableError":
      return { text: "麦克风正被其他程序占用，请关闭后重试", again: false };
  }
  if (problem.message === "insecure") return { text: "请用 https 或本机地址打开，浏览器才开放麦克风", again: false };
  return { text: "线路未接通，正在重试", again: true };
}
