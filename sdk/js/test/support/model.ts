/**
 * A daemon in memory that keeps the protocol of docs/streaming.md to the letter, over a network that a test can break.
 */

import type { ExecuteRequest, Order, OrderEvent, OrderStatus, Problem } from "../../dist/index.js";
import type { Clock } from "./clock.js";
import { ENDS, fresh, happen, LIFE, type Life } from "./lives.js";
import { Session } from "./session.js";

export const HEARTBEAT_MS = 15_000;

export class Model {
  epoch = "epoch-1";
  cursor = 0;
  readonly lives = new Map<string, Life>();
  /** All events that the daemon remembers, by cursor. */
  log: OrderEvent[] = [];
  /** Events up to here are forgotten. */
  floor = 0;
  readonly keys = new Map<string, string>();
  sessions: Session[] = [];
  /** Connections that were asked for. */
  attempts: { url: string; protocols: string[] }[] = [];
  acceptsSockets = true;
  /** Whether clients are known as soon as they connect. */
  authenticates = true;
  /** Nothing that clients say arrives. */
  isDeaf = false;
  answersHttp = true;
  /** Requests whose answers get lost on the way. */
  loseAnswers = 0;
  /** Answers are on their way until then. */
  hold: Promise<void> = Promise.resolve();
  /** Takes the next requests instead of the daemon. */
  refusals: Problem[] = [];
  requests: string[] = [];

  constructor(readonly clock: Clock) {}

  get live(): Session | undefined {
    return this.sessions.find((session) => session.isOpen);
  }

  /** Starts a life, with its first event. */
  accept(request: ExecuteRequest = { tokenIn: "SOL", tokenOut: "USDC", amount: "1" }, id?: string): string {
    const life: Life = { order: fresh(request, id), events: [] };
    this.lives.set(life.order.id, life);
    this.happen(life.order.id, "pending");
    return life.order.id;
  }

  happen(id: string, type: OrderStatus): OrderEvent {
    const life = this.life(id);
    this.cursor += 1;
    const before = life.order;
    const event = happen(life, type, this.cursor);
    this.log.push(event);
    for (const session of this.sessions) {
      session.publish(event, before);
    }
    return event;
  }

  /** The next event of an ordinary life; false when it is over. */
  step(id: string): boolean {
    const type = LIFE[this.life(id).events.length];
    if (type === undefined) {
      return false;
    }
    this.happen(id, type);
    return true;
  }

  /** Everything up to its end. */
  finish(id: string): void {
    while (this.step(id)) {
      // On it goes.
    }
  }

  order(id: string): Order {
    return this.life(id).order;
  }

  orders(): Order[] {
    return [...this.lives.values()].map(({ order }) => order);
  }

  liveOrders(): Order[] {
    return this.orders().filter(({ status }) => !ENDS.includes(status));
  }

  /** Forgets all events that have happened. */
  forget(): void {
    this.floor = this.cursor;
    this.log = [];
  }

  /** Another store takes the place of this one. */
  replaceStore(): void {
    this.epoch = `${this.epoch}'`;
    this.cursor = 0;
    this.floor = 0;
    this.log = [];
    this.lives.clear();
    this.cut();
  }

  /** Breaks every connection; what is on its way is lost. */
  cut(code = 1006): void {
    for (const session of this.sessions) {
      session.cut(code);
    }
    this.sessions = [];
  }

  readonly openSocket = async (url: string, protocols: string[]): Promise<Session["socket"]> => {
    this.attempts.push({ url, protocols });
    if (!this.acceptsSockets) {
      throw new Error("connection refused");
    }
    const session = new Session(this);
    this.sessions.push(session);
    return session.socket;
  };

