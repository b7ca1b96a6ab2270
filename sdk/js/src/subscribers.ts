/**
 * Who is told when a selected value of something has changed.
 */

export type Selector<S, T> = (source: S) => T;

/** What React's `useSyncExternalStore` takes. */
export interface View<T> {
  subscribe(listener: () => void): () => void;
  /** The same value, by identity, until it has changed. */
  getSnapshot(): T;
}

interface Subscriber {
  check(): void;
}

export class Subscribers<S> {
  private readonly all = new Set<Subscriber>();
  private version = 0;

  constructor(private readonly source: S) {}

  add<T>(select: Selector<S, T>, listener: (value: T) => void, isEqual: (a: T, b: T) => boolean): () => void {
    let last = select(this.source);
    const subscriber = {
      check: () => {
        const value = select(this.source);
        if (!isEqual(last, value)) {
          last = value;
          listener(value);
        }
      },
    };
    this.all.add(subscriber);
    return () => this.all.delete(subscriber);
  }

  view<T>(select: Selector<S, T>, isEqual: (a: T, b: T) => boolean): View<T> {
    let seen: { version: number; value: T } | undefined;
    const getSnapshot = () => {
      if (seen?.version !== this.version) {
        const value = select(this.source);
        const kept = seen !== undefined && isEqual(seen.value, value) ? seen.value : value;
        seen = { version: this.version, value: kept };
      }
      return seen.value;
    };
    return { getSnapshot, subscribe: (listener) => this.add(getSnapshot, listener, Object.is) };
  }

  /** Something has changed: tells those whose value has. One that fails keeps nobody else from hearing of it. */
  tell(): void {
    this.version += 1;
    const failures: unknown[] = [];
    for (const subscriber of [...this.all]) {
      try {
        if (this.all.has(subscriber)) {
          subscriber.check();
        }
      } catch (failure) {
        failures.push(failure);
      }
    }
    if (failures.length > 0) {
      // Out of this call stack, where the environment reports it as an error of the listener's own.
      queueMicrotask(() => {
        throw failures[0];
      });
    }
  }
}
