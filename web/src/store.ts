import { useEffect, useState } from 'preact/hooks';

/** The page's state in one place: read by components, written by those who talk to the server. */
export class Store<T extends object> {
  readonly #listeners = new Set<() => void>();
  #state: T;

  constructor(initial: T) {
    this.#state = initial;
  }

  get(): T {
    return this.#state;
  }

  update(change: Partial<T>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of [...this.#listeners]) listener();
  }

  /** Returns the function that ends it. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** Draws the component again when what it selects becomes another value. */
export function useStore<T extends object, V>(store: Store<T>, select: (state: T) => V): V {
  const [value, setValue] = useState(() => select(store.get()));
  useEffect(() => {
    // A function as state would be called by preact; the wrapper keeps selected functions values.
    const take = (): void => setValue(() => select(store.get()));
    take();
    return store.subscribe(take);
  }, [store]);
  return value;
}
