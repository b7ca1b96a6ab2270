/**
 * Orders of a model daemon and what happens to them.
 */

import type { ExecuteRequest, Order, OrderEvent, OrderStatus } from "../../dist/index.js";

export const LIFE: readonly OrderStatus[] = [
  "pending",
  "routing",
  "routing",
  "building",
  "building",
  "submitted",
  "confirmed",
  "finalized",
];

export const ENDS: readonly OrderStatus[] = ["finalized", "failed", "cancelled", "expired"];

export interface Life {
  order: Order;
  events: OrderEvent[];
}

let count = 0;

/** An id that sorts by time, as a UUID of version 7 does. */
export function orderId(): string {
  count += 1;
  return `019aa000-0000-7000-8000-${count.toString(16).padStart(12, "0")}`;
}

export function fresh(request: ExecuteRequest, id = orderId()): Order {
  return {
    id,
    jobId: id,
    orderType: "market",
    tokenIn: request.tokenIn,
    tokenOut: request.tokenOut,
    amount: String(request.amount),
    slippage: 0.5,
    status: "pending",
    progress: 0,
    message: "",
    chain: "paper",
    account: "main",
    dex: null,
    quotes: [],
    amountOut: null,
    txHash: null,
    attempts: 0,
    maxAttempts: 3,
    lastError: null,
    lastErrorCode: null,
    cancelRequested: false,
    labels: request.labels ?? {},
    seq: 0,
    createdAt: "2026-09-21T14:13:20.000Z",
    updatedAt: "2026-09-21T14:13:20.000Z",
  };
}

/** The next event of a life. */
export function happen(life: Life, type: OrderStatus, cursor: number): OrderEvent {
  const seq = life.order.seq + 1;
  life.order = { ...life.order, status: type, seq, message: `${type} ${seq}` };
  const { order } = life;
  const timestamp = order.updatedAt;
  const event = {
    type,
    orderId: order.id,
    seq,
    cursor,
    timestamp,
    progress: 0,
    message: order.message,
    order,
  };
  life.events.push(event);
  return event;
}
