/**
 * Whether an order is one of those that are followed, as the daemon decides it.
 */

import type { Order } from "../wire.js";
import type { OrderFilter } from "./messages.js";

export function matches(filter: OrderFilter, order: Order): boolean {
  const pair = `${order.tokenIn}/${order.tokenOut}`;
  return (
    includes(filter.ids, order.id) &&
    includes(filter.status, order.status) &&
    includes(filter.chain, order.chain) &&
    includes(filter.account, order.account) &&
    includes(filter.dex, order.dex) &&
    includes(filter.pair, pair) &&
    Object.entries(filter.label ?? {}).every(([name, values]) => includes(values, order.labels[name] ?? null))
  );
}

/** Whether a filter lets every order through. */
export function isOpen(filter: OrderFilter): boolean {
  return Object.values(filter).every((member) => member === undefined);
}

function includes<T>(values: T | T[] | undefined, value: T | null): boolean {
  if (values === undefined) {
    return true;
  }
  return Array.isArray(values) ? value !== null && values.includes(value) : values === value;
}
