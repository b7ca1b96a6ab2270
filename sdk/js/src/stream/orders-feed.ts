/**
 * The subscription of orders that feeds the cache: begins or resumes it, and knows when it has caught up.
 */

import { fullJitter } from "../backoff.js";
import type { Cancel } from "../timers.js";
import type { Tools } from "../tools.js";
import type { OrderEvent } from "../wire.js";
import type {
  ClientMessage,
  Connection,
  Gap,
  OrderFilter,
  Progress,
  Snapshot,
  Subscribe,
  Subscribed,
} from "./messages.js";
import type { Position } from "./position.js";
import type { Reconciler } from "./reconciler.js";

export interface FeedOptions {
  filter: OrderFilter;
  delivery: "all" | "latest";
  batchMs: number;
}

/** The name of the subscription. */
export const ORDERS = "orders";

/** How often to ask how far the daemon is, while catching up. */
const PROBE_MS = 1_000;

export class OrdersFeed {
  private epoch = "";
  /** Caught up when everything up to here has come; `undefined` once it has. */
  private target: number | undefined;
  private listed: Set<string> | undefined;
  /** Whether the daemon has answered the subscription. */
  private hasBegun = false;
  private endProbe: Cancel | undefined;
  /** The greeting of the connection that is up. */
  private greeting: Connection | undefined;
  private refusals = 0;
  private endRetry: Cancel | undefined;

  constructor(
    private readonly tools: Tools,
    private readonly options: FeedOptions,
    private readonly position: Position,
    private readonly reconciler: Reconciler,
    private readonly isSeparate: (orderId: string) => boolean,
    private readonly send: (message: ClientMessage) => void,
  ) {}

  /** Whether the cache has everything that had happened when the connection began. */
  get isCaughtUp(): boolean {
    return this.target === undefined && this.listed === undefined && this.reconciler.isSettled;
  }

  /** Subscribes on a fresh connection. */
  begin(greeting: Connection): void {
    this.refusals = 0;
    this.subscribe(greeting);
  }

  /** The daemon has too much to do: asks again a little later. */
  busy(): void {
    const { timers, backoff } = this.tools;
    const { greeting } = this;
    const wait = fullJitter(backoff, this.refusals, timers.random());
    this.refusals += 1;
    this.endRetry?.();
    this.endRetry = timers.after(wait, () => greeting && this.subscribe(greeting));
  }

  private subscribe(greeting: Connection): void {
    this.end();
    this.greeting = greeting;
    this.epoch = greeting.epoch;
    // Before the subscription has begun, a heartbeat tells how far the daemon is with nothing.
    this.position.hold();
    this.hasBegun = false;
    this.target = greeting.cursor;
    const { filter, delivery, batchMs } = this.options;
    const subscribe: Subscribe = {
      type: "subscribe",
      id: ORDERS,
      topic: "orders",
      filter,
      delivery,
      batchMs,
    };
    const { since } = this.position;
    if (since !== undefined) {
      subscribe.since = since;
    }
    this.send(subscribe);
    this.probe();
  }

  /** The connection is no more. */
  end(): void {
    this.endProbe?.();
    this.endProbe = undefined;
    this.endRetry?.();
    this.endRetry = undefined;
    this.greeting = undefined;
    this.listed = undefined;
    this.position.release();
  }

  /** What comes about the subscription itself. */
  told(message: Subscribed | Snapshot | Gap): void {
    if (message.type === "snapshot") {
      this.snapshot(message);
    } else if (message.type === "gap") {
      this.gap(message);
    } else {
      this.subscribed(message);
    }
  }

  event(event: OrderEvent): void {
    this.tools.merge.event(event);
    // An order with a subscription of its own may be told ahead of the others: it says nothing about those.
    if (!this.isSeparate(event.orderId)) {
      this.position.advance(event.cursor);
      this.reached(event.cursor);
    }
  }

  progress({ cursor }: Progress): void {
    if (!this.hasBegun) {
      return;
    }
    this.position.advance(cursor);
    this.reached(cursor);
  }

  private subscribed({ recovered }: Subscribed): void {
    this.hasBegun = true;
    if (recovered) {
      this.position.release();
      this.tools.counters.recovered += 1;
      this.reconciler.pump();
    } else {
      this.expectSnapshot();
    }
  }

  private gap({ reason }: Gap): void {
    this.tools.counters.gaps += 1;
    if (reason === "epoch") {
      this.reconciler.doubtEverything();
    }
    this.expectSnapshot();
  }

  private snapshot({ orders, cursor, last }: Snapshot): void {
    const listed = this.expectSnapshot();
    this.reconciler.take(orders, listed);
    if (last) {
      this.listed = undefined;
      this.position.adopt(this.epoch, cursor);
      this.reconciler.complete(listed);
      this.reached(cursor);
    }
  }

  private expectSnapshot(): Set<string> {
    if (this.listed === undefined) {
      this.listed = new Set();
      this.position.hold();
    }
    return this.listed;
  }

  private reached(cursor: number): void {
    if (this.listed === undefined && this.target !== undefined && cursor >= this.target) {
      this.target = undefined;
      this.endProbe?.();
    }
  }

  /** Where nothing that is followed happens, only the answer to a ping tells that all has come. */
  private probe(): void {
    if (this.target !== undefined) {
      this.send({ type: "ping" });
      this.endProbe = this.tools.timers.after(PROBE_MS, () => this.probe());
    }
  }
}
