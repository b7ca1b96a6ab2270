/**
 * The objects of the HTTP and WebSocket interface. What they mean is told in docs/http-api.md and docs/streaming.md.
 */

export type OrderStatus =
  | "pending"
  | "routing"
  | "building"
  | "submitted"
  | "execution-failed"
  | "retry-pending"
  | "unknown"
  | "confirmed"
  | "finalized"
  | "reorged"
  | "failed"
  | "cancelled"
  | "expired";

export interface Quote {
  dex: string;
  amountOut?: string;
  netAmountOut?: string;
  priceImpact?: string;
  latencyMs: number;
  error?: string;
}

export interface Order {
  id: string;
  jobId: string;
  orderType: string;
  tokenIn: string;
  tokenOut: string;
  amount: string;
  slippage: number;
  status: OrderStatus;
  progress: number;
  message: string;
  chain: string;
  account: string;
  dex: string | null;
  quotes: Quote[];
  amountOut: string | null;
  txHash: string | null;
  attempts: number;
  maxAttempts: number;
  lastError: string | null;
  lastErrorCode: string | null;
  cancelRequested: boolean;
  labels: Record<string, string>;
  seq: number;
  createdAt: string;
  updatedAt: string;
}

/** What to trade. Write amounts as texts: a JavaScript number is a float. */
export interface ExecuteRequest {
  tokenIn: string;
  tokenOut: string;
  amount: string | number;
  slippage?: number;
  orderType?: string;
  chain?: string;
  account?: string;
  venues?: string[];
  deadline?: string;
  priority?: number;
  maxPriceImpact?: number;
  labels?: Record<string, string>;
}

export interface ExecuteResponse {
  success: true;
  orderId: string;
  jobId: string;
  status: OrderStatus;
  message: string;
  wsUrl: string;
}

export interface FieldProblem {
  field: string;
  code: string;
  detail: string;
}

/** An RFC 9457 problem. `cursor-gone` also has `epoch` and `cursor`. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  errors?: FieldProblem[];
  epoch?: string;
  cursor?: number;
}

/** One event of an order's life. */
export interface OrderEvent {
  type: OrderStatus;
  orderId: string;
  seq: number;
  cursor: number;
  timestamp: string;
  progress: number;
  message: string;
  order: Order;
  queuePosition?: number;
  quotesFetched?: number;
  quotes?: Quote[];
  chosenDex?: string;
  quote?: Quote;
  stage?: string;
  spender?: string;
  attempt?: number;
  maxAttempts?: number;
  txHash?: string;
  sequence?: number;
  error?: string;
  errorCode?: string;
  transient?: boolean;
  retriesRemaining?: number;
  delay?: number;
  nextAttempt?: number;
  reason?: string;
  since?: string;
  dex?: string;
  amountOut?: string;
  block?: number;
  final?: boolean;
  totalAttempts?: number;
}

export interface OrderPage {
  orders: Order[];
  nextCursor: string | null;
}

export interface OrderChanges {
  epoch: string;
  cursor: number;
  more: boolean;
  orders: Order[];
}

export interface OrderEvents {
  orderId: string;
  events: OrderEvent[];
}

export interface WebsocketLoad {
  connectedOrders: number;
  totalClients: number;
}

export interface Health {
  status: string;
  version: string;
  uptimeMs: number;
  orders: Partial<Record<OrderStatus, number>>;
  websocket: WebsocketLoad;
}

export interface LaneReport {
  chain: string;
  account: string;
  standing: string;
  detail?: string;
}

export interface RecoveryReport {
  complete: boolean;
  orders: number;
  signed: number;
  waitsFor: string[];
  tookMs: number;
}

export interface Ready {
  ready: boolean;
  phase: string;
  recovery: RecoveryReport;
  lanes: LaneReport[];
}

export interface Status {
  phase: string;
  version: string;
  startedAt: string;
  uptimeMs: number;
  epoch: string;
  cursor: number;
  orders: Partial<Record<OrderStatus, number>>;
  websocket: WebsocketLoad;
  recovery: RecoveryReport;
  lanes: LaneReport[];
}

export interface Queue {
  depth: Partial<Record<OrderStatus, number>>;
  oldest: { orderId: string; status: OrderStatus; since: string; ageMs: number } | null;
  rates: { seconds: number; accepted: number; confirmed: number; failed: number; retried: number }[];
  throughput: {
    stepSeconds: number;
    accepted: number[];
    confirmed: number[];
    failed: number[];
    retried: number[];
  };
  stages: { status: OrderStatus; count: number; p50Ms: number; p99Ms: number }[];
}

export interface VenueReport {
  name: string;
  chain: string;
  asked: number;
  quoted: number;
  failed: number;
  won: number;
  executed: number;
  p50Ms: number | null;
  p99Ms: number | null;
  lastQuoteAt: string | null;
  lastError: string | null;
  lastErrorAt: string | null;
}

export interface Venues {
  venues: VenueReport[];
}

export interface ClientReport {
  id: string;
  address: string;
  userAgent: string | null;
  name: string | null;
  since: string;
  subscriptions: { id: string; topic: string }[];
  sentMessages: number;
  sentBytes: number;
  bufferedMessages: number;
  bufferedBytes: number;
  lag: number;
}

export interface Clients {
  total: number;
  clients: ClientReport[];
}

export interface LogLine {
  n: number;
  timestamp: string;
  level: string;
  target: string;
  message: string;
  fields: Record<string, string>;
}

export interface Logs {
  lines: LogLine[];
}
