/**
 * What goes over the socket, each way. The types are generated from docs/openapi.json; what they mean is told in
 * docs/streaming.md.
 */

import type { components } from "../api.gen.js";
import type { OrderEvent } from "../wire.js";

type Schemas = components["schemas"];

export type Topic = Schemas["Topic"];
export type OrderFilter = Schemas["OrderFilter"];
export type LogFilter = Schemas["LogFilter"];
export type GapReason = Schemas["GapReason"];

export type ClientMessage = Schemas["ClientMessage"];
export type Subscribe = Extract<ClientMessage, { type: "subscribe" }>;

export type Connection = Schemas["ConnectionMessage"];
export type Subscribed = Schemas["SubscribedMessage"];
export type Snapshot = Schemas["SnapshotMessage"];
export type Gap = Schemas["GapMessage"];
export type ErrorMessage = Schemas["ErrorMessage"];
export type LogMessage = Schemas["LogsMessage"];
/** How far the daemon is with what was asked for, and how far it could be. */
export type Progress = Schemas["PingMessage"] | Schemas["PongMessage"];
export type TopicMessage =
  | Schemas["QueueMessage"]
  | Schemas["VenuesMessage"]
  | Schemas["ClientsMessage"]
  | Schemas["StatusMessage"]
  | Schemas["ActionsMessage"];
export type ServerMessage = Schemas["ServerMessage"];

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
