/**
 * What goes over the socket, each way.
 */

import type { Clients, LogLine, Order, OrderEvent, OrderStatus, Queue, Status, Venues } from "../wire.js";

type OneOrMany<T> = T | T[];

/** Which orders: those that match every member that is there, with any of its values. */
export interface OrderFilter {
  ids?: OneOrMany<string>;
  status?: OneOrMany<OrderStatus>;
  chain?: OneOrMany<string>;
  account?: OneOrMany<string>;
  dex?: OneOrMany<string>;
  /** Such as `SOL/USDC`. */
  pair?: OneOrMany<string>;
  label?: Record<string, OneOrMany<string>>;
}

/** Which lines of the log. */
export interface LogFilter {
  /** Lines of this level or worse. */
  level?: string;
  /** Lines whose target begins so. */
  target?: string;
}

export type Topic = "orders" | "queue" | "venues" | "clients" | "logs" | "status";

export type GapReason = "epoch" | "too-old" | "ahead" | "slow" | "unreadable";

export interface Subscribe {
  type: "subscribe";
  id: string;
  topic: Topic;
  filter?: OrderFilter | LogFilter;
  delivery?: "all" | "latest";
  batchMs?: number;
  since?: { epoch: string; cursor: number } | { seq: Record<string, number> };
  snapshot?: "live" | "none";
  lines?: number;
}

export type ClientMessage =
  | Subscribe
  | { type: "unsubscribe"; id: string }
  | { type: "auth"; token: string }
  | { type: "ping" }
  | { type: "pong" };

export interface Connection {
  type: "connection";
  connectionId: string;
  heartbeatMs: number;
  epoch: string;
  cursor: number;
  authenticated: boolean;
  limits: {
    maxMessageBytes: number;
    maxSubscriptions: number;
    maxFilterIds: number;
    bufferMessages: number;
    bufferBytes: number;
  };
}

export interface Subscribed {
  type: "subscribed";
  id: string;
  topic: Topic;
  recovered: boolean;
  order?: Order;
  cursor: number;
}

export interface Snapshot {
  type: "snapshot";
  id: string;
  orders: Order[];
  cursor: number;
  last: boolean;
}

export interface Gap {
  type: "gap";
  id: string;
  reason: GapReason;
  cursor: number;
  missed?: number;
}

export interface ErrorMessage {
  type: "error";
  code: string;
  detail: string;
  id?: string;
}

/** How far the daemon is with what was asked for, and how far it could be. */
export interface Progress {
  cursor: number;
  top: number;
}

export type TopicMessage =
  | ({ type: "queue"; timestamp: string } & Queue)
  | ({ type: "venues"; timestamp: string } & Venues)
  | ({ type: "clients"; timestamp: string } & Clients)
  | ({ type: "status"; timestamp: string } & Status);

export interface LogMessage {
  type: "logs";
  id: string;
  lines: LogLine[];
}

export type ServerMessage =
  | Connection
  | Subscribed
  | Snapshot
  | Gap
  | ErrorMessage
  | TopicMessage
  | LogMessage
  | OrderEvent
  | ({ type: "ping" | "pong" } & Progress)
  | { type: "unsubscribed"; id: string }
  | { type: "authenticated"; name: string; scope: string }
  | { type: "reconnect"; afterMs: number };

/** Reads a message; `undefined` for what is none. */
export function readMessage(data: unknown): ServerMessage | undefined {
  if (typeof data !== "string") {
    return undefined;
  }
  try {
    const message: unknown = JSON.parse(data);
    const isMessage = typeof message === "object" && message !== null && "type" in message;
    return isMessage ? (message as ServerMessage) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a message is an event of an order. */
export function isEvent(message: ServerMessage): message is OrderEvent {
  return "orderId" in message && "seq" in message && "order" in message;
}
