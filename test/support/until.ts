/** Waits until `condition` gives something true, and returns that; throws after `limitMs`. */
export async function until<T>(
  condition: () => T | Promise<T>,
  what: string,
  limitMs = 15_000,
): Promise<NonNullable<Exclude<T, false | null | undefined>>> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const value = await condition();
    if (value) return value as NonNullable<Exclude<T, false | null | undefined>>;
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
