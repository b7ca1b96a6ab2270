/**
 * Those who want to hear of something. One that fails keeps nobody else from hearing.
 */

export class Listeners<T extends unknown[]> {
  private readonly all = new Set<(...what: T) => void>();

  /** Gives what ends it. The same function may be added twice. */
  add(listener: (...what: T) => void): () => void {
    const own = (...what: T) => listener(...what);
    this.all.add(own);
    return () => this.all.delete(own);
  }

  get size(): number {
    return this.all.size;
  }

  tell(...what: T): void {
    for (const listener of [...this.all]) {
      if (!this.all.has(listener)) {
        continue;
      }
      try {
        listener(...what);
      } catch (failure) {
        // Out of this call stack, where the environment reports it as an error of the listener's own.
        queueMicrotask(() => {
          throw failure;
        });
      }
    }
  }
}
