/**
 * The objects of the HTTP interface, under the names by which this library's users know them. They are generated from
 * docs/openapi.json; what they mean is told in docs/http-api.md.
 */

import type { components } from "./api.gen.js";

type Schemas = components["schemas"];

/** Without the member that only says that an answer is one. */
type Bare<T> = Omit<T, "success">;

export type OrderStatus = Schemas["OrderStatus"];
export type ErrorCode = Schemas["ErrorCode"];
export type Quote = Schemas["QuoteDto"];
export type Order = Schemas["OrderDto"];
/** One event of an order's life. */
export type OrderEvent = Schemas["OrderMessage"];
/** What to trade. Write amounts as texts: a JavaScript number is a float. */
export type ExecuteRequest = Schemas["ExecuteRequest"];
export type ExecuteResponse = Bare<Schemas["ExecuteResponse"]>;
export type OrderPage = Bare<Schemas["OrderPage"]>;
export type OrderEvents = Bare<Schemas["OrderEvents"]>;
/** An RFC 9457 problem. `cursor-gone` also has `epoch` and `cursor`. */
export type Problem = Schemas["Problem"];
export type FieldProblem = Schemas["FieldProblem"];
export type Health = Schemas["Health"];
export type Ready = Schemas["Ready"];
export type LaneReport = Schemas["LaneReport"];
export type RecoveryReport = Schemas["RecoveryReport"];
export type Status = Schemas["Status"];
export type Queue = Schemas["Queue"];
export type Venues = Schemas["Venues"];
export type VenueReport = Schemas["VenueReport"];
export type VenueGuard = Schemas["VenueGuard"];
export type Clients = Schemas["Clients"];
export type ClientReport = Schemas["ClientReport"];
/** What operators and clients had done, newest first. */
export type Actions = Schemas["Actions"];
export type Action = Schemas["Action"];
export type LogLine = Schemas["LogLine"];

/** The last lines of the log, oldest first. */
export type Logs = Bare<Schemas["Logs"]>;
/** Orders that have changed, in the order in which they did. */
export type OrderChanges = Bare<Schemas["OrderChanges"]>;
