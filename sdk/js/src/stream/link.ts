/**
 * Keeps one socket open: connects, watches over its signs of life, comes back with backoff.
 *
 * Knows nothing of what is said beyond the greeting and the farewell.
 */

import { type Backoff, fullJitter } from "../backoff.js";
import type { OpenSocket, Socket } from "../socket.js";
import type { Cancel, Timers } from "../timers.js";
import { type ClientMessage, type Connection, readMessage, type ServerMessage } from "./messages.js";

/** Why a connection is no more. */
export interface Loss {
  /** The close code; 1006 when there was none. */
  code: number;
  /** For people. */
  reason: string;
  /** When the next attempt is made; `undefined` when none is. */
  retryInMs: number | undefined;
}

export interface LinkEvents {
  /** A connection is up and may be used. */
  greeted(greeting: Connection): void;
  received(message: ServerMessage): void;
  /** Nothing has come for longer than it should. */
  late(): void;
  lost(loss: Loss): void;
  malformed(): void;
}

export interface LinkOptions {
  openSocket: OpenSocket;
  timers: Timers;
  backoff: Backoff;
  /** Where to connect, and as whom; a failure counts as one of the connection. */
  target(): Promise<{ url: string; protocols: string[] }>;
}

/** After these the client does not come back by itself. */
const FINAL_CODES = new Map([
  [4310, "an operator has disconnected this client"],
  [4401, "the daemon does not know this token"],
]);

/** From the first byte to the greeting. */
const CONNECT_TIMEOUT_MS = 10_000;
/** A connection that held so long was a good one: what follows is not the next attempt of a row. */
const STEADY_AFTER_MS = 10_000;
/** In heartbeats. */
const LATE_AFTER = 1.5;
const LOST_AFTER = 3;

export class Link {
  private socket: Socket | undefined;
  private attempt = 0;
  private afterMs: number | undefined;
  private heartbeatMs = CONNECT_TIMEOUT_MS;
  private greetedAt: number | undefined;
  /** Counts connections, so that what belongs to an old one is told apart. */
  private generation = 0;
  private endTimers: Cancel[] = [];

  constructor(
    private readonly options: LinkOptions,
    private readonly events: LinkEvents,
  ) {}

  /** Connects now, whatever was planned. */
  start(): void {
    this.stop();
    const generation = ++this.generation;
    this.greetedAt = undefined;
    this.afterMs = undefined;
    this.watch(CONNECT_TIMEOUT_MS, () => this.lose(1006, "no greeting in time"));
    void this.open(generation);
  }

  /** Ends the connection, and attempts at one. */
  stop(): void {
    this.generation += 1;
    this.unwatch();
    const { socket } = this;
    this.socket = undefined;
    if (socket !== undefined) {
      socket.onmessage = null;
      socket.onclose = null;
      socket.close(1000);
    }
  }

  send(message: ClientMessage): void {
    if (this.greetedAt !== undefined) {
      this.socket?.send(JSON.stringify(message));
    }
  }

  private async open(generation: number): Promise<void> {
    try {
      const { url, protocols } = await this.options.target();
      if (generation !== this.generation) {
        return;
      }
      const socket = await this.options.openSocket(url, protocols);
      if (generation !== this.generation) {
        socket.close(1000);
        return;
      }
      this.attach(socket);
    } catch (error) {
      if (generation === this.generation) {
        this.lose(1006, error instanceof Error ? error.message : String(error));
      }
    }
  }

  private attach(socket: Socket): void {
    this.socket = socket;
    socket.onmessage = ({ data }) => this.receive(data);
    socket.onclose = ({ code, reason }) => this.lose(code, reason || `closed with ${code}`);
  }

  private receive(data: unknown): void {
    const message = readMessage(data);
    if (message === undefined) {
      this.events.malformed();
      return;
    }
    this.watchHeartbeat();
    switch (message.type) {
      case "connection":
        this.greet(message);
        break;
      case "reconnect":
        this.afterMs = message.afterMs;
        break;
      default:
        this.events.received(message);
    }
  }

  private greet(greeting: Connection): void {
    this.greetedAt = this.options.timers.now();
    this.heartbeatMs = greeting.heartbeatMs;
    this.watchHeartbeat();
    this.events.greeted(greeting);
  }

  private watchHeartbeat(): void {
    this.unwatch();
    const { heartbeatMs } = this;
    this.watch(heartbeatMs * LATE_AFTER, () => this.events.late());
    this.watch(heartbeatMs * LOST_AFTER, () => this.lose(1006, `nothing came for ${LOST_AFTER} heartbeats`));
  }

  private watch(ms: number, call: () => void): void {
    this.endTimers.push(this.options.timers.after(ms, call));
  }

  private unwatch(): void {
    for (const end of this.endTimers.splice(0)) {
      end();
    }
  }

  private lose(code: number, reason: string): void {
    this.stop();
    const final = FINAL_CODES.get(code);
    if (final !== undefined) {
      this.events.lost({ code, reason: final, retryInMs: undefined });
      return;
    }
    const { timers, backoff } = this.options;
    if (this.greetedAt !== undefined && timers.now() - this.greetedAt >= STEADY_AFTER_MS) {
      this.attempt = 0;
    }
    const retryInMs = this.afterMs ?? fullJitter(backoff, this.attempt, timers.random());
    this.attempt += 1;
    this.watch(retryInMs, () => this.start());
    this.events.lost({ code, reason, retryInMs });
  }
}
