/**
 * Orders handed in here: shown at once, sent until it is known what became of them, and never twice an order.
 */

import { fullJitter } from "./backoff.js";
import type { Submission } from "./cache.js";
import type { Accepted } from "./client.js";
import { OrderdError, ProblemError, TransportError } from "./errors.js";
import { randomId } from "./random-id.js";
import type { Tools } from "./tools.js";
import type { ExecuteRequest, Order } from "./wire.js";

/** What became of a submission. */
export type Outcome =
  | { kind: "accepted"; accepted: Accepted }
  | { kind: "failed" | "unknown"; problem: OrderdError };

export interface Submitted {
  /** Its idempotency key: `cache.get(key)` shows it from now on, and the order when it is one. */
  key: string;
  /** Never rejects. */
  done: Promise<Outcome>;
}

export interface SubmissionOptions {
  /** Times that an order is sent, until there is an answer. */
  attempts: number;
  /**
   * The name of a label that carries the key. With it an order is known by the stream too, which may be faster than
   * the answer; without it the order and its submission may be seen side by side for a moment.
   */
  label: string | undefined;
}

export class Submissions {
  constructor(
    private readonly tools: Tools,
    private readonly options: SubmissionOptions,
  ) {}

  submit(wish: ExecuteRequest, key = randomId()): Submitted {
    const { label } = this.options;
    const request = structuredClone(wish);
    if (label !== undefined) {
      request.labels = { ...request.labels, [label]: key };
    }
    return { key, done: this.carryOut(key, request) };
  }

  /** Hands in again, under its key, what is not known to be an order. */
  resubmit(key: string): Submitted {
    const submission = this.tools.cache.submission(key);
    if (submission === undefined || submission.kind === "pending") {
      throw new OrderdError(`no submission "${key}" waits to be handed in again`);
    }
    return { key, done: this.carryOut(key, submission.request, submission.kind === "unknown") };
  }

  /** An order has come by the stream: is it one of ours? */
  recognize(order: Order): void {
    const { label } = this.options;
    const key = label === undefined ? undefined : order.labels[label];
    if (key !== undefined && this.tools.cache.submission(key) !== undefined) {
      this.tools.cache.settle(key, order.id);
    }
  }

  private async carryOut(key: string, request: ExecuteRequest, mayBeTaken = false): Promise<Outcome> {
    let isUnknown = mayBeTaken;
    let problem: OrderdError | undefined;
    for (let attempt = 0; attempt < this.options.attempts; attempt += 1) {
      this.show({ kind: "pending", key, request, attempts: attempt + 1 }, problem);
      try {
        const accepted = await this.tools.client.submit(request, { idempotencyKey: key });
        await this.settle(accepted);
        return { kind: "accepted", accepted };
      } catch (error) {
        problem = error instanceof OrderdError ? error : new OrderdError(String(error), { cause: error });
      }
      isUnknown ||= mayHaveTaken(problem);
      if (problem instanceof ProblemError && !problem.isPassing) {
        return this.fail({ kind: "failed", key, request, attempts: attempt + 1 }, problem);
      }
      await this.pause(problem, attempt);
    }
    const kind = isUnknown ? "unknown" : "failed";
    return this.fail(
      { kind, key, request, attempts: this.options.attempts },
      problem ?? new OrderdError("not sent"),
    );
  }

  private async settle({ idempotencyKey, orderId }: Accepted): Promise<void> {
    this.tools.cache.settle(idempotencyKey, orderId);
    if (this.tools.cache.latest(orderId) === undefined) {
      // It may be left out by the filter; and nobody should have to wait for the stream.
      const order = await this.tools.client.order(orderId).catch(() => undefined);
      if (order !== undefined) {
        this.tools.merge.answer(order);
      }
    }
    // Whoever waits for the outcome finds the order in the cache then.
    this.tools.cache.publish();
  }

  private fail(submission: Submission & { kind: "failed" | "unknown" }, problem: OrderdError): Outcome {
    // By the stream it may have become an order meanwhile.
    if (this.tools.cache.get(submission.key)?.kind !== "order") {
      this.show(submission, problem);
    }
    return { kind: submission.kind, problem };
  }

  private show(submission: Submission, problem: OrderdError | undefined): void {
    this.tools.cache.show(problem === undefined ? submission : { ...submission, problem });
  }

  private pause(problem: OrderdError, attempt: number): Promise<void> {
    const { timers, backoff } = this.tools;
    const wait = fullJitter(backoff, attempt, timers.random());
    const asked = problem instanceof ProblemError ? (problem.retryAfterMs ?? 0) : 0;
    return new Promise((resolve) => timers.after(Math.max(wait, asked), resolve));
  }
}

/** Whether the daemon may have taken an order in spite of this. */
function mayHaveTaken(problem: OrderdError): boolean {
  const isRefusal = problem instanceof ProblemError && ["queue-full", "draining"].includes(problem.code);
  return !isRefusal && (problem instanceof TransportError || problem instanceof ProblemError);
}
