/**
 * The life of one order, event by event from the first one, without a hole: from the stream where it is contiguous,
 * and from the order's history where it is not.
 */

import { fullJitter } from "./backoff.js";
import { ProblemError, StreamError, TransportError } from "./errors.js";
import type { Separate } from "./stream/separate.js";
import type { Tools } from "./tools.js";
import type { OrderEvent } from "./wire.js";

export interface FollowContext {
  tools: Tools;
  /** Absent where the stream has every order. */
  separate: Separate | undefined;
  /** Calls when everything ends; gives what takes that back. */
  onStop(call: () => void): () => void;
}

/** Events that wait for a slow reader; what is beyond is asked for again. */
const MAX_WAITING = 256;

const LAST_EVENTS = new Set(["finalized", "failed", "cancelled", "expired"]);

export async function* follow(
  context: FollowContext,
  orderId: string,
  signal?: AbortSignal,
): AsyncGenerator<OrderEvent, void, void> {
  const life = new Life(context, orderId, signal);
  try {
    for (;;) {
      const event = await life.next();
      yield event;
      if (LAST_EVENTS.has(event.type) && event.stage === undefined && life.isAtEnd) {
        return;
      }
    }
  } finally {
    life.end();
  }
}

class Life {
  private readonly waiting = new Map<number, OrderEvent>();
  private readonly ends: (() => void)[] = [];
  /** The `seq` of the last event that was delivered. */
  private delivered = 0;
  /** The highest `seq` that the order is known to have. One at least: it was accepted. */
  private known = 1;
  private failure: Error | undefined;
  private wake: () => void = () => undefined;

  constructor(
    private readonly context: FollowContext,
    private readonly orderId: string,
    signal: AbortSignal | undefined,
  ) {
    const { tools, separate, onStop } = context;
    this.ends.push(tools.merge.onOrder(orderId, (seq, event) => this.hear(seq, event)));
    const refused = ({ code, detail }: { code: string; detail: string }) =>
      this.fail(new StreamError(code, detail));
    this.ends.push(separate?.add(orderId, { seq: () => this.delivered, refused }) ?? (() => undefined));
    this.ends.push(onStop(() => this.fail(new StreamError("stopped", "the coordinator has stopped"))));
    this.endWith(signal, new TransportError("aborted", "following was given up"));
  }

  get isAtEnd(): boolean {
    return this.known <= this.delivered;
  }

  async next(): Promise<OrderEvent> {
    for (let failures = 0; ; ) {
      if (this.failure !== undefined) {
        throw this.failure;
      }
      const event = this.waiting.get(this.delivered + 1);
      if (event !== undefined) {
        this.waiting.delete(event.seq);
        this.delivered = event.seq;
        return event;
      }
      if (this.isAtEnd) {
        await this.woken();
      } else if (await this.fetch()) {
        failures = 0;
      } else if (this.failure === undefined) {
        await this.pause(failures++);
      }
    }
  }

  end(): void {
    for (const end of this.ends.splice(0)) {
      end();
    }
  }

  private hear(seq: number, event?: OrderEvent): void {
    this.known = Math.max(this.known, seq);
    if (event !== undefined && event.seq > this.delivered && this.waiting.size < MAX_WAITING) {
      this.waiting.set(event.seq, event);
    }
    this.wake();
  }

  /** Whether the history could be had. */
  private async fetch(): Promise<boolean> {
    try {
      const { events } = await this.context.tools.client.events(this.orderId, { since: this.delivered });
      const contiguous = events
        .filter(({ seq }, at) => seq === this.delivered + 1 + at)
        .slice(0, MAX_WAITING);
      for (const event of contiguous) {
        this.waiting.set(event.seq, event);
      }
      const last = events.at(-1);
      if (last !== undefined) {
        this.known = Math.max(this.known, last.seq);
        this.context.tools.merge.answer(last.order);
      }
      return contiguous.length > 0;
    } catch (error) {
      if (error instanceof ProblemError && !error.isPassing) {
        this.fail(error);
      }
      return false;
    }
  }

  private fail(failure: Error): void {
    this.failure ??= failure;
    this.wake();
  }

  private endWith(signal: AbortSignal | undefined, failure: Error): void {
    const onAbort = () => this.fail(failure);
    if (signal?.aborted) {
      onAbort();
    }
    signal?.addEventListener("abort", onAbort);
    this.ends.push(() => signal?.removeEventListener("abort", onAbort));
  }

  private woken(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  private pause(attempt: number): Promise<void> {
    const { timers, backoff } = this.context.tools;
    return new Promise((resolve) => {
      const end = timers.after(
        Math.max(backoff.baseMs, fullJitter(backoff, attempt, timers.random())),
        resolve,
      );
      this.wake = () => {
        if (this.failure !== undefined) {
          end();
          resolve();
        }
      };
    });
  }
}
