/**
 * How fresh the cache is, and why it is no fresher.
 */

import { Subscribers, type View } from "./subscribers.js";

export type State =
  /** Nothing can be shown yet. */
  | "connecting"
  /** The cache follows the daemon. */
  | "live"
  /** The cache may be behind: nothing is heard, or what was missed is on its way. */
  | "stale"
  /** The socket is down; changes are asked for over HTTP. */
  | "polling"
  /** Nothing comes. */
  | "down";

export interface ConnectionStatus {
  readonly state: State;
  /** For people: why it is not live. */
  readonly reason: string | undefined;
  /** Events of all orders that the daemon has not sent yet, as of the last heartbeat. */
  readonly lag: number;
  /** When the last message came, in milliseconds since the Unix epoch. */
  readonly heardAt: number | undefined;
  /** When the next attempt to connect is made. */
  readonly retryAt: number | undefined;
}

/** What a state follows from. */
interface Situation {
  socket: "off" | "opening" | "greeted";
  isCaughtUp: boolean;
  isLate: boolean;
  /** Whether the cache has ever been complete. */
  wasLive: boolean;
  poll: "none" | "served" | "failed";
  /** Why nothing is tried any more. */
  final: string | undefined;
  /** Why the last connection was lost. */
  loss: string | undefined;
}

function judge(situation: Situation): Pick<ConnectionStatus, "state" | "reason"> {
  const { socket, isCaughtUp, isLate, wasLive, poll, final, loss } = situation;
  if (final !== undefined) {
    return { state: "down", reason: final };
  }
  if (socket === "greeted") {
    if (isLate) {
      return { state: "stale", reason: "nothing is heard of the daemon" };
    }
    if (isCaughtUp) {
      return { state: "live", reason: undefined };
    }
    return { state: wasLive ? "stale" : "connecting", reason: "catching up" };
  }
  switch (poll) {
    case "served":
      return { state: "polling", reason: loss };
    case "failed":
      return { state: "down", reason: loss ?? "the daemon does not answer" };
    case "none":
      return { state: wasLive ? "stale" : "connecting", reason: loss };
  }
}

const QUIET: Situation = {
  socket: "off",
  isCaughtUp: false,
  isLate: false,
  wasLive: false,
  poll: "none",
  final: "not started",
  loss: undefined,
};

/** Keeps the status, and tells when it has changed. */
export class StatusBoard {
  private situation = QUIET;
  private shown: ConnectionStatus = { ...judge(QUIET), lag: 0, heardAt: undefined, retryAt: undefined };
  private heardAt: number | undefined;
  private readonly subscribers = new Subscribers<StatusBoard>(this);
  readonly view: View<ConnectionStatus> = this.subscribers.view(() => this.shown, Object.is);

  constructor(private readonly now: () => number) {}

  opening(): void {
    this.change({ ...QUIET, wasLive: this.situation.wasLive, final: undefined, socket: "opening" });
  }

  greeted(): void {
    this.change({ socket: "greeted", isLate: false, isCaughtUp: false, poll: "none", loss: undefined });
  }

  /** A message came. */
  heard(isCaughtUp: boolean, lag = this.shown.lag): void {
    this.heardAt = this.now();
    this.change({ isLate: false, isCaughtUp, wasLive: this.situation.wasLive || isCaughtUp }, { lag });
  }

  /** The cache is known to be right, or not. */
  settled(isCaughtUp: boolean): void {
    this.change({ isCaughtUp, wasLive: this.situation.wasLive || isCaughtUp });
  }

  late(): void {
    this.change({ isLate: true });
  }

  lost(reason: string, retryInMs: number): void {
    const retryAt = this.now() + retryInMs;
    this.change({ socket: "opening", isLate: false, isCaughtUp: false, loss: reason }, { retryAt });
  }

  polled(poll: "served" | "failed"): void {
    this.change({ poll, wasLive: this.situation.wasLive || poll === "served" });
  }

  ended(reason: string): void {
    this.change({ ...QUIET, wasLive: this.situation.wasLive, final: reason });
  }

  private change(
    change: Partial<Situation>,
    { lag, retryAt }: { lag?: number; retryAt?: number } = {},
  ): void {
    this.situation = { ...this.situation, ...change };
    const isWaiting = this.situation.socket === "opening";
    const next = {
      ...judge(this.situation),
      lag: lag ?? this.shown.lag,
      heardAt: this.heardAt,
      retryAt: isWaiting ? (retryAt ?? this.shown.retryAt) : undefined,
    };
    const { shown } = this;
    const isSame =
      shown.state === next.state &&
      shown.reason === next.reason &&
      shown.lag === next.lag &&
      shown.retryAt === next.retryAt;
    if (!isSame) {
      this.shown = next;
      this.subscribers.tell();
    }
  }
}
