/**
 * Subscriptions of single orders, for those that the filter of all may leave out.
 */

import type { Tools } from "../tools.js";
import type { ClientMessage, ErrorMessage, Snapshot } from "./messages.js";

/** One who follows an order. */
export interface Follower {
  /** The last event that was delivered. */
  seq(): number;
  /** The daemon does not serve the subscription. */
  refused(error: ErrorMessage): void;
}

const PREFIX = "order-";
/** When to ask again a daemon that has too much to do. */
const BUSY_MS = 500;

export class Separate {
  private readonly followers = new Map<string, Set<Follower>>();

  constructor(
    private readonly tools: Tools,
    private readonly send: (message: ClientMessage) => void,
  ) {}

  has(orderId: string): boolean {
    return this.followers.has(orderId);
  }

  /** Whether a message about this subscription belongs here. */
  owns(id: string | undefined): boolean {
    return id?.startsWith(PREFIX) ?? false;
  }

  add(orderId: string, follower: Follower): () => void {
    const followers = this.followers.get(orderId) ?? new Set();
    followers.add(follower);
    if (followers.size === 1) {
      this.followers.set(orderId, followers);
      this.subscribe(orderId);
    }
    return () => {
      if (followers.delete(follower) && followers.size === 0) {
        this.followers.delete(orderId);
        this.send({ type: "unsubscribe", id: PREFIX + orderId });
      }
    };
  }

  /** Subscribes all of them on a fresh connection. */
  begin(): void {
    for (const orderId of this.followers.keys()) {
      this.subscribe(orderId);
    }
  }

  snapshot({ orders }: Snapshot): void {
    for (const order of orders) {
      this.tools.merge.answer(order);
    }
  }

  refused(error: ErrorMessage): void {
    const orderId = (error.id ?? "").slice(PREFIX.length);
    if (error.code === "busy") {
      this.tools.timers.after(BUSY_MS, () => this.has(orderId) && this.subscribe(orderId));
      return;
    }
    for (const follower of [...(this.followers.get(orderId) ?? [])]) {
      follower.refused(error);
    }
  }

  private subscribe(orderId: string): void {
    const seqs = [...(this.followers.get(orderId) ?? [])].map((follower) => follower.seq());
    const seq = Math.min(...seqs);
    this.send({
      type: "subscribe",
      id: PREFIX + orderId,
      topic: "orders",
      filter: { ids: [orderId] },
      ...(seq > 0 ? { since: { seq: { [orderId]: seq } } } : {}),
    });
  }
}
