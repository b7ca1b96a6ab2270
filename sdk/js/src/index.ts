/**
 * Talks to orderd from browsers and Node.
 *
 * {@link OrderdClient} makes single calls. {@link Coordinator} keeps a {@link CacheReader} up to date over one WebSocket.
 */

export type { Backoff } from "./backoff.js";
export {
  type CacheReader,
  type Entry,
  isOver,
  type OrderEntry,
  type Orders,
  type Submission,
} from "./cache.js";
export { type Accepted, type CallOptions, type ClientOptions, OrderdClient } from "./client.js";
export { Coordinator } from "./coordinator.js";
export type { Counters } from "./counters.js";
export { OrderdError, ProblemError, StreamError, TransportError, type TransportFailure } from "./errors.js";
export type { CoordinatorOptions } from "./options.js";
export type { OpenSocket, Socket } from "./socket.js";
export type { ConnectionStatus, State } from "./status.js";
export type { ErrorMessage, GapReason, LogFilter, OrderFilter, Topic } from "./stream/messages.js";
export type { TopicName, TopicValues } from "./stream/topics.js";
export type { Outcome, Submitted } from "./submissions.js";
export type { Selector, View } from "./subscribers.js";
export { type Cancel, systemTimers, type Timers } from "./timers.js";
export type * from "./wire.js";
