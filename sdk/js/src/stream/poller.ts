/**
 * Asks over HTTP for what has changed while the socket is down: nothing is missed, it only comes later.
 */

import { fullJitter } from "../backoff.js";
import { ProblemError } from "../errors.js";
import type { Cancel } from "../timers.js";
import type { Tools } from "../tools.js";
import type { Order, OrderStatus } from "../wire.js";
import { matches } from "./filter.js";
import type { OrderFilter } from "./messages.js";
import type { Position } from "./position.js";
import type { Reconciler } from "./reconciler.js";

export interface PollerOptions {
  everyMs: number;
  filter: OrderFilter;
}

export interface PollerEvents {
  /** Ends with the signal: the socket is back then. */
  polled(signal: AbortSignal): void;
  failed(error: unknown): void;
}

const PAGE = 500;

/** Problems that cannot be waited for: what has changed since then is not to be had. */
const BLOCKED = new Set(["cursor-gone", "order-unreadable"]);

/** Whatever is not over. */
const LIVE: readonly OrderStatus[] = [
  "pending",
  "routing",
  "building",
  "submitted",
  "execution-failed",
  "retry-pending",
  "unknown",
  "confirmed",
  "reorged",
];

export class Poller {
  private abort: AbortController | undefined;
  private endTimer: Cancel | undefined;
  private failures = 0;

  constructor(
    private readonly tools: Tools,
    private readonly options: PollerOptions,
    private readonly position: Position,
    private readonly reconciler: Reconciler,
    private readonly events: PollerEvents,
  ) {}

  start(): void {
    if (this.abort === undefined) {
      this.abort = new AbortController();
      this.failures = 0;
      void this.poll(this.abort.signal);
    }
  }

  /** Ends it; what is under way is dropped, for the socket will tell the same again. */
  stop(): void {
    this.endTimer?.();
    this.abort?.abort();
    this.abort = undefined;
  }

  private async poll(signal: AbortSignal): Promise<void> {
    this.tools.counters.polls += 1;
    try {
      await this.catchUp(signal);
      if (signal.aborted) {
        return;
      }
      this.failures = 0;
      this.reconciler.pump();
      this.events.polled(signal);
      this.again(this.options.everyMs, signal);
    } catch (error) {
      if (signal.aborted) {
        return;
      }
      const jitter = fullJitter(this.tools.backoff, this.failures, this.tools.timers.random());
      this.failures += 1;
      this.again(Math.max(this.options.everyMs, jitter), signal);
      this.events.failed(error);
    }
  }

  private again(ms: number, signal: AbortSignal): void {
    this.endTimer = this.tools.timers.after(ms, () => void this.poll(signal));
  }

  private async catchUp(signal: AbortSignal): Promise<void> {
    const { since } = this.position;
    if (since === undefined) {
      return this.listAfresh(undefined, await this.tools.client.status({ signal }), signal);
    }
    try {
      await this.follow(since, signal);
    } catch (error) {
      if (!(error instanceof ProblemError && BLOCKED.has(error.code))) {
        throw error;
      }
      this.tools.counters.gaps += 1;
      const from = error.position ?? (await this.tools.client.status({ signal }));
      await this.listAfresh(since.epoch, from, signal);
    }
  }

  private async follow(since: { epoch: string; cursor: number }, signal: AbortSignal): Promise<void> {
    let { epoch, cursor } = since;
    for (let more = true; more; ) {
      const changes = await this.tools.client.changes({ epoch, since: cursor, limit: PAGE, signal });
      if (signal.aborted) {
        return;
      }
      for (const order of changes.orders) {
        if (this.isWanted(order)) {
          this.tools.merge.standing(order);
        }
      }
      ({ epoch, cursor, more } = changes);
      this.position.adopt(epoch, cursor);
    }
  }

  /** Begins anew, from a cursor that is taken before the list is: what changes meanwhile comes again. */
  private async listAfresh(
    lastEpoch: string | undefined,
    { epoch, cursor }: { epoch: string; cursor: number },
    signal: AbortSignal,
  ): Promise<void> {
    const orders: Order[] = [];
    let page: string | undefined;
    do {
      const listing = await this.tools.client.orders({
        status: LIVE,
        limit: PAGE,
        signal,
        ...(page === undefined ? {} : { cursor: page }),
      });
      orders.push(...listing.orders);
      page = listing.nextCursor ?? undefined;
    } while (page !== undefined);
    if (signal.aborted) {
      return;
    }
    if (lastEpoch !== undefined && lastEpoch !== epoch) {
      this.reconciler.doubtEverything();
    }
    const listed = new Set<string>();
    this.reconciler.take(
      orders.filter((order) => this.isWanted(order)),
      listed,
    );
    this.position.adopt(epoch, cursor);
    this.reconciler.complete(listed);
  }

  /** What is here already stays up to date, even if it does not match any more. */
  private isWanted(order: Order): boolean {
    return matches(this.options.filter, order) || this.tools.merge.isKnown(order.id);
  }
}
