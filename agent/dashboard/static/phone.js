// A telephone over WebRTC: the microphone goes out, the bot's voice comes in, keys go over the data channel "hotline".
const OFFER = "/api/webrtc/offer";
const GATHERING_MS = 1500; // host candidates are there at once; later ones follow by PATCH
const CONNECT_MS = 20000;
const PING_MS = 1000; // without pings for 3 s the other side takes the browser as gone

export class Phone {
  #pc = null;
  #microphone = null;
  #channel = null;
  #context = null;
  #timers = [];
  #over = false;
  #late = [];
  #pcId = null;

  constructor({ remote, onConnected, onLevel, onEnded }) {
    Object.assign(this, { remote, onConnected, onLevel, onEnded });
  }

  // Returns the call's id, or null where it could not be set up (onEnded then says why).
  async dial() {
    try {
      await this.#openMicrophone();
      const answer = await this.#offer();
      return this.#over ? null : answer.call_id ?? answer.pc_id;
    } catch (problem) {
      this.#end(explain(problem));
      return null;
    }
  }

  hangUp() {
    this.#end(null);
  }

  mute(muted) {
    for (const track of this.#microphone?.getAudioTracks() ?? []) track.enabled = !muted;
  }

  press(digit) {
    if (this.#channel?.readyState === "open") this.#channel.send(JSON.stringify({ type: "dtmf", digit }));
  }

  async #openMicrophone() {
    if (!navigator.mediaDevices?.getUserMedia) throw new Error("insecure");
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    });
    if (this.#over) {
      for (const track of stream.getTracks()) track.stop();
      throw new Error("hung up");
    }
    this.#microphone = stream;
    this.#context = new AudioContext();
    const analyser = this.#context.createAnalyser();
    analyser.fftSize = 1024;
    this.#context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.#every(80, () => {
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
      const decibel = 10 * Math.log10(power + 1e-10);
      this.onLevel(Math.max(0, Math.min(100, (decibel + 60) * (100 / 50)))); // −60 dB: nothing, −10 dB: full
    });
  }

  async #offer() {
    const pc = (this.#pc = new RTCPeerConnection());
    for (const track of this.#microphone.getAudioTracks()) {
      pc.addTransceiver(track, { direction: "sendrecv", streams: [this.#microphone] });
    }
    this.#channel = pc.createDataChannel("hotline", { ordered: true });
    this.#channel.onopen = () => this.#every(PING_MS, () => this.#ping());
    this.#channel.onmessage = (message) => this.#hear(message.data);
    pc.ontrack = (event) => {
      this.remote.srcObject = event.streams[0] ?? new MediaStream([event.track]);
      this.remote.play().catch(() => {}); // the click on the button allows it
    };
    pc.onconnectionstatechange = () => this.#changed();
    pc.onicecandidate = (event) => event.candidate?.candidate && this.#trickle(event.candidate);
    this.#after(CONNECT_MS, () => pc.connectionState === "connected" || this.#end("连接超时，请检查网络后重试"));

    await pc.setLocalDescription(await pc.createOffer());
    await this.#gathered();
    const { sdp, type } = pc.localDescription;
    this.#late = []; // what came until now stands in the offer
    const response = await fetch(OFFER, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ sdp, type }),
    });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new Error(answer.message ?? `服务器返回 ${response.status}`);
    if (this.#over) return answer;
    await pc.setRemoteDescription({ sdp: answer.sdp, type: answer.type });
    this.#pcId = answer.pc_id;
    if (this.#late.length) this.#patch(this.#late);
    return answer;
  }

  #gathered() {
    const pc = this.#pc;
    if (pc.iceGatheringState === "complete") return Promise.resolve();
    return new Promise((resolve) => {
      this.#after(GATHERING_MS, resolve);
      pc.addEventListener("icegatheringstatechange", () => pc.iceGatheringState === "complete" && resolve());
    });
  }

  #trickle(candidate) {
    if (this.#pcId === null) this.#late.push(candidate);
    else this.#patch([candidate]);
  }

  #patch(candidates) {
    const body = {
      pc_id: this.#pcId,
      candidates: candidates.map((one) => ({
        candidate: one.candidate,
        sdp_mid: one.sdpMid,
        sdp_mline_index: one.sdpMLineIndex,
      })),
    };
    fetch(OFFER, { method: "PATCH", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }).catch(() => {});
  }

  #changed() {
    const state = this.#pc.connectionState;
    if (state === "connected") this.onConnected();
    else if (state === "failed") this.#end("连接中断，请重新拨打");
    else if (state === "closed") this.#end(null);
  }

  #hear(data) {
    try {
      const message = JSON.parse(data);
      if (message.type === "signalling" && message.message?.type === "peerLeft") this.#end(null);
    } catch {
      // Nothing else is expected on this channel.
    }
  }

  #ping() {
    if (this.#channel.readyState === "open") this.#channel.send(`ping: ${Date.now()}`);
  }

  #every(ms, run) {
    const timer = setInterval(run, ms);
    this.#timers.push(() => clearInterval(timer));
  }

  #after(ms, run) {
    const timer = setTimeout(run, ms);
    this.#timers.push(() => clearTimeout(timer));
  }

  #end(problem) {
    if (this.#over) return;
    this.#over = true;
    for (const stop of this.#timers) stop();
    for (const track of this.#microphone?.getTracks() ?? []) track.stop();
    this.#context?.close();
    this.#pc?.close();
    this.remote.srcObject = null;
    this.onEnded(problem);
  }
}

function explain(problem) {
  switch (problem.name) {
    case "NotAllowedError":
      return "没有麦克风权限，请在浏览器里允许使用麦克风后重试";
    case "NotFoundError":
      return "没有找到麦克风，请接好麦克风后重试";
    case "NotReadableError":
      return "麦克风正被其他程序占用，请关闭后重试";
  }
  if (problem.message === "insecure") return "浏览器只在 https 或本机地址（127.0.0.1）下开放麦克风，请换一个地址打开";
  if (problem instanceof TypeError) return "无法连接服务器，请检查网络后重试";
  return `未能接通：${problem.message}`;
}
