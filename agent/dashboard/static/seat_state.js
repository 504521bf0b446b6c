// What this page knows. Changed by what the hotline says (seat_hear.js) and by what the person does (seat_actions.js).
export const seat = {
  me: null, // signed-in
  state: { state: "offline", since: new Date().toISOString() },
  call: null, // { id, phase: ringing | live | held | ended | supervised, since, pop, mode, until }
  floor: null, // queues
  muted: false,
};

export const inTalk = () => seat.call?.phase === "live" || seat.call?.phase === "held";