  readonly fetch = async (input: unknown, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(String(input));
    this.requests.push(`${init.method ?? "GET"} ${url.pathname}${url.search}`);
    if (!this.answersHttp) {
      throw new TypeError("fetch failed");
    }
    const refusal = init.method === "POST" ? this.refusals.shift() : undefined;
    const answer = refusal === undefined ? this.answer(url, init) : refused(refusal);
    await this.hold;
    if (this.loseAnswers > 0) {
      this.loseAnswers -= 1;
      throw new TypeError("fetch failed: socket hang up");
    }
    return answer;
  };

  private life(id: string): Life {
    const life = this.lives.get(id);
    if (life === undefined) {
      throw new Error(`no order ${id}`);
    }
    return life;
  }

  private answer(url: URL, init: RequestInit): Response {
    const [, , scope, ...rest] = url.pathname.split("/");
    if (scope !== "orders") {
      const ticket = { ticket: "t-1" };
      const status = { phase: "running", epoch: this.epoch, cursor: this.cursor };
      return Response.json(scope === "stream" ? ticket : { success: true, ...status });
    }
    if (rest[0] === "execute") {
      return this.execute(
        JSON.parse(String(init.body)),
        new Headers(init.headers).get("idempotency-key") ?? "",
      );
    }
    if (rest.length === 0) {
      return url.searchParams.has("since") ? this.changes(url.searchParams) : this.list(url.searchParams);
    }
    const [first = "", second = ""] = rest;
    const life = this.lives.get(first === "status" ? second : first);
    if (life === undefined) {
      return refused(problem(404, "order-not-found"));
    }
    if (second === "events") {
      const since = Number(url.searchParams.get("since") ?? 0);
      const events = life.events.filter(({ seq }) => seq > since);
      return Response.json({ success: true, orderId: life.order.id, events });
    }
    if (second === "cancel") {
      this.happen(life.order.id, "cancelled");
    }
    return Response.json({ success: true, ...life.order });
  }

  private execute(request: ExecuteRequest, key: string): Response {
    const replayed = this.keys.has(key);
    const id = this.keys.get(key) ?? this.accept(request);
    this.keys.set(key, id);
    const body = {
      success: true,
      orderId: id,
      jobId: id,
      status: this.order(id).status,
      message: "",
      wsUrl: "",
    };
    const headers: HeadersInit = replayed ? { "idempotency-replayed": "true" } : {};
    return Response.json(body, { status: 202, headers });
  }

  private changes(query: URLSearchParams): Response {
    const since = Number(query.get("since"));
    if (query.get("epoch") !== this.epoch || since < this.floor || since > this.cursor) {
      const { epoch, cursor } = this;
      return refused({ ...problem(410, "cursor-gone"), epoch, cursor });
    }
    const limit = Number(query.get("limit"));
    const last = new Map<string, number>();
    for (const { orderId, cursor } of this.log) {
      last.set(orderId, cursor);
    }
    const changed = [...last].filter(([, cursor]) => cursor > since).sort(([, a], [, b]) => a - b);
    const page = changed.slice(0, limit);
    const more = page.length < changed.length;
    const cursor = more ? (page.at(-1)?.[1] ?? since) : this.cursor;
    const orders = page.map(([id]) => this.order(id));
    return Response.json({ success: true, epoch: this.epoch, cursor, more, orders });
  }

  private list(query: URLSearchParams): Response {
    const status = query.get("status")?.split(",");
    const orders = this.orders().filter((order) => status?.includes(order.status) ?? true);
    const at = Number(query.get("cursor") ?? 0);
    const end = at + Number(query.get("limit") ?? 50);
    const nextCursor = end < orders.length ? String(end) : null;
    return Response.json({ success: true, orders: orders.slice(at, end), nextCursor });
  }
}

export function problem(status: number, code: string): Problem {
  return { type: "about:blank", title: code, status, detail: code, code };
}

function refused(body: Problem): Response {
  const headers: HeadersInit = body.status === 503 ? { "retry-after": "1" } : {};
  return Response.json(body, { status: body.status, headers });
}
