/**
 * One HTTP exchange: JSON both ways, a bound on its time, errors as values of their own.
 */

import { ProblemError, TransportError } from "./errors.js";
import type { Timers } from "./timers.js";
import type { Problem } from "./wire.js";

export interface HttpOptions {
  /** Where the daemon is, such as `http://127.0.0.1:3000`. */
  url: string | URL;
  /** A token of the daemon's configuration. */
  token?: string | undefined;
  /** How long an answer may take; 10 s when absent. */
  timeoutMs?: number | undefined;
  fetch?: typeof fetch | undefined;
  timers?: Timers | undefined;
}

export interface Call {
  method?: "GET" | "POST";
  /** Members without a value are left out. */
  query?: Record<string, string | number | null | undefined>;
  headers?: Record<string, string>;
  /** JSON text. */
  body?: string;
  signal?: AbortSignal | undefined;
}

/** An answer with 2xx. */
export interface Answer<T> {
  body: T;
  status: number;
  headers: Headers;
}

const DEFAULT_TIMEOUT_MS = 10_000;

export class Http {
  readonly url: URL;

  constructor(
    private readonly options: HttpOptions,
    private readonly timers: Timers,
  ) {
    this.url = new URL(options.url);
  }

  /** The answer, if it is 2xx; rejects with a {@link ProblemError} or a {@link TransportError}. */
  async call<T>(path: string, call: Call = {}): Promise<Answer<T>> {
    const abort = new AbortController();
    const timeoutMs = this.options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    let isLate = false;
    const endTimer = this.timers.after(timeoutMs, () => {
      isLate = true;
      abort.abort();
    });
    const onAbort = () => abort.abort();
    call.signal?.addEventListener("abort", onAbort);
    if (call.signal?.aborted) {
      onAbort();
    }
    try {
      return await this.exchange<T>(path, call, abort.signal);
    } catch (error) {
      if (error instanceof ProblemError || error instanceof TransportError) {
        throw error;
      }
      throw failure(error, call.signal?.aborted ? "aborted" : isLate ? "timeout" : "network", path);
    } finally {
      endTimer();
      call.signal?.removeEventListener("abort", onAbort);
    }
  }

  private async exchange<T>(path: string, call: Call, signal: AbortSignal): Promise<Answer<T>> {
    const url = new URL(path, this.url);
    for (const [name, value] of Object.entries(call.query ?? {})) {
      if (value != null) {
        url.searchParams.set(name, String(value));
      }
    }
    const { token, fetch: send = globalThis.fetch } = this.options;
    const headers: Record<string, string> = { accept: "application/json", ...call.headers };
    if (token !== undefined) {
      headers.authorization = `Bearer ${token}`;
    }
    const init: RequestInit = { method: call.method ?? "GET", headers, signal };
    if (call.body !== undefined) {
      headers["content-type"] = "application/json";
      init.body = call.body;
    }
    const response = await send(url.href, init);
    return { body: await read<T>(response), status: response.status, headers: response.headers };
  }
}

async function read<T>(response: Response): Promise<T> {
  const text = await response.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw new TransportError("malformed", `an answer with status ${response.status} is not JSON`, { cause });
  }
  if (response.ok) {
    return body as T;
  }
  if (!isProblem(body)) {
    throw new TransportError("malformed", `an answer with status ${response.status} is not a problem`);
  }
  throw new ProblemError(body, retryAfterMs(response.headers));
}

function isProblem(body: unknown): body is Problem {
  return typeof body === "object" && body !== null && "code" in body && "status" in body;
}

function retryAfterMs(headers: Headers): number | undefined {
  const seconds = Number(headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

function failure(cause: unknown, kind: "network" | "timeout" | "aborted", path: string): TransportError {
  const messages = {
    network: `no answer from ${path}: ${cause instanceof Error ? cause.message : String(cause)}`,
    timeout: `no answer from ${path} in time`,
    aborted: `the request to ${path} was given up`,
  };
  return new TransportError(kind, messages[kind], { cause });
}
