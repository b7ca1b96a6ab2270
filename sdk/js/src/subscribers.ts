/**
 * Who is told when a selected value of something has changed.
 */

import { Listeners } from "./listeners.js";

export type Selector<S, T> = (source: S) => T;

/** What React's `useSyncExternalStore` takes. */
export interface View<T> {
  subscribe(listener: () => void): () => void;
  /** The same value, by identity, until it has changed. */
  getSnapshot(): T;
}

export class Subscribers<S> {
  private readonly listeners = new Listeners<[]>();
  private version = 0;

  constructor(private readonly source: S) {}

  add<T>(select: Selector<S, T>, listener: (value: T) => void, isEqual: (a: T, b: T) => boolean): () => void {
    let last = select(this.source);
    return this.listeners.add(() => {
      const value = select(this.source);
      if (!isEqual(last, value)) {
        last = value;
        listener(value);
      }
    });
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

  /** Something has changed: tells those whose value has. */
  tell(): void {
    this.version += 1;
    this.listeners.tell();
  }
}
