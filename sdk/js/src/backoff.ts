/**
 * Exponential backoff with full jitter: clients that were cut off together do not come back together.
 */

export interface Backoff {
  /** The most that the first wait can take. */
  baseMs: number;
  /** The most that any wait can take. */
  capMs: number;
}

export const DEFAULT_BACKOFF: Backoff = { baseMs: 250, capMs: 15_000 };

/** Milliseconds to wait before attempt number `attempt`, counted from 0; `random` is in [0, 1). */
export function fullJitter({ baseMs, capMs }: Backoff, attempt: number, random: number): number {
  return Math.floor(random * Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30)));
}
