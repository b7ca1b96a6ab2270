/**
 * Subscriptions of single orders, for those that the filter of all may leave out. Several orders share one: a client may
 * say only so much within a heartbeat.
 */

import type { Cancel } from "../timers.js";
import type { Tools } from "../tools.js";
import type { ClientMessage, ErrorMessage, Snapshot } from "./messages.js";
import { isForLater } from "./refusals.js";

/** One who follows an order. */
export interface Follower {
  /** The last event that was delivered. */
  seq(): number;
  /** The daemon does not serve the subscription. */
  refused(error: ErrorMessage): void;
}

const PREFIX = "follow-";
/** How long orders are gathered to share a subscription. */
const GATHER_MS = 20;
/** When to ask again a daemon that has too much to do. */
const BUSY_MS = 500;
/** Orders of one subscription; with their `seq` they fit into the smallest message that a daemon takes. */
const MAX_ORDERS = 32;
/** With so many subscriptions they are put together afresh. */
const MAX_GROUPS = 8;

export class Separate {
  private readonly followers = new Map<string, Set<Follower>>();
  /** The orders of each subscription of this connection. */
  private readonly groups = new Map<string, Set<string>>();
  /** Orders without a subscription on this connection. */
  private readonly waiting = new Set<string>();
  private endGathering: Cancel | undefined;
  private count = 0;

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
      this.waiting.add(orderId);
      this.gather(GATHER_MS);
    }
    return () => {
      if (followers.delete(follower) && followers.size === 0) {
        this.remove(orderId);
      }
    };
  }

  /** Subscribes all of them on a fresh connection. */
  begin(): void {
    this.groups.clear();
    for (const orderId of this.followers.keys()) {
      this.waiting.add(orderId);
    }
    this.subscribe();
  }

  snapshot({ orders }: Snapshot): void {
    for (const order of orders) {
      this.tools.merge.answer(order);
    }
  }

  refused(error: ErrorMessage): void {
    const group = this.groups.get(error.id ?? "");
    if (group === undefined || error.code === "order-not-found") {
      // The others of the group are served, and who follows this one learns it from its history.
      return;
    }
    this.groups.delete(error.id ?? "");
    for (const orderId of group) {
      if (isForLater(error)) {
        this.waiting.add(orderId);
        this.gather(BUSY_MS);
      } else {
        this.refuse(orderId, error);
      }
    }
  }

  private refuse(orderId: string, error: ErrorMessage): void {
    for (const follower of [...(this.followers.get(orderId) ?? [])]) {
      follower.refused(error);
    }
  }

  private remove(orderId: string): void {
    this.followers.delete(orderId);
    this.waiting.delete(orderId);
    for (const [id, group] of this.groups) {
      if (group.delete(orderId) && group.size === 0) {
        this.unsubscribe(id);
      }
    }
  }

  private gather(ms: number): void {
    this.endGathering ??= this.tools.timers.after(ms, () => this.subscribe());
  }

  private subscribe(): void {
    this.endGathering?.();
    this.endGathering = undefined;
    if (this.groups.size >= MAX_GROUPS) {
      this.regroup();
    }
    const orders = [...this.waiting];
    this.waiting.clear();
    for (let at = 0; at < orders.length; at += MAX_ORDERS) {
      this.subscribeGroup(orders.slice(at, at + MAX_ORDERS));
    }
  }

  private regroup(): void {
    for (const [id, group] of this.groups) {
      for (const orderId of group) {
        this.waiting.add(orderId);
      }
      this.unsubscribe(id);
    }
  }

  private unsubscribe(id: string): void {
    this.groups.delete(id);
    this.send({ type: "unsubscribe", id });
  }

  private subscribeGroup(ids: string[]): void {
    this.count += 1;
    const id = PREFIX + this.count;
    this.groups.set(id, new Set(ids));
    const seqs = ids.map((orderId): [string, number] => [orderId, this.seqOf(orderId)]);
    const seq = Object.fromEntries(seqs.filter(([, last]) => last > 0));
    const since = Object.keys(seq).length > 0 ? { since: { seq } } : {};
    this.send({ type: "subscribe", id, topic: "orders", filter: { ids }, ...since });
  }

  private seqOf(orderId: string): number {
    const followers = [...(this.followers.get(orderId) ?? [])];
    return Math.min(...followers.map((follower) => follower.seq()));
  }
}
