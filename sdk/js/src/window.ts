/**
 * Gathers changes so that readers hear of them at most once per picture.
 */

import type { Cancel, Timers } from "./timers.js";

export class Window {
  private pending: Cancel | undefined;

  constructor(
    private readonly timers: Timers,
    /** Milliseconds; `undefined` for the next picture. */
    private readonly ms: number | undefined,
    private readonly publish: () => void,
  ) {}

  /** Something has changed. */
  open(): void {
    this.pending ??=
      this.ms === undefined ? this.timers.frame(this.close) : this.timers.after(this.ms, this.close);
  }

  /** Publishes now what waits. */
  readonly close = (): void => {
    this.pending?.();
    this.pending = undefined;
    this.publish();
  };
}
