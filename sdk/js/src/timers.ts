/**
 * Time and chance, so that tests can hold both in their hands.
 */

/** Ends a timer that has not fired yet. */
export type Cancel = () => void;

export interface Timers {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls once, after so many milliseconds. */
  after(ms: number, call: () => void): Cancel;
  /** Calls once, when the next picture is drawn, or about 33 ms from now where nothing is drawn. */
  frame(call: () => void): Cancel;
  /** From 0 up to, and without, 1. */
  random(): number;
}

const FRAME_MS = 33;

/** Browsers draw nothing in a hidden tab; what watches the cache there hears of it so often at least. */
const HIDDEN_FRAME_MS = 250;

function after(ms: number, call: () => void): Cancel {
  const timer = setTimeout(call, ms);
  return () => clearTimeout(timer);
}

function frame(call: () => void): Cancel {
  if (typeof requestAnimationFrame !== "function") {
    return after(FRAME_MS, call);
  }
  const fire = () => {
    cancel();
    call();
  };
  const drawing = requestAnimationFrame(fire);
  const endFallback = after(HIDDEN_FRAME_MS, fire);
  const cancel = () => {
    cancelAnimationFrame(drawing);
    endFallback();
  };
  return cancel;
}

/** The clock of this machine. */
export const systemTimers: Timers = { now: Date.now, random: Math.random, after, frame };
