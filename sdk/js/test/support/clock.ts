/**
 * Time that passes when a test says so, and chance that repeats.
 */

import type { Cancel, Timers } from "../../dist/index.js";

/** A small generator (mulberry32): the same seed, the same numbers. */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Lets everything happen that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

interface Timer {
  at: number;
  call: () => void;
}

export class Clock implements Timers {
  private time = 1_790_000_000_000;
  private readonly timers = new Set<Timer>();
  readonly random: () => number;

  constructor(seed = 1) {
    this.random = dice(seed);
  }

  readonly now = (): number => this.time;

  readonly after = (ms: number, call: () => void): Cancel => {
    const timer = { at: this.time + ms, call };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  };

  readonly frame = (call: () => void): Cancel => this.after(16, call);

  /** Timers that wait. */
  get waiting(): number {
    return this.timers.size;
  }

  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    await settle();
    for (let due = this.next(end); due !== undefined; due = this.next(end)) {
      this.timers.delete(due);
      this.time = Math.max(this.time, due.at);
      due.call();
      await settle();
    }
    this.time = end;
  }

  private next(end: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.timers) {
      if (timer.at <= end && (first === undefined || timer.at < first.at)) {
        first = timer;
      }
    }
    return first;
  }
}
