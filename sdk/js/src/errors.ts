/**
 * What can go wrong, told apart by what a program does about it.
 */

import type { FieldProblem, Problem } from "./wire.js";

/** The root of all errors of this library. */
export class OrderdError extends Error {
  override name = "OrderdError";
}

/** The daemon has answered, with an RFC 9457 problem. */
export class ProblemError extends OrderdError {
  override name = "ProblemError";
  /** The HTTP status. */
  readonly status: number;
  /** Stable, for programs. */
  readonly code: string;
  /** Every field that was refused. */
  readonly errors: readonly FieldProblem[];

  constructor(
    readonly problem: Problem,
    /** When to try again, where the daemon says so. */
    readonly retryAfterMs?: number,
  ) {
    super(problem.detail || problem.title);
    this.status = problem.status;
    this.code = problem.code;
    this.errors = problem.errors ?? [];
  }

  /** `cursor-gone`: where to begin afresh. */
  get position(): { epoch: string; cursor: number } | undefined {
    const { epoch, cursor } = this.problem;
    return epoch === undefined || cursor === undefined ? undefined : { epoch, cursor };
  }

  /** Whether the same request may be served later. */
  get isPassing(): boolean {
    return this.status === 503 || this.status === 502 || this.status === 504 || this.status === 408;
  }
}

export type TransportFailure = "network" | "timeout" | "aborted" | "malformed";

/** There is no answer, or none that makes sense: it is not known what became of the request. */
export class TransportError extends OrderdError {
  override name = "TransportError";

  constructor(
    readonly kind: TransportFailure,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A stream cannot be continued. */
export class StreamError extends OrderdError {
  override name = "StreamError";

  constructor(
    /** Stable, for programs. */
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}
