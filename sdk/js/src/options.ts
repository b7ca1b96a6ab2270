/**
 * How a coordinator is set up.
 */

import type { Backoff } from "./backoff.js";
import type { HttpOptions } from "./http.js";
import type { OpenSocket } from "./socket.js";
import type { OrderFilter } from "./stream/messages.js";
import type { LogOptions } from "./stream/topics.js";

export interface CoordinatorOptions extends HttpOptions {
  /** Which orders to keep; all when absent. */
  filter?: OrderFilter;
  /** `latest`: when this client falls behind, older events of an order give way to its newest. `all` when absent. */
  delivery?: "all" | "latest";
  /** Milliseconds, 0 to 250, that the daemon may let events wait to send them together. 0 when absent. */
  batchMs?: number;
  /**
   * How a token is shown to the stream. `subprotocol` needs no request more; a `ticket` is for tokens with characters that
   * cannot be in one, and keeps the token out of the handshake. `subprotocol` where it can be, when absent.
   */
  auth?: "subprotocol" | "ticket";
  /** Orders that are kept at the most; 10 000 when absent. Those that are over are dropped first. */
  maxOrders?: number;
  /** How long changes are gathered before readers hear of them; until the next picture when absent. */
  windowMs?: number;
  /** How often changes are asked for while the socket is down; 2 s when absent. */
  pollMs?: number;
  backoff?: Partial<Backoff>;
  /** Which lines of the log are kept while somebody reads them; the last 200 when absent. */
  logs?: Partial<LogOptions>;
  /** Times that an order is sent until there is an answer; 6 when absent. */
  submitAttempts?: number;
  /** The name of a label that marks orders with their idempotency key, see README. */
  submissionLabel?: string;
  openSocket?: OpenSocket;
}
